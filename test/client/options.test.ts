import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { MeshClientOptions } from '../../src/client/options.js';
import { Sidecar } from '../../src/mesh/sidecar.js';

const refused: [Partial<MeshClientOptions>, RegExp][] = [
  [{ timeoutMs: 0 }, /timeoutMs is 0/],
  [{ timeoutMs: Number.NaN }, /timeoutMs is NaN/],
  [{ connectTimeoutMs: -1 }, /connectTimeoutMs is -1/],
  [{ maxFrameBytes: 0 }, /maxFrameBytes is 0/],
  [{ connectionsPerEndpoint: 1.5 }, /connectionsPerEndpoint is 1.5/],
  [{ bolt: 'v3' as 'v2' }, /bolt is v3, it must be v1, v2 or v2-crc/],
  [
    {
      sidecar: new Sidecar({ app: 'test', env: {} }),
      sidecarConnect: () => Promise.reject(new Error('not called')),
    },
    /sidecarConnect goes with a session of the client itself/,
  ],
  [{ registry: 'http://127.0.0.1' }, /scheme http/],
  [{ registry: [] }, /list of addresses is empty/],
];

describe('options out of range are refused when the client is made', () => {
  test.each(refused)('%j', (options, message) => {
    expect(() => new MeshClient({ mode: 'direct', app: 'test', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});

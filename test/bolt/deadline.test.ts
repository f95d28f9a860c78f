import { describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../src/bolt/decoder.js';
import { BoltFraming } from '../../src/bolt/framing.js';
import { versionOf } from '../../src/bolt/version.js';
import { defineService, type ServiceContract } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { ByteWriter } from '../../src/core/bytes.js';
import type { Call, Metadata } from '../../src/core/call.js';
import { decodeAll } from '../../src/hessian/public.js';
import { type Seen, seen } from '../support/raw-peer.js';

const KEY = 'sofa_head_deadline_remain_time';
const methods = {
  echo: { args: [t.String], returns: t.String },
  note: { args: [t.String], returns: t.void, oneway: true },
} as const;
const Echo = defineService('com.acme.Echo', methods);
const Final = defineService('com.acme.Echo', methods, { grammar: 'final' });
const Json = defineService('com.acme.Echo', methods, { serialization: 'json' });

interface Written {
  method?: 'echo' | 'note';
  service?: ServiceContract;
  timeoutMs?: number;
  propagates?: boolean;
  metadata?: Metadata;
}

/** The frame of a request. */
function written({ method = 'echo', service = Echo, timeoutMs = 3000, ...more }: Written): Seen {
  const { propagates = true, metadata = {} } = more;
  const client = new BoltFraming(versionOf('v1')).client({ app: '', propagateDeadline: propagates });
  const framed = client.method(service, service.methods[method]);
  const out = new ByteWriter();
  const call = { args: ['hi'], metadata } as unknown as Call;
  framed.writeRequest(out, call, 7, timeoutMs, false);
  const frames: Seen[] = [];
  const decoder = new FrameDecoder({ maxFrameBytes: 1e6 });
  decoder.push(Buffer.from(out.written()), (frame) => frames.push(seen(frame)));
  return frames[0];
}

const headerOf = ({ header }: Seen) => new Map(header).get(KEY);
const propsOf = ({ content }: Seen, grammar: 'sofa' | 'final' = 'sofa') =>
  (decodeAll(content, { grammar })[0] as { requestProps: Map<string, unknown> }).requestProps;

describe("Java's deadline property", () => {
  test('is an Integer among the requestProps, to the byte', () => {
    // No SOFARPC 5.14 is to be had to make a vector with. Its source puts an Integer there (AbstractCluster) and takes
    // nothing else out (ProviderInvoker); the vectors of Hessian 3.5.5 say how Java writes one.
    const { content } = written({ timeoutMs: 3000, metadata: { a: 'b' } });
    const text = (value: string) => Buffer.from([value.length, ...Buffer.from(value)]).toString('hex');
    const props = [text('type'), text('sync'), text(KEY), 'd40bb8', text('a'), text('b')].join('');
    expect(content.toString('hex')).toContain(props);
  });

  test('is a header, too, as text', () => {
    expect(headerOf(written({ timeoutMs: 3000 }))).toBe('3000');
  });

  test.each([1, 47, 2047, 2048, 262_143, 262_144, 0x7fff_ffff])('%i ms arrive', (timeoutMs) => {
    const frame = written({ timeoutMs });
    expect([frame.timeout, headerOf(frame), propsOf(frame).get(KEY)]).toEqual([
      timeoutMs,
      String(timeoutMs),
      timeoutMs,
    ]);
  });

  test('is rounded up, as the timeout: what is left is never said to be nothing', () => {
    expect(propsOf(written({ timeoutMs: 0.2 })).get(KEY)).toBe(1);
  });

  test('says of a oneway request what its frame cannot say', () => {
    const frame = written({ method: 'note', timeoutMs: 250 });
    expect([frame.type, frame.timeout, propsOf(frame).get(KEY)]).toEqual([2, -1, 250]);
  });

  test('is written in the grammar of the service', () => {
    expect(propsOf(written({ service: Final }), 'final').get(KEY)).toBe(3000);
  });

  test.each<[string, Written]>([
    ['where it is not asked for', { propagates: false }],
    ['of a call without a deadline', { timeoutMs: Number.POSITIVE_INFINITY }],
    ['where the body has no requestProps: Java would stumble over the header alone', { service: Json }],
  ])('is left out %s', (_where, parts) => {
    const frame = written(parts);
    expect(headerOf(frame)).toBeUndefined();
    if (parts.service !== Json) expect([...propsOf(frame).keys()]).toEqual(['type']);
  });

  test('is not for metadata to set', () => {
    expect(() => written({ metadata: { [KEY]: '1' } })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(KEY) }),
    );
  });
});

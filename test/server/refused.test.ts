import { describe, expect, test } from 'vitest';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { later, People } from '../support/people.js';
import { type RequestParts, request } from '../support/raw-peer.js';
import { payloads, stillServer } from '../support/traced.js';

const SLOW: RequestParts = { method: 'slow' };

describe('a request that is not run is told of as refused, and as nothing else', () => {
  const none = { method: undefined, error: undefined };
  const of = { remote: 'raw:1', service: People.id };

  test.each<[string, RequestParts, object]>([
    [
      'its service is not here',
      { service: 'com.acme.Other:1.0' },
      { ...none, ...of, reason: 'unknown-service', service: 'com.acme.Other:1.0' },
    ],
    [
      'its method is not here',
      { method: 'other' },
      { ...of, reason: 'unknown-method', method: 'other', error: { code: 'METHOD_NOT_FOUND' } },
    ],
    [
      'it does not say which service',
      { header: [] },
      { ...none, ...of, reason: 'undecodable', service: undefined, error: { code: 'DECODE_FAILED' } },
    ],
    [
      'its codec is not known',
      { fields: { codec: 99 } },
      { ...none, ...of, reason: 'undecodable', error: { message: expect.stringContaining('codec 99') } },
    ],
    [
      'its codec is not the one of the service',
      { fields: { codec: 12 } },
      { ...none, ...of, reason: 'undecodable', error: { message: expect.stringContaining('uses 12') } },
    ],
    [
      'its body is broken',
      { content: Buffer.alloc(9, 0xff) },
      { ...of, reason: 'undecodable', error: { code: 'DECODE_FAILED' } },
    ],
  ])('%s', async (_, parts, wanted) => {
    const { told, refused, peer, ask } = stillServer();
    await ask(request(parts));
    expect(refused()).toMatchObject([wanted]);
    expect(peer.frames).toHaveLength(1);
    // Of a oneway request, too, which nothing is answered to.
    await ask(request({ ...parts, fields: { ...parts.fields, type: 2, timeout: -1 } }));
    expect(refused()).toMatchObject([wanted, wanted]);
    expect(peer.frames).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test('there is no room', async () => {
    const { told, refused, ask } = stillServer(
      { slow: () => later<string>().promise },
      { maxConcurrency: 1, maxQueue: 0 },
    );
    await ask(request(SLOW), request({ ...SLOW, fields: { requestId: 2 } }));
    expect(refused()).toEqual([{ ...none, ...of, reason: 'busy' }]);
    expect(payloads(told, 'server.call')).toHaveLength(1);
  });

  test('its caller gave up while it waited for a place', async () => {
    const first = later<string>();
    const { clock, told, refused, server, ask } = stillServer(
      { slow: () => first.promise },
      { maxConcurrency: 1 },
    );
    await ask(request(SLOW), request({ ...SLOW, fields: { requestId: 2, timeout: 10 } }));
    await clock.advance(50);
    first.resolve('first');
    await settled();
    expect(refused()).toEqual([{ ...of, reason: 'expired', method: 'slow', error: undefined }]);
    expect(new Set(told.map(({ message }) => message)).size).toBe(1);
    expect(server.health().expired).toBe(1);
  });

  test.each<[string, RequestParts, object]>([
    ['by the frame', { fields: { requestId: 2, timeout: 10 } }, { method: undefined }],
    [
      'by the property of a oneway request',
      {
        method: 'note',
        fields: { requestId: 2, type: 2, timeout: -1 },
        header: [
          ['service', People.id],
          ['sofa_head_deadline_remain_time', '10'],
        ],
      },
      { method: 'note' },
    ],
  ])('its caller had given up before it was read, %s', async (_, parts, wanted) => {
    let late = 0;
    class Late extends FakeClock {
      override now(): number {
        return super.now() + late;
      }

      override wallTime(): number {
        return super.wallTime() + late;
      }
    }
    const { told, refused, ask } = stillServer(
      {
        slow: (text) => {
          late = 100;
          return text;
        },
      },
      { clock: new Late() },
    );
    // Of several requests that come at once, the clock is looked at now and then.
    await ask(...Array.from({ length: 2 }, () => request(SLOW)), request(parts));
    expect(refused()).toEqual([{ ...of, reason: 'expired', error: undefined, ...wanted }]);
    expect(payloads(told, 'server.call')).toMatchObject([
      { startedAt: 0, queuedMs: 0 },
      { startedAt: 0, queuedMs: 100 },
    ]);
  });

  test('the server is being stopped', async () => {
    const first = later<string>();
    const { told, refused, clock, server, ask } = stillServer({ slow: () => first.promise });
    await ask(request(SLOW));
    const stopped = server.stop({ timeoutMs: 60_000 });
    await clock.advance(1_000);
    await ask(request({ ...SLOW, fields: { requestId: 2 } }));
    expect(refused()).toEqual([{ ...none, ...of, reason: 'stopping' }]);
    first.resolve('done');
    await clock.advance(60_000);
    await stopped;
    expect(payloads(told, 'server.call')).toHaveLength(1);
  });
});

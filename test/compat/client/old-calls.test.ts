import { describe, expect, test } from 'vitest';
import type { Outbound } from '../../../src/client/outbound.js';
import { parseAddress } from '../../../src/compat/client/address.js';
import { OldCalls, type OldCallsOptions } from '../../../src/compat/client/old-calls.js';
import { RpcRequest } from '../../../src/compat/client/rpc-request.js';
import type { Reply } from '../../../src/core/call.js';
import { MeshError } from '../../../src/core/errors.js';
import type { CallPlan } from '../../../src/framing/call-plan.js';
import { Hessian2Serializer } from '../../../src/serialization/hessian2.js';

const requestOf = (methodName = 'echo', serverSignature = 'com.acme.Echo:1.0') =>
  new RpcRequest({ serverSignature, methodName, args: [], timeout: 50 });

/** Calls whose replies a test gives. */
function calling(reply: (plan: CallPlan) => Promise<Reply>, own: Partial<OldCallsOptions> = {}) {
  const plans: CallPlan[] = [];
  const timeouts: unknown[] = [];
  const calls = new OldCalls({
    wire: { protocol: undefined },
    hessian: new Hessian2Serializer(),
    outboundOf: (plan) => {
      plans.push(plan);
      return {
        call: (_args: unknown, options: { timeoutMs: number }) => {
          timeouts.push(options.timeoutMs);
          return reply(plan);
        },
      } as unknown as Outbound;
    },
    addressOf: (endpoint) => parseAddress(endpoint ?? 'first:1'),
    isIdempotent: (name) => name.startsWith('get'),
    ...own,
  });
  return { calls, plans, timeouts };
}

const answered = async (): Promise<Reply> =>
  ({
    value: { data: { error: null, appResponse: 7 }, meta: { size: 9, start: 5, rt: 1 } },
    endpoint: { host: 'a', port: 1, address: 'a:1', attributes: {} },
  }) as unknown as Reply;

describe('a plan', () => {
  test('is made once for a method of a service, and knows whether it may run twice', async () => {
    const { calls, plans } = calling(answered);
    for (const [method, service] of [
      ['echo', 'a:1.0'],
      ['echo', 'a:1.0'],
      ['getIt', 'a:1.0'],
      ['echo', 'b:1.0'],
    ])
      await calls.call(requestOf(method, service));
    expect(plans.map(({ serviceId, method }) => [serviceId, method.name, method.idempotent])).toEqual([
      ['a:1.0', 'echo', false],
      ['a:1.0', 'getIt', true],
      ['b:1.0', 'echo', false],
    ]);
    expect(plans.every(({ inheritsDeadline }) => !inheritsDeadline)).toBe(true);
  });

  test('that is used least is forgotten, where there are very many', async () => {
    const { calls, plans } = calling(answered);
    for (let i = 0; i < 1_000; i++) await calls.call(requestOf(`m${i}`));
    await calls.call(requestOf('m0'));
    await calls.call(requestOf('one more'));
    expect(plans.length).toBe(1_001);
    await calls.call(requestOf('m0'));
    expect(plans.length).toBe(1_001);
    await calls.call(requestOf('m1'));
    expect(plans.length).toBe(1_002);
  });
});

describe('a call', () => {
  test('fills the meta with what became known', async () => {
    const { calls, timeouts } = calling(answered);
    const request = requestOf();
    expect(await calls.call(request)).toEqual({ error: null, appResponse: 7 });
    expect(request.meta).toMatchObject({
      address: { host: 'a:1' },
      resSize: 9,
      responseDecodeStart: 5,
      responseDecodeRT: 1,
      rt: expect.any(Number),
    });
    await calls.call(request, 12);
    expect(timeouts).toEqual([50, 12]);
  });

  test('whose timeout will be refused has time to be written: no race with a deadline', async () => {
    const { calls, timeouts } = calling(answered);
    for (const timeout of [true, '3000', 'abc', {}, -1]) {
      const request = requestOf();
      request.timeout = timeout as number;
      await calls.call(request);
    }
    expect(timeouts).toEqual(Array(5).fill(3_000));
  });

  test('that failed resolves to the old error, with the address where one is known', async () => {
    const failure = new MeshError('CONNECTION_LOST', 'lost', { endpoint: 'b:2' });
    const { calls } = calling(() => Promise.reject(failure));
    const request = requestOf();
    expect(await calls.call(request)).toMatchObject({
      error: { name: 'RpcSocketCloseError', message: expect.stringContaining('bolt://b:2') },
      appResponse: null,
    });
    expect(request.meta).toMatchObject({ address: { host: 'b:2' }, rt: expect.any(Number) });
  });

  test('that found nobody resolves to what the core said', async () => {
    const failure = new MeshError('NO_ENDPOINT', 'nobody');
    const { calls } = calling(() => Promise.reject(failure));
    const request = requestOf();
    expect(await calls.call(request)).toBe(failure);
    expect(request.meta).toMatchObject({ address: null, rt: null });
  });

  test('an address without a query does not say a codec', async () => {
    const { calls, plans } = calling(answered, { addressOf: () => ({ host: 'a:1', href: 'a#1' }) as never });
    await calls.call(requestOf());
    const options = (plans[0] as unknown as { options: { codecOfService(): unknown } }).options;
    expect(options.codecOfService()).toBe(undefined);
  });
});

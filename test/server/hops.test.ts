import { describe, expect, test } from 'vitest';
import type { MeshClientOptions } from '../../src/client/options.js';
import type { HandlerContext } from '../../src/core/call.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { watched } from '../support/network.js';
import { People, people } from '../support/people.js';

const WORK_MS = 40;

/** Three servers in a row: each works for 40 ms, then calls the next. */
function chainOf(last: 'slow' | 'note', options: Partial<MeshClientOptions>) {
  const clock = new FakeClock();
  const left: number[] = [];
  const work = async (ctx: HandlerContext) => {
    left.push(ctx.remainingMs());
    await new Promise<void>((resolve) => clock.schedule(resolve, WORK_MS));
  };
  const pair = () => memoryPair({ client: { clock, ...options }, server: { clock } });
  const [first, second, third] = [pair(), pair(), pair()];
  first.server.add(
    People,
    people({
      echo: async (text, ctx) => {
        await work(ctx);
        return second.client.service(People).echo(text);
      },
    }),
  );
  second.server.add(
    People,
    people({
      echo: async (text, ctx) => {
        await work(ctx);
        await third.client.service(People)[last](text);
        return text;
      },
    }),
  );
  third.server.add(
    People,
    people({
      slow: async (text, ctx) => {
        await work(ctx);
        return text;
      },
      note: async (_text, ctx) => work(ctx),
    }),
  );
  return { clock, left, call: first.client.service(People).echo };
}

describe('over three hops', () => {
  test('each has what the one before left of the first deadline, whatever its own timeout is', async () => {
    const { clock, left, call } = chainOf('slow', {});
    const calling = watched(call('x', { timeoutMs: 200 }));
    await clock.advance(200);
    expect(calling.value).toBe('x');
    expect(left).toEqual([200, 160, 120]);
  });

  test('nothing is asked of the third when the time is used up', async () => {
    const { clock, left, call } = chainOf('slow', {});
    const calling = watched(call('x', { timeoutMs: 60 }));
    await clock.advance(200);
    expect(calling.state).toBe('rejected');
    expect(left).toEqual([60, 20]);
  });

  test('a oneway request has a deadline where the property says it, for its frame cannot', async () => {
    for (const [propagateDeadline, expected] of [
      [true, 120],
      [false, Number.POSITIVE_INFINITY],
    ] as const) {
      const { clock, left, call } = chainOf('note', { propagateDeadline });
      watched(call('x', { timeoutMs: 200 }));
      await clock.advance(200);
      expect(left).toEqual([200, 160, expected]);
    }
  });
});

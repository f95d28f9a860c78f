import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { encodeAll } from '../../src/hessian/public.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { RoughClock } from '../../src/server/rough-clock.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { java } from '../../src/values/java.js';
import { People, people } from '../support/people.js';
import { RawPeer, REQUEST, request } from '../support/raw-peer.js';

/** A clock that only moves when a handler works. */
class WorkClock extends FakeClock {
  worked = 0;
  looks = 0;

  override now(): number {
    this.looks++;
    return super.now() + this.worked;
  }
}

function setUp(clock: Clock = new FakeClock(), work: () => void = () => undefined) {
  const ran: { text: string | null; remainingMs: number }[] = [];
  const run = (text: string | null, ctx: { remainingMs(): number }) => {
    ran.push({ text, remainingMs: ctx.remainingMs() });
    work();
  };
  const server = new MeshServer({ app: 'test', mode: 'direct', clock }).add(
    People,
    people({
      note: run,
      echo: (text, ctx) => {
        run(text, ctx);
        return text;
      },
    }),
  );
  const [near, far] = duplexPair();
  server.accept(near);
  return { server, ran, peer: new RawPeer(far) };
}

/** The body of a request as SOFARPC 5.14 writes it with `deadline.enable`: the property is an Integer. */
function bodyWith(props: object | null, method = 'note', arg = 'hi'): Buffer {
  const head = java.object(REQUEST, {
    targetAppName: null,
    methodName: method,
    targetServiceUniqueName: People.id,
    requestProps: props,
    methodArgSigs: java.array('java.lang.String', ['java.lang.String']),
  });
  return encodeAll([head, arg]);
}

const KEY = 'sofa_head_deadline_remain_time';
const ONEWAY = { type: 2, timeout: -1 };
const headerWith = (ms: string): [string, string][] => [
  ['service', People.id],
  ['sofa_head_method_name', 'note'],
  [KEY, ms],
];

describe("Java's deadline property", () => {
  test.each([
    ['as an Integer among the props', { content: bodyWith({ type: 'oneway', [KEY]: java.int(250) }) }],
    ['as text among the props', { content: bodyWith({ [KEY]: '250' }) }],
    ['in the header', { header: headerWith('250'), content: bodyWith({ type: 'oneway' }) }],
    [
      'in both, as Java writes it',
      { header: headerWith('250'), content: bodyWith({ [KEY]: java.int(250) }) },
    ],
    ['beside a map', { content: bodyWith({ trace: { id: 'a' }, [KEY]: java.int(250) }) }],
  ])('is the deadline of a request without a timeout: %s', async (_how, parts) => {
    const { ran, peer } = setUp();
    peer.write(request({ method: 'note', fields: ONEWAY, ...parts }));
    await settled();
    expect(ran).toEqual([{ text: 'hi', remainingMs: 250 }]);
  });

  test.each([
    ['there is none', { content: bodyWith({ type: 'oneway' }) }],
    ['there are no props', { content: bodyWith(null) }],
    ['it is no integer', { header: headerWith('soon'), content: bodyWith(null) }],
    ['it is only spoken of', { content: bodyWith({ about: KEY }) }],
  ])('without it there is no deadline: %s', async (_how, parts) => {
    const { ran, peer } = setUp();
    peer.write(request({ method: 'note', fields: ONEWAY, ...parts }));
    await settled();
    expect(ran).toEqual([{ text: 'hi', remainingMs: Number.POSITIVE_INFINITY }]);
  });

  test('a request with a timeout has that: Java makes it the smaller of both', async () => {
    const { ran, peer } = setUp();
    const content = bodyWith({ [KEY]: java.int(9_000) }, 'echo');
    peer.write(request({ fields: { timeout: 300 }, content }));
    await settled();
    expect(ran).toEqual([{ text: 'hi', remainingMs: 300 }]);
  });

  test.each(['0', '-5'])('%s left: it is not run', async (ms) => {
    const { ran, peer, server } = setUp();
    peer.write(request({ method: 'note', fields: ONEWAY, header: headerWith(ms) }));
    await settled();
    expect(ran).toEqual([]);
    expect(server.health().expired).toBe(1);
  });
});

describe('a request whose deadline passed while others of its chunk were served', () => {
  const echo = (requestId: number, timeout: number) =>
    request({ args: [String(requestId)], fields: { requestId, timeout } });

  test('is not run, and not answered', async () => {
    const clock = new WorkClock();
    const { ran, peer, server } = setUp(clock, () => {
      clock.worked += 60;
    });
    peer.write(echo(1, 100), echo(2, 100), echo(3, 100), echo(4, 1_000));
    await settled();
    expect(ran.map(({ text }) => text)).toEqual(['1', '2', '4']);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual([1, 2, 4]);
    expect(server.health().expired).toBe(1);
  });

  test('while handlers are quick the clock is not asked for every request', async () => {
    const clock = new WorkClock();
    const { ran, peer } = setUp(clock);
    const requests = Array.from({ length: 160 }, (_, i) => echo(i + 1, 1_000));
    clock.looks = 0;
    peer.write(...requests);
    await settled();
    expect(ran).toHaveLength(160);
    // Each handler asked how much is left.
    expect(clock.looks - 160).toBeLessThan(30);
  });
});

describe('the rough clock', () => {
  test('begins with the time of the chunk, looks for every request while they are slow, and ever more rarely while they are quick', () => {
    const clock = new WorkClock();
    const rough = new RoughClock(clock);
    const looksOf = (requests: number, each: number) => {
      const before = clock.looks;
      for (let i = 0; i < requests; i++) {
        clock.worked += each;
        rough.now(0);
      }
      return clock.looks - before;
    };
    expect(rough.now(0)).toBe(0);
    expect(looksOf(10, 2)).toBe(10);
    expect(looksOf(1_000, 0)).toBeLessThan(80);
    expect(looksOf(100, 2)).toBeGreaterThan(80);
    expect(rough.now(1_000_000)).toBe(1_000_000);
  });
});

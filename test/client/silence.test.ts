import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { Network, watched } from '../support/network.js';
import { People } from '../support/people.js';
import { frameOf, type RawPeer, response, type Seen } from '../support/raw-peer.js';

const isHeartbeat = (frame: Seen) => frame.cmdCode === 0;

function ack({ requestId }: Seen): Buffer {
  return frameOf({ proto: 1, type: 0, cmdCode: 0, requestId, codec: 1, status: 0 });
}

/** Answers every request that came and was not answered yet, and every heartbeat. */
class Answering {
  private done = 0;

  constructor(private readonly peer: RawPeer) {}

  async answer(): Promise<void> {
    await settled();
    for (; this.done < this.peer.frames.length; this.done++) {
      const frame = this.peer.frames[this.done];
      this.peer.write(isHeartbeat(frame) ? ack(frame) : response(frame.requestId, 'ok'));
    }
    await settled();
  }
}

function setUp() {
  const network = new Network();
  const clock = new FakeClock();
  const [dead, alive] = [network.raw('a:1'), network.raw('b:2')];
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: 'bolt://a:1,bolt://b:2',
    connect: network.connect,
    clock,
    random: seededRandom(1),
    balancer: 'roundRobin',
    retry: false,
    outlierEjection: false,
    circuitBreaker: false,
    timeoutMs: 1_000,
  });
  return { network, clock, client, dead, alive, service: client.service(People) };
}

describe('a provider that falls silent without closing its connection', () => {
  test('is asked at once when a call to it ran out of time, and gets no calls until it answers', async () => {
    const { clock, dead, alive, service } = setUp();
    const warm = [service.echo(''), service.echo('')];
    await settled();
    const [a, b] = [new Answering(dead[0]), new Answering(alive[0])];
    await Promise.all([a.answer(), b.answer(), ...warm]);
    await clock.advance(500);

    const lost = [watched(service.echo('1')), watched(service.echo('2'))];
    await b.answer();
    await clock.advance(1_020);
    expect(lost.map(({ state }) => state).sort()).toEqual(['rejected', 'resolved']);
    const asked = dead[0].frames.filter(isHeartbeat);
    expect(asked).toHaveLength(1);

    const requestsBefore = dead[0].requests.length;
    const others = Array.from({ length: 6 }, () => service.echo('3'));
    await b.answer();
    await Promise.all(others);
    expect(dead[0].requests).toHaveLength(requestsBefore);

    dead[0].write(ack(asked[0]));
    await settled();
    const shared = [service.echo('4'), service.echo('5')];
    await Promise.all([a.answer(), b.answer()]);
    await Promise.all(shared);
    expect(dead[0].requests).toHaveLength(requestsBefore + 1);
  });

  test('is asked again every second, and its connection is replaced after 20 s at the latest', async () => {
    const { clock, dead, alive, service } = setUp();
    const warm = [watched(service.echo('')), watched(service.echo(''))];
    await settled();
    const b = new Answering(alive[0]);
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      await b.answer();
    }
    expect(warm.map(({ state }) => state).sort()).toEqual(['rejected', 'resolved']);
    expect(dead[0].frames.filter(isHeartbeat).length).toBeGreaterThan(10);
    expect(dead[0].ended).toBe(true);
    expect(dead).toHaveLength(2);
  });

  test('leads the next connection into the same hole: that one gets no call before it has answered', async () => {
    const { clock, dead, alive, service } = setUp();
    watched(service.echo(''));
    watched(service.echo(''));
    await settled();
    const b = new Answering(alive[0]);
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      await b.answer();
    }
    const calls = Array.from({ length: 4 }, () => service.echo(''));
    await b.answer();
    await Promise.all(calls);
    expect(dead[1].frames.every(isHeartbeat)).toBe(true);
    expect(dead[1].frames.length).toBeGreaterThan(0);

    dead[1].write(ack(dead[1].frames[0]));
    await settled();
    const a = new Answering(dead[1]);
    const shared = [service.echo(''), service.echo('')];
    await Promise.all([a.answer(), b.answer()]);
    await Promise.all(shared);
    expect(dead[1].requests).toHaveLength(1);
  });

  test('is used all the same where there is no other', async () => {
    const { network, clock, service, dead } = setUp();
    network.refuse('b:2');
    const first = watched(service.echo(''));
    await clock.advance(1_020);
    expect(first.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', endpoint: 'a:1' });
    const second = watched(service.echo(''));
    await new Answering(dead[0]).answer();
    expect(second.value).toBe('ok');
  });
});

test('a slow method alone makes nobody suspicious: its connection has answered others meanwhile', async () => {
  const { network, clock, service, dead } = setUp();
  network.refuse('b:2');
  const slow = watched(service.echo('slow'));
  await clock.advance(500);
  watched(service.echo('quick'));
  await settled();
  dead[0].write(response(dead[0].frames[1].requestId, 'ok'));
  await clock.advance(600);
  expect(slow.state).toBe('rejected');
  expect(dead[0].frames.filter(isHeartbeat)).toHaveLength(0);
});

test.each([
  { heartbeat: { idleMs: 2_000, answerMs: 1_000, misses: 1 }, closedAfterS: 3 },
  { heartbeat: { idleMs: 5_000, answerMs: 1_000, misses: 1 }, closedAfterS: 6 },
  { heartbeat: { idleMs: 2_000, answerMs: 4_000, misses: 1 }, closedAfterS: 6 },
  { heartbeat: { idleMs: 2_000, answerMs: 1_000, misses: 4 }, closedAfterS: 6 },
])('the option $heartbeat: a silent connection is closed after $closedAfterS s', async (options) => {
  const { heartbeat, closedAfterS } = options;
  const network = new Network();
  const clock = new FakeClock();
  const dead = network.raw('a:1');
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: 'a:1',
    connect: network.connect,
    clock,
    heartbeat,
  });
  watched(client.service(People).echo('', { timeoutMs: 60_000 }));
  await settled();
  await clock.advance(closedAfterS * 1_000 - 1);
  expect(dead[0].ended).toBe(false);
  await clock.advance(1);
  expect(dead[0].ended).toBe(true);
});

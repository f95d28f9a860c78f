import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeFrame } from '../../src/bolt/encode.js';
import type { ByteWriter } from '../../src/core/bytes.js';
import { endpointOf } from '../../src/core/endpoint.js';
import { MeshError } from '../../src/core/errors.js';
import type { Message } from '../../src/framing/framing.js';
import { type BoltOption, boltFraming } from '../../src/protocol/framings.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import {
  type BusyHeartbeat,
  ClientConnection,
  DEFAULT_HEARTBEAT,
} from '../../src/transport/client-connection.js';
import { Exchange } from '../../src/transport/exchange.js';
import { OutputPool } from '../../src/transport/output-pool.js';
import { frameOf, RawPeer, request, response } from '../support/raw-peer.js';

class TestExchange extends Exchange {
  answeredWith: number | undefined;
  failure: { error: MeshError; sent: boolean } | undefined;

  constructor(
    readonly oneway = false,
    private readonly size = 0,
    private readonly refuse?: Error,
  ) {
    super();
  }

  encode(out: ByteWriter, requestId: number): void {
    encodeFrame(
      out,
      { proto: 1, type: this.oneway ? 2 : 1, cmdCode: 1, requestId, codec: 1, timeout: 1 },
      '',
      [],
      Buffer.alloc(this.size),
    );
    if (this.refuse) throw this.refuse;
  }

  complete(frame: Message): void {
    this.answeredWith = frame.requestId;
  }

  fail(error: MeshError, sent: boolean): void {
    expect(this.failure).toBeUndefined();
    this.failure = { error, sent };
  }

  onDeadline(): void {}
}

interface Opened {
  connection: ClientConnection;
  clock: FakeClock;
  peer: RawPeer;
  far: Duplex;
  unusable: number;
  late: number;
  closed: MeshError[];
  /** As the client's runtime does: once a second. */
  pass(seconds: number): Promise<void>;
}

function open(bolt: BoltOption = 'v1', read = true, heartbeat: BusyHeartbeat = DEFAULT_HEARTBEAT): Opened {
  const [stream, far] = duplexPair();
  const clock = new FakeClock();
  const opened = { clock, far, unusable: 0, late: 0, closed: [] as MeshError[] } as Opened;
  opened.connection = new ClientConnection({
    stream,
    endpoint: endpointOf('peer', 1),
    clock,
    pool: new OutputPool(),
    maxFrameBytes: 1 << 20,
    heartbeat,
    framing: boltFraming(bolt),
    introducesItself: true,
    onUnusable: () => opened.unusable++,
    onClosed: (_connection, reason) => opened.closed.push(reason),
    onLateResponse: () => opened.late++,
  });
  if (read) opened.peer = new RawPeer(far);
  opened.pass = async (seconds) => {
    for (let i = 0; i < seconds && opened.closed.length === 0; i++) {
      await clock.advance(1000);
      opened.connection.checkLiveness(clock.now());
      await settled();
    }
  };
  return opened;
}

const ack = (requestId: number, parts: Partial<Parameters<typeof frameOf>[0]> = {}, name = '') =>
  frameOf({ proto: 1, type: 0, cmdCode: 0, requestId, codec: 1, status: 0, ...parts }, name);
const goAway = frameOf({ proto: 1, type: 1, cmdCode: 100, requestId: 0, codec: 1, timeout: -1 });

describe('heartbeats', () => {
  test('the first after 15 s without a read, then one a second; three unanswered ones close it, under 20 s in all', async () => {
    const { pass, peer, closed, clock } = open();
    await pass(14);
    expect(peer.frames).toHaveLength(0);
    await pass(1);
    expect(peer.frames).toHaveLength(1);
    expect(peer.frames[0]).toMatchObject({
      type: 1,
      cmdCode: 0,
      ver2: 1,
      codec: 1,
      timeout: -1,
      className: '',
      header: [],
      content: Buffer.alloc(0),
    });
    await pass(1);
    expect(peer.frames).toHaveLength(2);
    await pass(1);
    expect(peer.frames).toHaveLength(3);
    expect(closed).toEqual([]);
    await pass(1);
    expect(closed).toHaveLength(1);
    expect(closed[0]).toMatchObject({
      code: 'CONNECTION_LOST',
      endpoint: 'peer:1',
      message: expect.stringMatching(/peer:1 is dead: nothing was read for 18000 ms and 3 heartbeats/),
    });
    expect(clock.now()).toBeLessThan(20_000);
    expect(new Set(peer.frames.map((frame) => frame.requestId)).size).toBe(3);
  });

  test('a timer that comes a fraction of a millisecond early does not cost another second', async () => {
    const { connection, closed, clock } = open();
    for (const at of [15_000.4, 16_000.1, 16_999.9, 17_999.6]) connection.checkLiveness(at);
    expect(closed).toHaveLength(1);
    expect(clock.now()).toBe(0);
  });

  test('any read, be it an answer or part of a response, starts the 15 s anew', async () => {
    const { pass, peer, closed, far } = open();
    await pass(16);
    expect(peer.frames).toHaveLength(2);
    far.write(ack(peer.frames[0].requestId));
    await pass(14);
    expect(peer.frames).toHaveLength(2);
    await pass(1);
    expect(peer.frames).toHaveLength(3);
    far.write(response(1, 'x').subarray(0, 5));
    await pass(14);
    expect(peer.frames).toHaveLength(3);
    expect(closed).toEqual([]);
  });

  test('misses count in a row: after a read it takes all three again', async () => {
    const { pass, far, closed, clock } = open();
    await pass(17);
    far.write(ack(1));
    await pass(17);
    expect(closed).toEqual([]);
    await pass(1);
    expect(closed).toHaveLength(1);
    expect(clock.now()).toBe(35_000);
  });

  test('one that was answered before this program stood still counts no miss', async () => {
    const { connection, far, closed, clock, pass } = open();
    await pass(15);
    far.write(ack(1));
    await settled();
    for (let i = 0; i < 3; i++) {
      // Nothing was looked at for longer than a probe takes.
      await clock.advance(16_000);
      connection.checkLiveness(clock.now());
      await settled();
      far.write(ack(2));
      await settled();
    }
    expect(closed).toEqual([]);
  });

  test('where calls wait and it is told to, the first goes out sooner, and one missed answer is enough', async () => {
    const { connection, peer, closed, clock } = open(undefined, true, {
      ...DEFAULT_HEARTBEAT,
      busyIdleMs: 500,
    });
    const look = async (ms: number) => {
      await clock.advance(ms);
      connection.checkLiveness(clock.now());
      await settled();
    };
    await look(5_000);
    expect(peer.frames).toHaveLength(0);
    const call = new TestExchange();
    connection.send(call);
    await look(1);
    expect(peer.frames).toHaveLength(2);
    await look(900);
    expect(closed).toEqual([]);
    await look(100);
    expect(closed[0]?.message).toMatch(/nothing was read for 6001 ms and a heartbeat was not answered/);
    expect(call.failure).toMatchObject({ sent: true });
  });

  test('alive() asks at once, and says when something is read, or why that cannot be', async () => {
    const { connection, peer, far } = open();
    const alive = connection.alive();
    const [heartbeat] = await peer.received(1);
    expect(heartbeat).toMatchObject({ type: 1, cmdCode: 0 });
    far.write(ack(heartbeat.requestId));
    await alive;
    const asked = connection.alive();
    far.destroy();
    await expect(asked).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(connection.alive()).rejects.toMatchObject({ code: 'CONNECTION_LOST', endpoint: 'peer:1' });
  });

  test('what this side writes does not count: a dead peer would look alive', async () => {
    const { connection, pass, closed } = open();
    for (let i = 0; i < 18; i++) {
      connection.send(new TestExchange());
      await pass(1);
    }
    expect(closed).toHaveLength(1);
  });

  test.each([
    ['codec 11 and timeout 0', ack(1, { codec: 11 })],
    ['a class name and ver2 = 0', ack(1, { ver2: 0 }, 'com.alipay.remoting.rpc.HeartbeatAckCommand')],
    ['an id that was never sent', ack(4711)],
    ['version 2', ack(1, { proto: 2, ver1: 1 })],
  ])('an answer with %s is taken', async (_what, bytes) => {
    const { pass, far, closed, late } = open();
    await pass(15);
    far.write(bytes);
    await pass(14);
    expect(closed).toEqual([]);
    expect(late).toBe(0);
  });

  test('one that the server sends is answered with its id and version', async () => {
    const { peer, far } = open();
    far.write(
      frameOf({
        proto: 2,
        ver1: 1,
        type: 1,
        cmdCode: 0,
        ver2: 0,
        requestId: 0xfffffff0,
        codec: 11,
        switch: 0,
        timeout: 0,
      }),
    );
    const [answer] = await peer.received(1);
    expect(answer).toMatchObject({
      proto: 2,
      ver1: 1,
      type: 0,
      cmdCode: 0,
      ver2: 1,
      requestId: 0xfffffff0,
      codec: 1,
      switch: 0,
      status: 0,
      className: '',
    });
  });

  test('over version 2 with CRC they have none, as in Java', async () => {
    const { pass, peer } = open('v2-crc');
    await pass(15);
    expect(peer.frames[0]).toMatchObject({ proto: 2, ver1: 2, switch: 0, cmdCode: 0 });
  });
});

describe('responses', () => {
  test('find their calls in any order', async () => {
    const { connection, far, late } = open();
    const calls = Array.from({ length: 5 }, () => new TestExchange());
    for (const call of calls) connection.send(call);
    await settled();
    for (const call of [...calls].reverse()) far.write(response(call.requestId, 'x'));
    await settled();
    expect(calls.map((call) => call.answeredWith)).toEqual(calls.map((call) => call.requestId));
    expect(connection.pendingCount).toBe(0);
    expect(late).toBe(0);
  });

  test('late, duplicate and unknown ones are dropped, counted and published', async () => {
    const opened = open();
    const { connection, far } = opened;
    const published: unknown[] = [];
    const listen = (message: unknown) => published.push(message);
    subscribe('sofa-mesh-sdk:response.late', listen);
    const answered = new TestExchange();
    const given = new TestExchange();
    connection.send(answered);
    connection.send(given);
    await settled();
    connection.forget(given);
    far.write(
      Buffer.concat([
        response(answered.requestId, 'x'),
        response(answered.requestId, 'x'),
        response(given.requestId, 'x'),
        response(0xffffffff, 'x'),
      ]),
    );
    await settled();
    unsubscribe('sofa-mesh-sdk:response.late', listen);
    expect(answered.answeredWith).toBe(answered.requestId);
    expect(given.answeredWith).toBeUndefined();
    expect(opened.late).toBe(3);
    expect(published).toEqual(
      [answered.requestId, given.requestId, 0xffffffff].map((requestId) => ({ remote: 'peer:1', requestId })),
    );
    expect(opened.closed).toEqual([]);
  });

  test('a request that is sent to a client closes it with the reason, and its calls fail', async () => {
    const { connection, far, closed } = open();
    const call = new TestExchange();
    connection.send(call);
    await settled();
    far.write(request());
    await settled();
    expect(closed[0]).toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringMatching(/peer:1 sent a request .* to a client/),
    });
    expect(call.failure).toMatchObject({ sent: true, error: { code: 'PROTOCOL_VIOLATION' } });
  });
});

describe('go-away', () => {
  test('calls in flight are answered, then the connection closes; at once where there are none', async () => {
    const opened = open();
    const { connection, far } = opened;
    const call = new TestExchange();
    connection.send(call);
    await settled();
    far.write(goAway);
    await settled();
    expect(connection.isUsable).toBe(false);
    expect([opened.unusable, opened.closed.length]).toEqual([1, 0]);
    far.write(response(call.requestId, 'x'));
    await settled();
    expect(call.answeredWith).toBe(call.requestId);
    expect(opened.closed).toHaveLength(1);
    expect(opened.unusable).toBe(1);

    const idle = open();
    idle.far.write(goAway);
    await settled();
    expect(idle.closed).toHaveLength(1);
  });

  test('a call that is given up while the connection drains is waited for no longer', async () => {
    const { connection, far, closed } = open();
    const call = new TestExchange();
    connection.send(call);
    await settled();
    far.write(goAway);
    await settled();
    connection.forget(call);
    await settled();
    expect(closed).toHaveLength(1);
  });

  test('it may come twice', async () => {
    const opened = open();
    const call = new TestExchange();
    opened.connection.send(call);
    await settled();
    opened.far.write(Buffer.concat([goAway, goAway]));
    await settled();
    expect([opened.unusable, opened.closed.length]).toEqual([1, 0]);
  });
});

describe('sent', () => {
  test('is false for what never left, true for what did, when the connection is lost', async () => {
    const { connection, far } = open();
    const early = new TestExchange();
    connection.send(early);
    await settled();
    const tooLate = new TestExchange();
    connection.send(tooLate);
    connection.close(new MeshError('CONNECTION_LOST', 'cut'));
    expect([early.failure?.sent, tooLate.failure?.sent]).toEqual([true, false]);
    await settled();
    expect(far.destroyed).toBe(true);
  });

  test('is false for what waits behind a write that the network does not take', async () => {
    const { connection } = open(undefined, false);
    const calls = Array.from({ length: 6 }, () => new TestExchange(false, 30_000));
    for (const call of calls) {
      connection.send(call);
      await settled();
    }
    connection.close(new MeshError('CONNECTION_LOST', 'cut'));
    const sent = calls.map((call) => call.failure?.sent);
    expect(sent[0]).toBe(true);
    expect(sent.at(-1)).toBe(false);
    expect(sent).toEqual([...sent].sort((a, b) => Number(b) - Number(a)));
  });

  test('is told to whoever gives a call up, before and after it left', async () => {
    const { connection } = open();
    const call = new TestExchange();
    connection.send(call);
    expect(connection.forget(call)).toBe(false);
    const other = new TestExchange();
    connection.send(other);
    await settled();
    expect(connection.forget(other)).toBe(true);
  });

  test('is right where ids wrap', async () => {
    const { connection } = open();
    (connection as unknown as { pending: { lastId: number } }).pending.lastId = 0x7fff_fffd;
    const calls = Array.from({ length: 4 }, () => new TestExchange());
    connection.send(calls[0]);
    connection.send(calls[1]);
    await settled();
    connection.send(calls[2]);
    connection.send(calls[3]);
    connection.close(new MeshError('CONNECTION_LOST', 'cut'));
    expect(calls.map((call) => call.requestId)).toEqual([0x7fff_fffe, 0x7fff_ffff, 1, 2]);
    expect(calls.map((call) => call.failure?.sent)).toEqual([true, true, false, false]);
  });
});

describe('send', () => {
  test('a request that cannot be encoded leaves nothing behind, neither bytes nor a waiting call', async () => {
    const { connection, peer } = open();
    const good = new TestExchange();
    connection.send(good);
    const refusal = new MeshError('ENCODE_FAILED', 'args[0]: expected string');
    expect(() => connection.send(new TestExchange(false, 100, refusal))).toThrow(refusal);
    const alsoGood = new TestExchange();
    connection.send(alsoGood);
    await peer.received(2);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual([good.requestId, alsoGood.requestId]);
    expect(connection.pendingCount).toBe(2);
  });

  test('a request over the limit is refused here, not cut there', async () => {
    const { connection, peer, closed } = open();
    expect(() => connection.send(new TestExchange(false, 1 << 20))).toThrow(
      expect.objectContaining({
        code: 'ENCODE_FAILED',
        message: expect.stringMatching(/1048598 bytes, the limit is 1048576/),
      }),
    );
    await settled();
    expect([peer.frames.length, closed.length, connection.pendingCount]).toEqual([0, 0, 0]);
  });

  test('a oneway waits for nothing', async () => {
    const { connection, peer } = open();
    const oneway = new TestExchange(true);
    connection.send(oneway);
    await peer.received(1);
    expect(peer.frames[0]).toMatchObject({ type: 2, requestId: oneway.requestId });
    expect(connection.pendingCount).toBe(0);
    connection.close(new MeshError('CONNECTION_LOST', 'cut'));
    expect(oneway.failure).toBeUndefined();
  });
});

test('when the connection is lost every waiting call is told, oldest first, and then the owner', async () => {
  const { connection, far, closed } = open();
  const order: number[] = [];
  class Told extends TestExchange {
    override fail(error: MeshError, sent: boolean): void {
      expect(closed).toHaveLength(0);
      order.push(this.requestId);
      super.fail(error, sent);
    }
  }
  const calls = Array.from({ length: 40 }, () => new Told());
  for (const call of calls) connection.send(call);
  await settled();
  far.destroy();
  await settled();
  expect(order).toEqual(calls.map((call) => call.requestId));
  expect(closed).toHaveLength(1);
  expect(connection.pendingCount).toBe(0);
});

import { afterEach, describe, expect, test } from 'vitest';
import { later, People } from '../support/people.js';
import { frameOf, RawPeer, request } from '../support/raw-peer.js';
import { Arena, memory } from './arena.js';

const MIB = 1024 * 1024;
let arena: Arena;
afterEach(() => arena.close());

/** Waits until the server has not been given anything for some turns of the event loop. */
async function quiet(count: () => number): Promise<void> {
  for (let still = 0, last = -1; still < 200; still++) {
    if (count() !== last) still = 0;
    last = count();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a reader that never reads', () => {
  test('20,000 pipelined calls with replies of 100 KB: the server stops reading, and grows by 64 MB at most', async () => {
    const reply = Buffer.alloc(100_000, 'r');
    let served = 0;
    let peak = 0;
    arena = await Arena.open({
      bytes: () => {
        served++;
        peak = Math.max(peak, process.memoryUsage().external);
        return reply;
      },
    });
    const socket = await arena.socket();
    socket.pause();
    const before = memory();
    const start = process.memoryUsage().external;
    const one = request({ method: 'bytes', sigs: ['[B'], args: [Buffer.alloc(1)], fields: { timeout: 0 } });
    for (let i = 0; i < 200; i++) socket.write(Buffer.concat(Array.from({ length: 100 }, () => one)));
    await quiet(() => served);
    const held = socket.writableLength;
    expect(served).toBeLessThan(2_000);
    expect(peak - start - held).toBeLessThan(64 * MIB);
    expect(memory() - before - held).toBeLessThan(64 * MIB);
    await arena.isUnharmed();
  });

  test('the same where no handler is done before all requests have come: replies are held back, not encoded', async () => {
    const reply = Buffer.alloc(100_000, 'r');
    const gate = later<void>();
    let served = 0;
    let peak = 0;
    arena = await Arena.open({
      bytes: async () => {
        served++;
        await gate.promise;
        peak = Math.max(peak, process.memoryUsage().external);
        return reply;
      },
    });
    const socket = await arena.socket();
    socket.pause();
    const one = request({ method: 'bytes', sigs: ['[B'], args: [Buffer.alloc(1)], fields: { timeout: 0 } });
    for (let i = 0; i < 30; i++) socket.write(Buffer.concat(Array.from({ length: 50 }, () => one)));
    while (served < 1_500) await new Promise((resolve) => setImmediate(resolve));
    const before = memory();
    const start = process.memoryUsage().external;
    gate.resolve();
    await quiet(() => peak);
    expect(memory() - before).toBeLessThan(16 * MIB);
    expect(peak - start).toBeLessThan(16 * MIB);
    await arena.isUnharmed();
    const peer = new RawPeer(socket);
    socket.resume();
    await peer.received(1_500);
    expect(peer.frames.every((frame) => frame.status === 0 && frame.content.length > 100_000)).toBe(true);
  });

  test('one that goes away leaves nothing of the replies that were held back', async () => {
    const reply = Buffer.alloc(100_000, 'r');
    let done = 0;
    arena = await Arena.open({
      bytes: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        done++;
        return reply;
      },
    });
    const socket = await arena.socket();
    socket.pause();
    for (let i = 0; i < 1_000; i++)
      socket.write(
        request({ method: 'bytes', sigs: ['[B'], args: [Buffer.alloc(1)], fields: { timeout: 0 } }),
      );
    await quiet(() => done);
    socket.resetAndDestroy();
    await arena.isUnharmed();
    // Every call has ended: there is nothing that a stop would wait for.
    await arena.client.close();
    await arena.server.stop();
  });

  test('when it reads at last, every reply is there', async () => {
    const reply = Buffer.alloc(20_000, 'r');
    let served = 0;
    arena = await Arena.open({
      bytes: () => {
        served++;
        return reply;
      },
    });
    const socket = await arena.socket();
    socket.pause();
    const count = 2_000;
    for (let i = 0; i < count; i++)
      socket.write(
        request({
          method: 'bytes',
          sigs: ['[B'],
          args: [Buffer.alloc(1)],
          fields: { requestId: i + 1, timeout: 0 },
        }),
      );
    await quiet(() => served);
    expect(served).toBeLessThan(count);
    const peer = new RawPeer(socket);
    socket.resume();
    await peer.received(count);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
  });

  test('a flood of heartbeats', async () => {
    arena = await Arena.open();
    const socket = await arena.socket();
    socket.pause();
    const before = memory();
    const beats = Buffer.concat(
      Array.from({ length: 10_000 }, (_, i) =>
        frameOf({ proto: 1, type: 1, cmdCode: 0, requestId: i, codec: 1, timeout: -1 }),
      ),
    );
    for (let i = 0; i < 100; i++) {
      socket.write(beats);
      if (i % 10 === 0) await arena.isUnharmed();
    }
    await quiet(() => socket.bytesWritten);
    expect(memory() - before - socket.writableLength).toBeLessThan(16 * MIB);
    await arena.isUnharmed();
  });
});

test('frames that announce much and send little hold what came, not what was announced', async () => {
  arena = await Arena.open();
  const before = memory();
  const frame = request();
  frame.writeUInt32BE(15 * MIB, 18);
  for (let i = 0; i < 50; i++) (await arena.socket()).write(frame);
  await arena.isUnharmed();
  expect(memory() - before).toBeLessThan(8 * MIB);
});

test('connections that open and close leave nothing behind', async () => {
  arena = await Arena.open();
  const cycle = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const peer = await arena.peer();
      peer.write(request());
      await peer.received(1);
      peer.stream.destroy();
    }
  };
  await cycle(100);
  const marks = [memory()];
  for (let round = 0; round < 2; round++) {
    await cycle(300);
    marks.push(memory());
  }
  await arena.isUnharmed();
  // What a connection left behind would show in both rounds; what the test runner itself does with memory shows once.
  expect(Math.min(marks[1] - marks[0], marks[2] - marks[1])).toBeLessThan(3 * MIB);
});

test('no handler is put on the process, by client or server', async () => {
  const count = () =>
    ['uncaughtException', 'unhandledRejection', 'exit', 'SIGTERM', 'SIGINT', 'beforeExit'].map((name) =>
      process.listenerCount(name),
    );
  const before = count();
  arena = await Arena.open();
  await arena.client.service(People).ping();
  expect(count()).toEqual(before);
});

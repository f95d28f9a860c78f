// The floor: a bare `net` echo. No protocol, no codec, no promise; frames are [u32 length][u32 index][body].
//   coalesced      the frames of a tick leave in one write, and the server answers a chunk with one write
//   one write      every frame is a write of its own, on both sides
import net from 'node:net';
import { DISTINCT, orders, payloads } from '../lib/payloads.mjs';

const HEAD = 8;
/** About what a Bolt request with a ten-field POJO takes. */
const POJO_FRAME = 512;
const BATCH = 256 * 1024;

export const coalesced = {
  serve: () => serve(echoChunks),
  connect: (port, kind) => connect(port, kind, true),
};
export const oneWrite = {
  serve: () => serve(echoFrames),
  connect: (port, kind) => connect(port, kind, false),
};

async function serve(echo) {
  const server = net.createServer({ noDelay: true }, echo);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port };
}

function echoChunks(socket) {
  socket.on('data', (chunk) => {
    if (!socket.write(chunk)) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
  socket.on('error', () => socket.destroy());
}

function echoFrames(socket) {
  let pieces = [];
  let have = 0;
  let need = 4;
  socket.on('data', (chunk) => {
    pieces.push(chunk);
    have += chunk.length;
    if (have < need) return;
    const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces, have);
    let at = 0;
    need = 4;
    while (have - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (have - at < length) {
        need = length;
        break;
      }
      socket.write(bytes.subarray(at, at + length));
      at += length;
    }
    pieces = at < have ? [bytes.subarray(at)] : [];
    have -= at;
  });
  socket.on('error', () => socket.destroy());
}

/** The bytes to send, made before anything is measured. */
function frames(kind) {
  const { values } = kind === 'pojo' ? { values: orders() } : payloads[kind].make();
  return values.map((value, index) => {
    if (Buffer.isBuffer(value)) return { head: headOf(value.length, index), body: value };
    const body = typeof value === 'string' ? Buffer.from(value, 'latin1') : orderBody(value);
    return { head: headOf(body.length, index), body };
  });
}

function headOf(length, index) {
  const head = Buffer.allocUnsafe(HEAD);
  head.writeUInt32LE(HEAD + length, 0);
  head.writeUInt32LE(index, 4);
  return head;
}

function orderBody(order) {
  const body = Buffer.alloc(POJO_FRAME - HEAD);
  body.write(JSON.stringify(order), 80);
  [order.id, order.customerId, order.quantity, order.status, order.price, order.total].forEach((field, i) => {
    body.writeDoubleLE(field, i * 8);
  });
  return body;
}

async function connect(port, kind, coalesce) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const all = frames(kind);
  if (all.length < DISTINCT) throw new Error('too few payloads');
  const send = coalesce ? batching(socket) : (frame) => socket.write(whole(frame));
  const whole = joined(all);
  const waiting = [];
  let taken = 0;

  // One frame is read at a time, piece by piece as its bytes come in, and compared with what was sent.
  let head = Buffer.alloc(0);
  let frame = null;
  let read = 0;
  const fail = (reason) => {
    const error = new Error(reason);
    for (const { done } of waiting.splice(0)) done(error);
  };
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail('the connection closed'));
  socket.on('data', (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (frame === null) {
        let index;
        if (head.length === 0 && chunk.length - at >= HEAD) {
          index = chunk.readUInt32LE(at + 4);
          at += HEAD;
        } else {
          const part = chunk.subarray(at, at + HEAD - head.length);
          head = Buffer.concat([head, part]);
          at += part.length;
          if (head.length < HEAD) return;
          index = head.readUInt32LE(4);
          head = Buffer.alloc(0);
        }
        frame = all[index];
        if (frame !== waiting[taken].frame) return fail(`a wrong frame came back: ${index}`);
        read = 0;
      }
      const size = Math.min(frame.body.length - read, chunk.length - at);
      if (frame.body.compare(chunk, at, at + size, read, read + size) !== 0)
        return fail('wrong bytes came back');
      read += size;
      at += size;
      if (read === frame.body.length) {
        frame = null;
        const { done } = waiting[taken++];
        if (taken === 4096) {
          waiting.splice(0, taken);
          taken = 0;
        }
        done();
      }
    }
  });
  return {
    call(index, done) {
      waiting.push({ frame: all[index], done });
      send(all[index]);
    },
  };
}

/** A frame as one buffer, joined once and kept unless it is large. */
function joined(all) {
  const cache =
    all[0].body.length > 64 * 1024 ? null : new Map(all.map((f) => [f, Buffer.concat([f.head, f.body])]));
  return (frame) => (cache ? cache.get(frame) : Buffer.concat([frame.head, frame.body]));
}

/** Copies a tick's frames into one buffer, which is used again once the kernel has taken it. */
function batching(socket) {
  let batch = Buffer.allocUnsafeSlow(BATCH);
  let used = 0;
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    if (used === 0) return;
    socket.write(used === batch.length ? batch : batch.subarray(0, used));
    if (socket.writableLength > 0) batch = Buffer.allocUnsafeSlow(BATCH);
    used = 0;
  };
  return ({ head, body }) => {
    const size = HEAD + body.length;
    if (size > BATCH) {
      flush();
      socket.cork();
      socket.write(head);
      socket.write(body);
      socket.uncork();
      return;
    }
    if (used + size > BATCH) flush();
    batch.set(head, used);
    batch.set(body, used + HEAD);
    used += size;
    if (!scheduled) {
      scheduled = true;
      process.nextTick(flush);
    }
  };
}

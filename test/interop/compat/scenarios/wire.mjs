// Bytes under the scenarios' own hands: a provider and a caller that neither read nor write values, so that what travels
// is compared as it is, in both grammars.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { freePort } from '../world/ports.mjs';

/** @typedef {import('../world/world.mjs').World} World
 * @typedef {'sofa' | 'final'} Grammar hessian 3.0 or 4.0 */

const RESPONSE_CLASS = 'com.alipay.sofa.rpc.core.response.SofaResponse';
const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest';
const RESPONSE_FIELDS = ['isError', 'errorMsg', 'appResponse', 'responseProps'];
const REQUEST_FIELDS = [
  'targetAppName',
  'methodName',
  'targetServiceUniqueName',
  'requestProps',
  'methodArgSigs',
];

/** @param {string} text At most 31 characters of ASCII. */
const short = (text) => `${hex(text.length)}${Buffer.from(text).toString('hex')}`;
/** @param {number} number */
const hex = (number) => number.toString(16).padStart(2, '0');
/** A string of any length that is ASCII. @param {string} text @param {Grammar} grammar */
function string(text, grammar) {
  if (text.length < 32) return short(text);
  const bytes = Buffer.from(text).toString('hex');
  const length = text.length.toString(16).padStart(4, '0');
  return grammar === 'sofa'
    ? `53${length}${bytes}`
    : text.length < 1024
      ? `3${length.slice(1)}${bytes}`
      : `53${length}${bytes}`;
}

/** The definition of a class and the start of its first object. @param {string} name @param {string[]} fields @param {Grammar} grammar */
function opening(name, fields, grammar) {
  const names = fields.map(short).join('');
  if (grammar === 'sofa')
    return `4f${hex(0x90 + name.length)}${Buffer.from(name).toString('hex')}${hex(0x90 + fields.length)}${names}6f90`;
  return `43${string(name, grammar)}${hex(0x90 + fields.length)}${names}60`;
}

/** The content of a response whose appResponse is these bytes. @param {string} value @param {Grammar} [grammar] */
export const answer = (value, grammar = 'sofa') =>
  `${opening(RESPONSE_CLASS, RESPONSE_FIELDS, grammar)}464e${value}4e`;

/**
 * The content of a request, as Java orders its fields. `sigs` and `args` belong together; the bytes of arguments count
 * the request as the first class, and the request and its signatures as the first two objects.
 * @param {{ service: string, method: string, sigs?: string[], args?: string[], props?: string, app?: string }} request
 * @param {Grammar} [grammar]
 */
export function call({ service, method, sigs = [], args = [], props = '4e', app }, grammar = 'sofa') {
  const strings = sigs.map((sig) => string(sig, grammar)).join('');
  const array =
    grammar === 'sofa'
      ? `567400075b737472696e676e${hex(sigs.length)}${strings}7a`
      : `${hex(0x70 + sigs.length)}075b737472696e67${strings}`;
  const values = [
    app === undefined ? '4e' : short(app),
    short(method),
    string(service, grammar),
    props,
    array,
    ...args,
  ];
  return opening(REQUEST_CLASS, REQUEST_FIELDS, grammar) + values.join('');
}

/** @typedef {{ content?: string, status?: number, className?: string, header?: string, codec?: number, v2?: boolean }} ResponseParts
 * @typedef {{ content?: string, timeout?: number, className?: string, header?: string, codec?: number, id?: number,
 *   type?: number, v2?: boolean }} RequestParts */

/** A response's frame. @param {number} id @param {ResponseParts} parts */
export function responseFrame(id, parts) {
  const {
    content = answer('4e'),
    status = 0,
    className = RESPONSE_CLASS,
    header = '',
    codec = 1,
    v2,
  } = parts;
  return frame({ v2, type: 0, command: 2, id, codec, status, className, header, content });
}

/** A request's frame. @param {RequestParts} parts */
export function requestFrame(parts) {
  const {
    content = '',
    timeout = 3000,
    className = REQUEST_CLASS,
    header = '',
    codec = 1,
    id = 1,
    type = 1,
    v2,
  } = parts;
  return frame({ v2, type, command: 1, id, codec, timeout, className, header, content });
}

/** @param {{ v2?: boolean, type: number, command: number, id: number, codec: number, status?: number, timeout?: number,
 *   className: string, header: string, content: string }} parts */
function frame(parts) {
  const [className, header, content] = [
    Buffer.from(parts.className),
    Buffer.from(parts.header, 'hex'),
    Buffer.from(parts.content, 'hex'),
  ];
  const head = Buffer.alloc(parts.timeout === undefined ? 12 : 14);
  head.writeUInt8(1, 0);
  head.writeUInt8(parts.type, 1);
  head.writeUInt16BE(parts.command, 2);
  head.writeUInt8(1, 4);
  head.writeInt32BE(parts.id, 5);
  head.writeUInt8(parts.codec, 9);
  if (parts.timeout === undefined) head.writeUInt16BE(parts.status ?? 0, 10);
  else head.writeInt32BE(parts.timeout, 10);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt16BE(className.length, 0);
  lengths.writeUInt16BE(header.length, 2);
  lengths.writeInt32BE(content.length, 4);
  const start = parts.v2
    ? Buffer.concat([Buffer.of(2, 1), head.subarray(1, 10), Buffer.of(0), head.subarray(10)])
    : head;
  return Buffer.concat([start, lengths, className, header, content]);
}

/** What a frame is made of, to compare. @param {Buffer} bytes */
export function partsOf(bytes) {
  const by = bytes[0] === 2 ? 1 : 0;
  const isResponse = bytes[1 + by] === 0;
  const start = (isResponse ? 12 : 14) + 2 * by;
  const [classLength, headerLength] = [bytes.readUInt16BE(start), bytes.readUInt16BE(start + 2)];
  const contentLength = bytes.readInt32BE(start + 4);
  const body = start + 8;
  const copy = Buffer.from(bytes.subarray(0, start));
  copy.writeInt32BE(0, 5 + by);
  return {
    /** The header with the id zeroed. */
    head: copy.toString('hex'),
    id: bytes.readInt32BE(5 + by),
    status: isResponse ? bytes.readUInt16BE(10 + 2 * by) : undefined,
    className: bytes.toString('latin1', body, body + classLength),
    header: bytes.toString('hex', body + classLength, body + classLength + headerLength),
    content: bytes.toString(
      'hex',
      body + classLength + headerLength,
      body + classLength + headerLength + contentLength,
    ),
    isHeartbeat: bytes.readUInt16BE(2 + by) === 0,
  };
}

/** @typedef {{ host: string, port: number, frames: Buffer[] }} RawProvider */

/**
 * A provider that answers the n-th request with these parts (undefined: not at all) and keeps every frame.
 * @param {World} w @param {(n: number, frame: Buffer) => ResponseParts | undefined} [answerOf]
 * @returns {Promise<RawProvider>}
 */
export async function rawProvider(w, answerOf = () => ({})) {
  const port = await freePort();
  w.mask.port(port);
  /** @type {Buffer[]} */
  const frames = [];
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onFrames(w, socket, (bytes) => {
      frames.push(bytes);
      if (partsOf(bytes).isHeartbeat) return;
      const parts = answerOf(count++, bytes);
      if (parts !== undefined)
        socket.write(responseFrame(partsOf(bytes).id, { v2: bytes[0] === 2, ...parts }));
    });
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  w.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: `127.0.0.1:${port}`, port, frames };
}

/** A caller that sends bytes and waits for frames. @param {World} w @param {{ publishPort: number }} server */
export async function rawCaller(w, server) {
  const socket = connect(server.publishPort, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  w.after(() => socket.destroy());
  /** @type {Buffer[]} */
  const frames = [];
  onFrames(w, socket, (bytes) => frames.push(bytes));
  let taken = 0;
  return {
    socket,
    frames,
    /** @param {Buffer} bytes */
    send(bytes) {
      socket.write(bytes);
    },
    /** The parts of the next frame. */
    async next() {
      const at = taken++;
      await w.until(() => frames.length > at, 'a frame');
      return partsOf(frames[at]);
    },
    /** Sends a request and gives the parts of what comes. @param {RequestParts} parts */
    ask(parts) {
      socket.write(requestFrame({ id: taken + 1, ...parts }));
      return this.next();
    },
  };
}

/** @param {World} w @param {import('node:net').Socket} socket @param {(bytes: Buffer) => void} heard */
function onFrames(w, socket, heard) {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const split = w.frames.split(Buffer.concat([rest, chunk]));
    rest = split.rest;
    for (const bytes of split.frames) heard(Buffer.from(bytes));
  });
}

/**
 * The signatures (as text, other bytes as dots) and the arguments (as bytes) in the frame of a request without
 * properties of its own, to a service whose name is short. @param {Buffer} bytes @param {string} service
 */
export function argumentsOf(bytes, service) {
  const { content } = partsOf(bytes);
  const [before, , after] = content.split(short(service));
  const text = Buffer.from(before, 'hex').toString('latin1');
  const sigs = text.slice(text.indexOf('[java.lang.String') + 17).replace(/[^\x20-\x7e]/g, '.');
  return [sigs, after.slice(2)];
}

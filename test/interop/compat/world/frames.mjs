// Bolt frames of the scripted peers: written and read by sofa-bolt-node in both processes, so that the scripts are the same.
import { bundledWithOld } from './libraries.mjs';

/** @typedef {{ proto?: any, classMap?: any, codecType?: string, protocolType?: string, boltVersion?: number,
 *   crcEnable?: boolean }} FrameOptions
 * @typedef {{ packetId: number, packetType: string, data: any, options: any, meta: any, className?: string }} Packet
 * @typedef {{ kind: string, hex: string }} SeenFrame */

const RESPONSE = 0;

export class Frames {
  #bolt = bundledWithOld('sofa-bolt-node');

  /** A request's bytes. `request`: serverSignature, methodName, args, timeout, requestProps, targetAppName ..
   * @param {number} id @param {any} request @param {FrameOptions} [options] @returns {Buffer} */
  request(id, request, options) {
    return this.#write(options, (encoder, done) =>
      encoder.writeRequest(id, { timeout: 3000, args: [], requestProps: {}, ...request }, done),
    );
  }

  /** A response's bytes, to a request as a peer's script got it. `response`: isError, errorMsg, appResponse, status ..
   * @param {Packet} request @param {any} response @param {FrameOptions} [options] @returns {Buffer} */
  response(request, response, options) {
    // The codec refuses to answer later than the request's timeout; a scripted peer may.
    const { packetId, packetType, data, options: asked } = request;
    const now = { packetId, packetType, data, options: asked, meta: { start: Date.now() } };
    return this.#write(options, (encoder, done) => encoder.writeResponse(now, { ...response }, done));
  }

  /** @param {number} id @param {FrameOptions & { timeout?: number }} [options] @returns {Buffer} */
  heartbeat(id, options) {
    return this.#write(options, (encoder, done) =>
      encoder.writeHeartbeat(id, { timeout: options?.timeout ?? 3000 }, done),
    );
  }

  /** @param {Packet} heartbeat @returns {Buffer} */
  heartbeatAck(heartbeat) {
    return this.#write({}, (encoder, done) => encoder.writeHeartbeatAck(heartbeat, done));
  }

  /** Reads one frame. What differs from run to run, the packet's id and times, is there but not listed. `sent`: the requests that responses of protobuf belong to, by id.
   * @param {Buffer} bytes @param {FrameOptions} [options] @param {Map<number, { req: any }>} [sent] @returns {Packet} */
  read(bytes, options, sent = new Map()) {
    const decoder = this.#bolt.decoder({ ...options, sentReqs: sent, classCache: new Map() });
    /** @type {Packet | undefined} */
    let packet;
    /** @type {unknown} */
    let error;
    for (const name of ['request', 'response', 'heartbeat', 'heartbeat_ack'])
      decoder.on(name, (/** @type {Packet} */ read) => {
        packet = read;
      });
    decoder.on('error', (/** @type {unknown} */ wrong) => {
      error = wrong;
    });
    decoder.write(bytes, (/** @type {unknown} */ wrong) => {
      error = wrong;
    });
    if (packet === undefined) throw error ?? new Error('not a frame');
    for (const name of ['packetId', 'meta']) Object.defineProperty(packet, name, { enumerable: false });
    for (const name of ['proto', 'classMap'])
      if (name in packet.options) Object.defineProperty(packet.options, name, { enumerable: false });
    return packet;
  }

  /** Whole frames at the start of these bytes, and what is left.
   * @param {Buffer} bytes @returns {{ frames: Buffer[], rest: Buffer }} */
  split(bytes) {
    const frames = [];
    for (;;) {
      const length = lengthOf(bytes);
      if (length === undefined || bytes.length < length) return { frames, rest: bytes };
      frames.push(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
  }

  /** A frame to compare: its id and its checksum are zero. @param {Buffer} bytes @returns {SeenFrame} */
  normal(bytes) {
    const copy = Buffer.from(bytes);
    const offset = copy[0] === 2 ? 1 : 0;
    copy.writeInt32BE(0, 5 + offset);
    if (offset === 1 && copy[11] === 1) copy.writeInt32BE(0, copy.length - 4);
    const type = copy[1 + offset];
    const isHeartbeat = copy.readUInt16BE(2 + offset) === 0;
    const kind = isHeartbeat
      ? type === RESPONSE
        ? 'heartbeat_ack'
        : 'heartbeat'
      : ['response', 'request', 'oneway'][type];
    return { kind, hex: copy.toString('hex') };
  }

  /** @param {FrameOptions | undefined} options @param {(encoder: any, done: (error?: Error) => void) => void} write */
  #write({ codecType, protocolType, boltVersion, crcEnable, ...options } = {}, write) {
    const encoder = this.#bolt.encoder({ ...options, classCache: new Map() });
    for (const [name, value] of Object.entries({ codecType, protocolType, boltVersion, crcEnable }))
      if (value !== undefined) encoder[name] = value;
    /** @type {Error | undefined} */
    let wrong;
    write(encoder, (error) => {
      if (error) wrong = error;
    });
    const bytes = encoder.read();
    if (bytes === null) throw wrong ?? new Error('nothing was written');
    return bytes;
  }
}

/** @param {Buffer} bytes @returns {number | undefined} */
function lengthOf(bytes) {
  if (bytes.length < 24 && bytes.length < (bytes[0] === 1 && bytes[1] === RESPONSE ? 20 : 22))
    return undefined;
  const offset = bytes[0] === 2 ? 2 : 0;
  const isResponse = bytes[offset === 0 ? 1 : 2] === RESPONSE;
  const start = isResponse ? 12 + offset : 14 + offset;
  if (bytes.length < start + 8) return undefined;
  const crc = offset === 2 && bytes[11] === 1 ? 4 : 0;
  return (
    start + 8 + bytes.readInt16BE(start) + bytes.readInt16BE(start + 2) + bytes.readInt32BE(start + 4) + crc
  );
}

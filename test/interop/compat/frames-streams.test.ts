import protobuf from 'protobufjs';
import { afterEach, describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../../src/bolt/decoder.js';
import { readPacket, writeRequest, writeResponse } from '../../../src/compat/bolt/frames.js';
import type { Asked, FrameOptions } from '../../../src/compat/bolt/options.js';
import { bolt, optionsOf } from '../../../src/compat/bolt/protocol.js';
import { ByteWriter } from '../../../src/core/bytes.js';
import { oldBolt, oldProtocol } from './frames-old.js';
import { difference } from './frames-same.js';

/* The streams, protobuf, and the options of the real sofa-bolt-node. */

const { root } = protobuf.parse(`
  syntax = "proto3";
  package com.test;
  service ProtoService { rpc echo (EchoRequest) returns (EchoResponse); }
  message EchoRequest { string name = 1; Group group = 2; int64 big = 3; }
  message EchoResponse { int32 code = 1; string message = 2; }
  enum Group { A = 0; B = 1; }
`);
const asked: Asked = { serverSignature: 'com.test.ProtoService:1.0', methodName: 'echo' };
const options: FrameOptions = {
  protocolType: 'bolt',
  boltVersion: 1,
  crcEnable: false,
  codecType: 'protobuf',
  proto: root,
  hessianVersion: '3.0',
};

afterEach(() => {
  oldBolt.setOptions({ proto: undefined, classMap: undefined, hessianVersion: '3.0', codecType: undefined });
});

function ours(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter();
  write(out);
  return Buffer.from(out.written());
}

function bothRead(bytes: Buffer): [unknown, unknown] {
  const request = { req: asked };
  const old = oldProtocol.decode(bytes, { proto: root, sentReqs: new Map([[9, request]]) });
  let mine: unknown;
  new FrameDecoder().push(bytes, (frame) => {
    mine = readPacket(frame, {
      proto: root,
      hessianVersion: '3.0',
      asked: (id) => (id === 9 ? asked : undefined),
    });
  });
  for (const packet of [old, mine]) delete (packet as { meta?: unknown }).meta;
  return [old, mine];
}

/** Messages compare by what they hold: a long and its class come from the one package of protobufjs. */
function messages(packet: unknown): unknown {
  return JSON.parse(JSON.stringify(packet, (key, value) => (key === 'proto' ? undefined : value)));
}

describe('protobuf', () => {
  const request = {
    ...asked,
    args: [{ name: 'x', group: 'B', big: '9007199254740993' }],
    timeout: 3000,
    requestProps: {
      service: asked.serverSignature,
      rpc_trace_context: { sofaTraceId: 't', n: 5, skip: null },
      flag: true,
      n: 1,
    },
  };

  test('a request has the same bytes, headers included, and is read the same', () => {
    const old = oldProtocol.requestEncode(9, request, options);
    expect(ours((out) => writeRequest(out, 9, request, options)).toString('hex')).toBe(old.toString('hex'));
    const [before, now] = bothRead(old);
    expect(messages(now)).toEqual(messages(before));
    const arg = (now as { data: { args: { toObject(o?: object): object }[] } }).data.args[0];
    expect(arg.toObject({ longs: String })).toEqual({ name: 'x', group: 1, big: '9007199254740993' });
    expect(Object.keys(arg)).not.toContain('toObject');
  });

  test('a request without content has no arguments', () => {
    const old = oldProtocol.requestEncode(9, { ...request, args: [{}] }, options);
    const [before, now] = bothRead(old) as [{ data: object }, { data: object }];
    expect(difference(before.data, now.data)).toBeUndefined();
  });

  test('responses have the same bytes, but for the class of failures', () => {
    const responses: object[] = [
      { appResponse: { code: 1, message: 'ok' } },
      { isError: true, errorMsg: 'wrong' },
      { appResponse: new TypeError('thrown') },
      { status: 4 },
    ];
    for (const response of responses) {
      const old = oldProtocol.responseEncode(9, { ...response, appRequest: asked }, options);
      const mine = ours((out) => writeResponse(out, 9, asked, { ...response }, options));
      const [before] = bothRead(old) as { className?: string }[];
      const [, now] = bothRead(mine) as { className?: string }[];
      if (now.className === before.className) expect(mine.toString('hex')).toBe(old.toString('hex'));
      else expect(now.className).toBe('com.alipay.remoting.rpc.exception.RpcServerException');
      delete before.className;
      delete now.className;
      expect(difference(before, now)).toBeUndefined();
    }
  });

  test('what there is no method or proto for is refused in the same words', () => {
    const outcome = (write: () => unknown) => {
      try {
        return write();
      } catch (error) {
        return (error as Error).message;
      }
    };
    for (const wrong of [
      { ...request, methodName: 'none' },
      { ...request, serverSignature: 'com.test.None:1.0' },
    ]) {
      const expected = outcome(() => oldProtocol.requestEncode(9, wrong, options));
      expect(typeof expected).toBe('string');
      expect(outcome(() => ours((out) => writeRequest(out, 9, wrong, options)))).toBe(expected);
    }
  });
});

describe('streams', () => {
  interface Seen {
    readonly frames: string[];
    readonly calls: unknown[];
    readonly packets: unknown[];
  }

  /** Writes the same with the streams of a protocol, and reads what it wrote, in pieces. */
  async function run(protocol: typeof bolt): Promise<Seen> {
    const encoder = protocol.encoder({ address: { query: { serialization: 'hessian2' } } });
    const decoder = protocol.decoder({ sentReqs: new Map() });
    const seen: Seen = { frames: [], calls: [], packets: [] };
    for (const event of ['request', 'response', 'heartbeat', 'heartbeat_ack'])
      decoder.on(event, (packet) => seen.packets.push({ ...packet, meta: Object.keys(packet.meta) }));
    encoder.on('data', (chunk: Buffer) => {
      seen.frames.push(chunk.toString('hex'));
      for (let at = 0; at < chunk.length; at += 7) decoder.write(chunk.subarray(at, at + 7));
    });
    const called = (
      error: Error | null | undefined,
      { packetId, packetType, meta }: { packetId: number; packetType: string; meta: object },
    ) => {
      const { codecType, protocolType, boltVersion, crcEnable, size, data } = meta as Record<string, unknown>;
      const shown = {
        codecType,
        protocolType,
        boltVersion,
        crcEnable,
        size,
        isBuffer: Buffer.isBuffer(data),
      };
      seen.calls.push([
        error ? `${error.name}: ${error.message}` : error,
        packetId,
        packetType,
        shown,
        Object.keys(meta),
      ]);
    };
    const request = { serverSignature: 's:1.0', methodName: 'm', args: [1, 'x'], timeout: 500 };
    encoder.writeRequest(1, request, called);
    encoder.writeRequest(2, { ...request, args: [5n] }, called);
    encoder.writeHeartbeat(3, { timeout: 100 }, called);
    const heard = { ...request, methodArgSigs: [], requestProps: null };
    const meta = { size: 0, start: Date.now(), rt: 0 };
    const received = {
      packetId: 4,
      data: heard,
      meta,
      options: { protocolType: 'bolt', codecType: 'hessian2', timeout: 500 },
    } as const;
    encoder.writeResponse(received, { appResponse: { a: 1 } }, called);
    const late = { ...received, packetId: 5, meta: { ...meta, start: Date.now() - 1000 } };
    encoder.writeResponse(late, { appResponse: 1 }, (error, packet) => {
      const masked = error
        ? Object.assign(new Error(error.message.replace(/spends \d+/, 'spends N')), { name: error.name })
        : error;
      called(masked, packet);
    });
    encoder.writeHeartbeatAck(
      {
        packetId: 6,
        options: { protocolType: 'bolt2', boltVersion: 2, codecType: 'hessian2', crcEnable: true } as never,
      },
      called,
    );
    encoder.protocolType = 'bolt2';
    encoder.boltVersion = 2;
    encoder.crcEnable = true;
    encoder.writeRequest(7, { ...request, oneway: true }, called);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return seen;
  }

  test('write the same frames, call back the same, and read the same packets', async () => {
    const old = await run(oldBolt);
    const mine = await run(bolt);
    expect(old.frames).toHaveLength(5);
    expect(old.packets).toHaveLength(5);
    expect(mine.frames).toEqual(old.frames);
    expect(mine.calls).toEqual(old.calls);
    expect(difference(old.packets, mine.packets)).toBeUndefined();
  });

  test('a decoder fails on what is no frame with an error of the same name', async () => {
    const failed = (protocol: typeof bolt) =>
      new Promise<Error & { data?: string }>((resolve) => {
        const decoder = protocol.decoder({});
        decoder.on('error', resolve);
        decoder.write(Buffer.from('GET / HTTP/1.1'));
      });
    const [old, mine] = [await failed(oldBolt), await failed(bolt)];
    expect(mine.name).toBe(old.name);
    expect(mine.data).toBe(old.data);
  });
});

describe('options of the real sofa-bolt-node', () => {
  test('are taken over, later ones too', async () => {
    expect(optionsOf(oldBolt)).toEqual({ hessianVersion: '3.0' });
    const classMap = { 'com.test.A': {} };
    oldBolt.setOptions({ proto: root, classMap, hessianVersion: '4.0', codecType: 'protobuf' });
    // What is set takes effect after the calls of this burst.
    await Promise.resolve();
    expect(optionsOf(oldBolt)).toEqual({
      proto: root,
      classMap,
      hessianVersion: '4.0',
      codecType: 'protobuf',
    });
    expect(optionsOf(oldBolt)).toBe(optionsOf(oldBolt));
    oldBolt.setHessianVersion('3.0');
    await Promise.resolve();
    expect(optionsOf(oldBolt).hessianVersion).toBe('3.0');
    expect(optionsOf({ default: oldBolt }).proto).toBe(root);
  });

  test('looking at them leaves it as it was', () => {
    const before = oldProtocol.requestEncode(
      1,
      { ...asked, args: [1], timeout: 1 },
      { codecType: 'hessian2' },
    );
    optionsOf(oldBolt);
    expect(
      oldProtocol.requestEncode(1, { ...asked, args: [1], timeout: 1 }, { codecType: 'hessian2' }),
    ).toEqual(before);
    expect(oldProtocol.decode(before, {})).toMatchObject({ packetType: 'request' });
  });
});

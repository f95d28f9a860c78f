import { afterEach, describe, expect, test } from 'vitest';
import type { WrittenPacket } from '../../../src/compat/bolt/encoder.js';
import { bolt, optionsOf } from '../../../src/compat/bolt/protocol.js';
import { BOLT } from '../../../src/compat/bolt/state.js';
import compatBolt, * as namespace from '../../../src/compat/bolt.js';

const request = { serverSignature: 'com.test.Service:1.0', methodName: 'call', args: [1], timeout: 3000 };

afterEach(() => {
  bolt.setOptions({ proto: undefined, classMap: undefined, codecType: undefined, hessianVersion: '3.0' });
});

describe('options', () => {
  test('are taken by streams that are made later', () => {
    const classMap = { 'com.test.A': {} };
    bolt.setOptions({ classMap, proto: 'proto', codecType: 'protobuf' });
    expect(bolt.encoder().encodeOptions).toMatchObject({ classMap, proto: 'proto', codecType: 'protobuf' });
    expect(
      bolt.encoder({ codecType: 'hessian2', address: { query: { serialization: 'protobuf' } } }).codecType,
    ).toBe('hessian2');
    expect(bolt.decoder({ proto: 'own' }).options).toMatchObject({ classMap, proto: 'own' });
    bolt.setOptions();
    expect(bolt.encoder().encodeOptions.classMap).toBe(classMap);
  });

  test('an address says the codec where nothing else does', () => {
    expect(bolt.encoder({ address: { query: { serialization: 'protobuf' } } }).codecType).toBe('protobuf');
    expect(bolt.encoder().codecType).toBe('hessian2');
  });

  test('the version of Hessian counts for all streams, at once', () => {
    const frames: string[] = [];
    const encoder = bolt.encoder();
    encoder.on('data', (chunk: Buffer) => frames.push(chunk.toString('latin1')));
    const write = () => encoder.writeRequest(1, { ...request, args: [{}] });
    write();
    bolt.setHessianVersion('4.0');
    write();
    bolt.setOptions({ hessianVersion: '3.0' });
    write();
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      expect(frames[0]).toBe(frames[2]);
      expect(frames[1]).not.toBe(frames[0]);
    });
  });

  test('what was set is seen, and costs nothing to ask', () => {
    expect(optionsOf(bolt)).toEqual({ hessianVersion: '3.0' });
    const classMap = {};
    bolt.setOptions({ classMap, other: 1 });
    expect(optionsOf(bolt)).toEqual({ classMap, hessianVersion: '3.0' });
    expect(optionsOf(bolt)).toBe(optionsOf(bolt));
    bolt.setHessianVersion('4.0');
    expect(optionsOf(bolt).hessianVersion).toBe('4.0');
  });

  test('the module may be handed around, and that of the other build', () => {
    bolt.setOptions({ proto: 'seen' });
    expect(optionsOf(namespace).proto).toBe('seen');
    expect(optionsOf(compatBolt).proto).toBe('seen');
    expect(optionsOf({ default: compatBolt }).proto).toBe('seen');
    const encoder = Object.defineProperty(() => {}, BOLT, { value: true });
    expect(optionsOf({ setOptions() {}, decoder() {}, encoder }).proto).toBe('seen');
  });

  test('another protocol is told apart', () => {
    for (const wrong of [null, undefined, 5, {}, { setOptions() {}, encoder() {}, decoder() {} }])
      expect(() => optionsOf(wrong)).toThrow(
        expect.objectContaining({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining('sofa-bolt-node'),
        }),
      );
  });

  test('a class map to register must be there', () => {
    expect(() => bolt.registerAppClazzMap(undefined as never)).toThrow('clazzMap is required');
    bolt.registerAppClazzMap({});
  });
});

describe('an encoder', () => {
  const written = (
    use: (
      encoder: ReturnType<typeof bolt.encoder>,
      done: (error: unknown, packet: WrittenPacket) => void,
    ) => void,
  ) =>
    new Promise<[unknown, WrittenPacket]>((resolve) => {
      const encoder = bolt.encoder();
      encoder.resume();
      use(encoder, (error, packet) => resolve([error, packet]));
    });

  test('calls back with the packet', async () => {
    const [error, { packetId, packetType, meta }] = await written((encoder, done) =>
      encoder.writeRequest(7, request, done),
    );
    expect([error ?? null, packetId, packetType]).toEqual([null, 7, 'request']);
    expect(meta.size).toBe(meta.data?.length);
    expect([meta.codecType, meta.protocolType, meta.boltVersion, meta.crcEnable]).toEqual([
      'hessian2',
      'bolt',
      1,
      false,
    ]);
  });

  test('calls back with what went wrong, and goes on', async () => {
    const [error] = await written((encoder, done) =>
      encoder.writeRequest(7, { ...request, args: [5n] }, done),
    );
    expect((error as Error).message).toBe('Do not know how to serialize a BigInt');
    const [command] = await written((encoder, done) =>
      encoder.writeRequest(7, { ...request, className: 'com.test.Command' } as never, done),
    );
    expect((command as Error).message).toContain('com.test.Command');
  });

  test('does not write a response that is too late', async () => {
    const late = {
      packetId: 7,
      data: request,
      options: { protocolType: 'bolt', codecType: 'hessian2', timeout: 10 },
      meta: { size: 0, start: 0, rt: 0 },
    } as const;
    const [error] = await written((encoder, done) => encoder.writeResponse(late, { appResponse: 1 }, done));
    expect(error).toMatchObject({ name: 'ResponseTimeoutError', resultCode: '03' });
    expect((error as Error).message).toMatch(
      /^service:com\.test\.Service:1\.0#call spends \d+\(ms\), and exceed the 10\(ms\) limit\.$/,
    );
    const [none] = await written((encoder, done) =>
      encoder.writeResponse({ ...late, options: { ...late.options, timeout: 0 } }, { appResponse: 1 }, done),
    );
    expect(none ?? null).toBeNull();
  });

  test('waits while nobody reads, and drops requests that are too late by then', async () => {
    const encoder = bolt.encoder({ writableHighWaterMark: 64, readableHighWaterMark: 64 });
    const done: number[] = [];
    const write = (id: number, timeout: number) =>
      encoder.writeRequest(id, { ...request, timeout }, (_error, packet) => done.push(packet.packetId));
    for (const [id, timeout] of [
      [1, 3000],
      [2, 3000],
      [3, 0],
      [4, 3000],
    ])
      write(id, timeout);
    encoder.writeHeartbeat(5, { timeout: 100 }, (_error, packet) => done.push(packet.packetId));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done.length).toBeLessThan(3);
    let bytes = 0;
    encoder.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await expect.poll(() => done).toEqual([1, 2, 4, 5]);
    expect(bytes).toBeGreaterThan(600);
  });

  test('takes settings for the frames that follow', async () => {
    const encoder = bolt.encoder();
    Object.assign(encoder, { protocolType: 'bolt2', boltVersion: 2, crcEnable: true, codecType: 'hessian2' });
    expect([encoder.protocolType, encoder.boltVersion, encoder.crcEnable, encoder.codecType]).toEqual([
      'bolt2',
      2,
      true,
      'hessian2',
    ]);
    const frame = new Promise<Buffer>((resolve) => encoder.on('data', resolve));
    encoder.writeHeartbeatAck({ packetId: 5, options: { protocolType: 'bolt', codecType: 'hessian2' } });
    expect((await frame)[0]).toBe(1);
    encoder.removeAllListeners('data');
    const next = new Promise<Buffer>((resolve) => encoder.on('data', resolve));
    encoder.writeHeartbeat(6, null);
    expect([...(await next).subarray(0, 2)]).toEqual([2, 2]);
  });
});

describe('a decoder', () => {
  test('emits packets, whatever the pieces', async () => {
    const encoder = bolt.encoder();
    const decoder = bolt.decoder();
    const seen: string[] = [];
    for (const event of ['request', 'response', 'heartbeat', 'heartbeat_ack'])
      decoder.on(event, (packet) => seen.push(`${event} ${packet.packetId}`));
    encoder.on('data', (chunk: Buffer) => {
      for (const byte of chunk) decoder.write(Buffer.from([byte]));
    });
    encoder.writeRequest(1, request);
    encoder.writeHeartbeat(2, {});
    await expect.poll(() => seen).toEqual(['request 1', 'heartbeat 2']);
  });

  test('asks the requests that were sent for how a response of protobuf is read', async () => {
    const type = { decode: () => ({ decoded: true }), toObject: () => ({}) };
    const method = { responseType: 'B', resolvedResponseType: type, resolve: () => method };
    const proto = { lookupService: () => ({ get: () => method }) };
    const frame = Buffer.from('0100000201000000070b000000000000000000020801', 'hex');
    const decoder = bolt.decoder({ proto, sentReqs: new Map([[7, { req: request }]]) });
    const packet = new Promise<{ data: unknown }>((resolve) => decoder.on('response', resolve));
    decoder.write(frame);
    expect((await packet).data).toMatchObject({ error: null, appResponse: { decoded: true } });
    const failed = new Promise<Error>((resolve) => bolt.decoder({ proto }).on('error', resolve).write(frame));
    expect(await failed).toMatchObject({
      name: 'BoltDecodeError',
      message: '[sofa-bolt-node] not found req for res#7',
    });
  });

  test('fails once the bytes are no frames, and passes over what only we understand', async () => {
    const decoder = bolt.decoder({ maxFrameBytes: 1000 });
    const failed = new Promise<Error & { data: string }>((resolve) => decoder.on('error', resolve));
    // A go-away.
    decoder.write(Buffer.from('010100640100000001010000000000000000000000000000'.slice(0, 44), 'hex'));
    decoder.write(Buffer.from('0101000101000000010100000000000000007fffffff', 'hex'));
    const error = await failed;
    expect([error.name, error.data.length > 0]).toEqual(['BoltDecodeError', true]);
    expect(error.message).toContain('the limit is 1000');
  });
});

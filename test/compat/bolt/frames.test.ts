import { describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../../src/bolt/decoder.js';
import { encodeFrame } from '../../../src/bolt/encode.js';
import {
  type FrameOptions,
  type Packet,
  readPacket,
  writeHeartbeat,
  writeRequest,
  writeResponse,
} from '../../../src/compat/bolt/frames.js';
import type { ReadContext } from '../../../src/compat/bolt/options.js';
import { ByteWriter } from '../../../src/core/bytes.js';
import { MeshError } from '../../../src/core/errors.js';

const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest';
const RESPONSE_CLASS = 'com.alipay.sofa.rpc.core.response.SofaResponse';
const asked = { serverSignature: 'com.test.Service:1.0', methodName: 'call' };

const frameOptions = (more: Partial<FrameOptions> = {}): FrameOptions => ({
  protocolType: 'bolt',
  boltVersion: 1,
  crcEnable: false,
  codecType: 'hessian2',
  hessianVersion: '3.0',
  ...more,
});

function bytesOf(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter();
  write(out);
  return Buffer.from(out.written());
}

function read(bytes: Buffer, context: ReadContext = { hessianVersion: '3.0' }): Packet {
  let packet: Packet | undefined;
  new FrameDecoder().push(bytes, (frame) => {
    packet = readPacket(frame, context);
  });
  return packet as Packet;
}

const request = (args: unknown[], more: object = {}) => ({ ...asked, args, timeout: 3000, ...more });

describe.each(['3.0', '4.0'] as const)('Hessian %s', (hessianVersion) => {
  const options = frameOptions({ hessianVersion });
  const echo = (value: unknown) =>
    read(
      bytesOf((out) => writeResponse(out, 7, asked, { appResponse: value }, options)),
      { hessianVersion },
    ).data.appResponse;

  test('a request comes back as the predecessor shows it', () => {
    const packet = read(
      bytesOf((out) =>
        writeRequest(
          out,
          7,
          request([1, { a: [null] }], { requestProps: { p: 'x' }, targetAppName: 'app' }),
          options,
        ),
      ),
      { hessianVersion, classMap: { 'com.test.A': {} } },
    );
    expect(packet).toMatchObject({ packetId: 7, packetType: 'request', className: REQUEST_CLASS });
    expect(packet.options).toEqual({
      protocolType: 'bolt',
      codecType: 'hessian2',
      timeout: 3000,
      classMap: { 'com.test.A': {} },
    });
    expect(packet.data).toMatchObject({
      ...asked,
      targetAppName: 'app',
      args: [1, { a: [null] }],
      methodArgSigs: ['int', 'java.util.HashMap'],
      requestProps: { p: 'x' },
    });
    expect(packet.meta).toMatchObject({ size: expect.any(Number), start: expect.any(Number), rt: 0 });
  });

  test('requests that begin alike do not share what they hand out', () => {
    const bytes = bytesOf((out) => writeRequest(out, 7, request(['x', 'y']), options));
    const first = read(bytes, { hessianVersion });
    first.data.methodArgSigs.push('spoiled');
    first.data.args.length = 0;
    const second = read(bytes, { hessianVersion });
    expect(second.data.methodArgSigs).toEqual(['java.lang.String', 'java.lang.String']);
    expect(second.data.args).toEqual(['x', 'y']);
  });

  test('a request is told from others of its service by method, signature and application', () => {
    const seen = (more: object, args: unknown[]) => {
      const { data } = read(
        bytesOf((out) => writeRequest(out, 7, request(args, more), options)),
        { hessianVersion },
      );
      return [data.methodName, data.methodArgSigs, data.targetAppName, data.args];
    };
    for (let round = 0; round < 2; round++) {
      expect(seen({ methodName: 'a' }, [1])).toEqual(['a', ['int'], null, [1]]);
      expect(seen({ methodName: 'a' }, ['x'])).toEqual(['a', ['java.lang.String'], null, ['x']]);
      expect(seen({ methodName: 'b' }, [1])).toEqual(['b', ['int'], null, [1]]);
      expect(seen({ methodName: 'a', targetAppName: 'app' }, [1])).toEqual(['a', ['int'], 'app', [1]]);
    }
  });

  test('a failure is an error with the message, without a stack of the server', () => {
    const thrown = new TypeError('at home');
    const bytes = bytesOf((out) =>
      writeResponse(out, 7, asked, { isError: true, appResponse: thrown }, options),
    );
    expect(bytes.toString('latin1')).not.toContain('frames.test');
    const { data, className } = read(bytes, { hessianVersion });
    expect(className).toBe('com.alipay.remoting.rpc.exception.RpcServerException');
    expect(data.error.message).toBe(
      'com.alipay.remoting.rpc.exception.RpcServerException: TypeError: at home',
    );
    expect(data.error.stack).toBe('');
  });

  test('an error in an Exception of a class map leaves its stack at home, too', () => {
    const bytes = bytesOf((out) =>
      writeResponse(
        out,
        7,
        asked,
        { appResponse: { $class: 'java.lang.Exception', $: new Error('mine') } },
        { ...options, classMap: {} },
      ),
    );
    expect(bytes.toString('latin1')).not.toContain('frames.test');
    const { error } = read(bytes, { hessianVersion }).data;
    expect([error.name, error.message, error.stack]).toEqual([
      'java.lang.Exception',
      'Error: mine',
      'java.lang.Exception: Error: mine',
    ]);
  });

  test('values that a getter writes on the way do not mix with those around them', () => {
    const inner = bytesOf((out) => writeRequest(out, 8, request([['x']]), options));
    const args = [
      {
        get a() {
          expect(bytesOf((out) => writeRequest(out, 8, request([['x']]), options))).toEqual(inner);
          return 'after';
        },
        b: ['y'],
      },
    ];
    expect(
      read(
        bytesOf((out) => writeRequest(out, 7, request(args), options)),
        { hessianVersion },
      ).data.args,
    ).toEqual([{ a: 'after', b: ['y'] }]);
  });

  test('a fault on the way spoils nothing that follows', () => {
    const good = bytesOf((out) => writeRequest(out, 8, request([['x'], ['x']]), options));
    const shared = ['x'];
    expect(() => bytesOf((out) => writeRequest(out, 8, request([shared, 5n]), options))).toThrow(
      'Do not know how to serialize a BigInt',
    );
    expect(bytesOf((out) => writeRequest(out, 8, request([['x'], ['x']]), options))).toEqual(good);
  });

  test('long texts and large bodies come back', () => {
    const value = [
      'ä'.repeat(100_000),
      Buffer.alloc(100_000, 1),
      Array.from({ length: 3000 }, (_, i) => ({ i })),
    ];
    expect(echo(value)).toEqual(value);
  });

  test('what is too deep is refused', () => {
    let deep: unknown = null;
    for (let i = 0; i < 1500; i++) deep = [deep];
    expect(() => echo(deep)).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }));
  });
});

test('a status says what it is where nothing else does', () => {
  const message = (status: number) =>
    read(bytesOf((out) => writeResponse(out, 7, asked, { status }, frameOptions()))).data.error.message;
  expect(message(4)).toContain('Server thread pool busy when invoke with callback.');
  expect(message(7)).toContain('Invoke timeout when invoke with callback.');
  expect(message(16)).toContain('Connection closed when invoke with callback.');
  expect(message(9)).toContain('Exception caught in invocation. responseStatus: 9');
});

test('a failure without content has a text of its own', () => {
  const bytes = bytesOf((out) =>
    encodeFrame(out, { proto: 1, type: 0, cmdCode: 2, requestId: 7, codec: 1, status: 2 }, RESPONSE_CLASS),
  );
  expect(read(bytes).data.error.message).toBe(
    'Server exception when invoke with callback.Please check the server log!',
  );
});

test('whether a response is an error is noted in it', () => {
  const failed: { errorMsg: string; isError?: boolean } = { errorMsg: 'x' };
  bytesOf((out) => writeResponse(out, 7, asked, failed, frameOptions()));
  expect(failed.isError).toBe(true);
  const fine: { isError?: boolean } = {};
  bytesOf((out) => writeResponse(out, 7, asked, fine, frameOptions()));
  expect(fine.isError).toBe(false);
});

test('the class map of a request or response goes before the one of the options', () => {
  const classMap = { 'com.test.A': { x: { type: 'java.lang.String' } } };
  const arg = () => ({ $class: 'com.test.A', $: { x: 5 } });
  const args = (more: object) =>
    read(bytesOf((out) => writeRequest(out, 7, request([arg()], more), frameOptions({ classMap: {} })))).data
      .args;
  expect(args({})).toEqual([{ x: 5 }]);
  expect(args({ classMap })).toEqual([{ x: '5' }]);
});

test('what is no request is refused', () => {
  const write = (more: object, options?: object) => () =>
    bytesOf((out) => writeRequest(out, 7, request([], more), frameOptions(options)));
  expect(write({ timeout: undefined })).toThrow('[RpcRequestCommand] req.timeout should be a number');
  expect(write({ timeout: 2 ** 31 })).toThrow(RangeError);
  expect(write({}, { codecType: 'json' })).toThrow('codecType json is not known');
  expect(write({ codecType: 'json' })).toThrow('codecType json is not known');
  expect(write({ serverSignature: 5 })).toThrow(TypeError);
});

test('frames that are no packets are refused', () => {
  const frame = (more: object, name: string, content: Buffer) => () =>
    read(
      bytesOf((out) =>
        encodeFrame(
          out,
          { proto: 1, type: 1, cmdCode: 1, requestId: 7, codec: 1, ...more },
          name,
          [],
          content,
        ),
      ),
    );
  const code = (expected: string) => expect.objectContaining({ code: expected });
  expect(frame({ codec: 12 }, REQUEST_CLASS, Buffer.alloc(0))).toThrow(code('PROTOCOL_VIOLATION'));
  expect(frame({}, REQUEST_CLASS, Buffer.alloc(0))).toThrow(code('DECODE_FAILED'));
  expect(frame({}, REQUEST_CLASS, Buffer.from('N'))).toThrow(code('DECODE_FAILED'));
  expect(frame({ type: 0, cmdCode: 2 }, RESPONSE_CLASS, Buffer.from('N'))).toThrow(code('DECODE_FAILED'));
  expect(frame({ codec: 11 }, REQUEST_CLASS, Buffer.alloc(0))).toThrow(code('DECODE_FAILED'));
  expect(frame({ codec: 11, type: 0, cmdCode: 2 }, RESPONSE_CLASS, Buffer.alloc(0))).toThrow(
    'not found req for res#7',
  );
});

test('a request whose arguments are missing is refused', () => {
  const bytes = bytesOf((out) => writeRequest(out, 7, request(['one', 'two']), frameOptions()));
  const cut = Buffer.from(bytes.subarray(0, bytes.length - 4));
  cut.writeInt32BE(cut.readInt32BE(18) - 4, 18);
  expect(() => read(cut)).toThrow('the request has 1 arguments, its signature names 2');
});

test('a frame of another class is its value', () => {
  const bytes = bytesOf((out) =>
    encodeFrame(
      out,
      { proto: 1, type: 1, cmdCode: 1, requestId: 7, codec: 1 },
      'com.test.Command',
      [],
      Buffer.from([0x94]),
    ),
  );
  expect(read(bytes)).toMatchObject({ className: 'com.test.Command', data: 4 });
});

test('a heartbeat says 3 s where nothing is said', () => {
  const timeout = (ms: number | undefined) =>
    read(bytesOf((out) => writeHeartbeat(out, 7, ms, frameOptions()))).options.timeout;
  expect([timeout(undefined), timeout(0), timeout(50)]).toEqual([3000, 3000, 50]);
});

test('protobuf asks the proto alone', () => {
  const type = {
    fromObject: (value: unknown) => ({ value }),
    encode: (message: object) => ({ finish: () => Buffer.from(JSON.stringify(message)) }),
    decode: (bytes: Buffer) => JSON.parse(String(bytes)),
    toObject: (message: { value: unknown }) => message.value,
  };
  const method = {
    requestType: 'A',
    responseType: 'B',
    resolvedRequestType: type,
    resolvedResponseType: type,
    resolve: () => method,
  };
  const proto = {
    lookupService: (name: string) => ({
      get: (called: string) => (name === 'com.test.Service' && called === 'call' ? method : null),
    }),
  };
  const options = frameOptions({ codecType: 'protobuf', proto });
  const context = { hessianVersion: '3.0' as const, proto, asked: () => asked };
  const sent = read(
    bytesOf((out) =>
      writeRequest(
        out,
        7,
        request([{ a: 1 }], { requestProps: { rpc_trace_context: { id: 't' }, n: 5, skip: true } }),
        options,
      ),
    ),
    context,
  );
  expect(sent.data.args[0].toObject()).toEqual({ a: 1 });
  expect(sent.data.requestProps).toMatchObject({
    rpc_trace_context: { id: 't' },
    n: '5',
    service: asked.serverSignature,
  });
  expect(sent.data.requestProps).not.toHaveProperty('skip');
  const answer = read(
    bytesOf((out) => writeResponse(out, 7, asked, { appResponse: { b: 2 } }, options)),
    context,
  );
  expect(answer.data.appResponse.toObject()).toEqual({ b: 2 });
  const failed = read(
    bytesOf((out) => writeResponse(out, 7, asked, { isError: true, errorMsg: 'x' }, options)),
    context,
  );
  expect(failed.data.error.message).toBe('Error: x');
  expect(() =>
    bytesOf((out) => writeRequest(out, 7, request([{}], { methodName: 'none' }), options)),
  ).toThrow("no such Method 'none' in Service 'com.test.Service:1.0'");
  expect(() =>
    bytesOf((out) => writeRequest(out, 7, request([{}]), { ...options, proto: undefined })),
  ).toThrow('needs a proto');
});

test('a header may be anything, also what every object inherits', () => {
  const bytes = bytesOf((out) =>
    encodeFrame(out, { proto: 1, type: 1, cmdCode: 1, requestId: 7, codec: 11 }, REQUEST_CLASS, [
      ['sofa_head_target_service', 's'],
      ['sofa_head_method_name', 'm'],
      ['__proto__', 'x'],
      ['rpc_trace_context.__proto__', 'y'],
    ]),
  );
  const method = { resolve: () => method };
  const proto = { lookupService: () => ({ get: () => method }) };
  const { requestProps } = read(bytes, { hessianVersion: '3.0', proto }).data;
  expect(Object.getOwnPropertyDescriptor(requestProps, '__proto__')?.value).toBe('x');
  expect(Object.getPrototypeOf(requestProps)).toBe(Object.prototype);
  expect(Object.getOwnPropertyDescriptor(requestProps.rpc_trace_context, '__proto__')?.value).toBe('y');
});

test('errors of reading are errors of this library', () => {
  try {
    read(
      bytesOf((out) =>
        encodeFrame(
          out,
          { proto: 1, type: 0, cmdCode: 2, requestId: 7, codec: 1 },
          RESPONSE_CLASS,
          [],
          Buffer.from([0x43]),
        ),
      ),
    );
    expect.unreachable();
  } catch (error) {
    expect(MeshError.is(error)).toBe(true);
  }
});

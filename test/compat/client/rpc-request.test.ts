import { expect, test } from 'vitest';
import { RpcRequest } from '../../../src/compat/client/rpc-request.js';

const needed = { serverSignature: 'com.acme.Echo:1.0', methodName: 'echo', args: ['x'], timeout: 5 };

test.each(['serverSignature', 'methodName', 'args', 'timeout'])('a request needs its %s', (name) => {
  expect(() => new RpcRequest({ ...needed, [name]: undefined } as never)).toThrow(
    `[RpcRequest] req.${name} is required`,
  );
  expect(() => new (RpcRequest as never as new () => unknown)()).toThrow('req.serverSignature is required');
});

test('a request has what it was made with, and a meta that knows nothing yet', () => {
  const before = Date.now();
  const request = new RpcRequest({
    ...needed,
    targetAppName: 'app',
    group: 'G',
    codecType: 'protobuf',
    ctx: 7,
  });
  expect(request).toMatchObject({
    ...needed,
    targetAppName: 'app',
    group: 'G',
    codecType: 'protobuf',
    ctx: 7,
  });
  expect(request.requestProps).toEqual({ service: 'com.acme.Echo:1.0' });
  expect(request.meta).toEqual({
    id: null,
    resultCode: '00',
    connectionGroup: null,
    codecType: null,
    boltVersion: null,
    crcEnable: false,
    start: expect.any(Number),
    timeout: 5,
    address: null,
    requestEncodeStart: 0,
    requestEncodeRT: 0,
    reqSize: 0,
    responseDecodeStart: 0,
    responseDecodeRT: 0,
    resSize: 0,
    rt: null,
    error: null,
  });
  expect(request.meta.start).toBeGreaterThanOrEqual(before);
});

test('properties of its own replace the default ones', () => {
  const requestProps = { a: 1 };
  expect(new RpcRequest({ ...needed, requestProps }).requestProps).toBe(requestProps);
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../src/compat/client/address.js';
import { RpcConnection } from '../../src/compat/client/rpc-connection.js';
import type { CallTrace } from '../../src/core/operations.js';
import { decodeAll, encodeAll } from '../../src/hessian/public.js';
import { settled } from '../../src/testing/fake-clock.js';
import { java } from '../../src/values/java.js';
import { heard } from '../support/events.js';
import { REQUEST, request } from '../support/raw-peer.js';
import { channelsOf, FAILS, payloads, SUCCEEDS, stepsOf, traced } from '../support/traced.js';
import { type Asked, clientWorld, ECHO, echo, provider, rejected } from './client/client-world.js';
import { oldMeshWorld, PEOPLE_ID } from './mesh-world.js';
import { memoryServer } from './server/serve.js';

const BOTH = ['client.call', 'client.attempt'] as const;

/** A consumer of one scripted provider. */
async function consumed(script: (asked: Asked) => void) {
  const { network, client, passing, clock } = clientWorld();
  const { asked } = provider(network, 'a:1', script);
  const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
  await passing(consumer.ready());
  return { asked, client, clock, consumer, passing };
}

describe('a call of a consumer', () => {
  test('is told of as any other, with its attempt', async () => {
    const told = traced(...BOTH);
    const { consumer, passing } = await consumed(echo);
    expect(await passing(consumer.invoke('echo', ['hi'], { responseTimeout: 700 }))).toBe('hi');
    const [call] = payloads(told, 'client.call');
    const [attempt] = payloads(told, 'client.attempt');
    expect(call).toMatchObject({
      side: 'client',
      service: `${ECHO}:1.0`,
      method: 'echo',
      oneway: false,
      timeoutMs: 700,
      attempts: 1,
      path: 'direct',
      endpoint: 'a:1',
      error: undefined,
    });
    expect(attempt).toMatchObject({ attempt: 1, endpoint: 'a:1', error: undefined });
    expect(attempt.requestBytes).toBeGreaterThan(50);
    expect(attempt.responseBytes).toBeGreaterThan(50);
    expect([stepsOf(told, call), stepsOf(told, attempt)]).toEqual([SUCCEEDS, SUCCEEDS]);
    expect(told).toHaveLength(8);
  });

  test('fails with the error of the core', async () => {
    const told = traced(...BOTH);
    const { consumer, passing } = await consumed(() => undefined);
    const error = await passing(rejected(consumer.invoke('echo', [], { responseTimeout: 50 })));
    expect(error.name).toMatch(/Timeout/);
    const [call] = payloads(told, 'client.call');
    expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', sent: true });
    expect(stepsOf(told, call)).toEqual(FAILS);
  });

  test('carries what a subscriber adds among its properties, and leaves those of the user alone', async () => {
    const listen = {
      start: ({ metadata }: CallTrace) => {
        metadata.traceparent = '00-1';
      },
    };
    channelsOf('client.call').subscribe(listen as never);
    onTestFinished(() => void channelsOf('client.call').unsubscribe(listen as never));
    const { consumer, asked, passing } = await consumed(echo);
    const requestProps = { tenant: 'a' };
    await passing(consumer.invoke('echo', ['hi'], { requestProps }));
    const [{ requestProps: sent }] = decodeAll(asked[0].seen.content) as [
      { requestProps: Map<string, string> },
    ];
    expect(Object.fromEntries(sent)).toEqual({ tenant: 'a', traceparent: '00-1' });
    expect(requestProps).toEqual({ tenant: 'a' });
  });

  test('through the sidecar says so', async () => {
    const { consumer, passing } = await oldMeshWorld();
    const told = traced(...BOTH);
    await passing(consumer.ready());
    await passing(consumer.invoke('echo', ['hi']));
    expect(payloads(told, 'client.call')).toMatchObject([{ service: PEOPLE_ID, path: 'mesh', attempts: 1 }]);
  });
});

test('a heartbeat that a user sends is no call', async () => {
  const told = traced(...BOTH);
  const { network, clock, log: logger, passing } = clientWorld();
  const { peers } = provider(network, 'a:1', echo);
  const address = parseAddress('a:1');
  const { connect } = network;
  const connection = new RpcConnection({ logger, address, clock, connect, maxIdleTime: 1_000 });
  await passing(connection.ready());
  await clock.advance(1_100);
  connection.heartbeat();
  await settled();
  expect(peers[0].frames).toMatchObject([{ cmdCode: 0 }]);
  expect(told).toEqual([]);
  void connection.forceClose();
});

describe('a call to an RpcServer', () => {
  const asks = (method: string, parts: Parameters<typeof request>[0] = {}) =>
    request({ service: 'com.acme.Greeter:1.0', method, args: ['Ann'], ...parts });

  test('is told of from start to answer', async () => {
    const told = traced('server.call');
    const { connect } = memoryServer();
    const peer = connect();
    const bytes = asks('hello');
    peer.write(bytes);
    await peer.received(1);
    await settled();
    const [call] = payloads(told, 'server.call');
    expect(call).toMatchObject({
      side: 'server',
      service: 'com.acme.Greeter:1.0',
      method: 'hello',
      remote: '10.0.0.9:4321',
      requestBytes: bytes.length,
      error: undefined,
    });
    expect(call.responseBytes).toBeGreaterThan(50);
    expect(stepsOf(told, call)).toEqual(SUCCEEDS);
  });

  test.each([
    ['that throws', 'com.acme.Greeter:1.0', 'fail', 'no such person'],
    ['of a method that is not there', 'com.acme.Greeter:1.0', 'other', 'Can not find method'],
    ['of a service that is not there', 'com.acme.Other:1.0', 'hello', 'com.acme.Other'],
  ])('%s has failed with what its caller is told', async (_, service, method, message) => {
    const told = traced('server.call');
    const { connect } = memoryServer();
    const peer = connect();
    peer.write(asks(method, { service }));
    await peer.received(1);
    await settled();
    const [call] = payloads(told, 'server.call');
    expect(call).toMatchObject({ service, method, error: { message: expect.stringContaining(message) } });
    expect(call.responseBytes).toBeGreaterThan(20);
    expect(stepsOf(told, call)).toEqual(FAILS);
  });

  test('shows the properties of the request among its metadata, flattened', async () => {
    const told = traced('server.call');
    const { connect } = memoryServer();
    const peer = connect();
    const head = java.object(REQUEST, {
      targetAppName: null,
      methodName: 'hello',
      targetServiceUniqueName: 'com.acme.Greeter:1.0',
      requestProps: { traceparent: '00-1', rpc_trace_context: { sofaRpcId: '0', sampled: true } },
      methodArgSigs: java.array('java.lang.String', ['java.lang.String']),
    });
    peer.write(asks('hello', { content: encodeAll([head, 'Ann']) }));
    await peer.received(1);
    const [{ metadata }] = payloads(told, 'server.call');
    expect(metadata.traceparent).toBe('00-1');
    expect({ ...metadata }).toMatchObject({
      traceparent: '00-1',
      'rpc_trace_context.sofaRpcId': '0',
      service: 'com.acme.Greeter:1.0',
    });
  });

  test('that it has no room for is told of as refused', async () => {
    const told = traced('server.call');
    const refused = heard('server.refused');
    const { server, connect } = memoryServer({ maxConcurrency: 1, maxQueue: 0 });
    server.addService('com.acme.Stuck', { wait: async () => new Promise(() => undefined) });
    const service = 'com.acme.Stuck:1.0';
    const peer = connect();
    peer.write(asks('wait', { service }), asks('wait', { service, fields: { requestId: 2 } }));
    await peer.received(1);
    expect(refused).toMatchObject([['server.refused', { reason: 'busy', service, method: undefined }]]);
    expect(payloads(told, 'server.call')).toHaveLength(1);
  });
});

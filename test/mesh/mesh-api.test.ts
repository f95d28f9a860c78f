import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { MeshError } from '../../src/core/errors.js';
import { MeshApi } from '../../src/mesh/mesh-api.js';
import { placesOf } from '../../src/mesh/places.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { type Connect, connectTcp } from '../../src/transport/socket.js';
import { watched } from '../support/network.js';
import { type Answer, answerHeartbeats, deadAddress, FakeApi, fakeApi, SUCCESS, tcp } from './fake-api.js';

const LONG = 20_000;
const SERVICE = 'com.lab.JSvc:1.0';

function apiAt(address: string, connect: Connect = connectTcp, clock = systemClock): MeshApi {
  const { api: endpoint } = placesOf({ api: address }, {});
  return new MeshApi({ endpoint, connect, clock });
}

/** An API in memory: no port, and time stands still. */
function inMemory(answer?: Answer) {
  const clock = new FakeClock();
  const fake = new FakeApi(answer);
  const connect: Connect = async () => {
    const [near, far] = duplexPair();
    fake.server.emit('connection', far);
    return near;
  };
  return { clock, requests: fake.requests, api: apiAt('sidecar:13330', connect, clock) };
}

const answering =
  (text: string, status = 200, type = 'application/json'): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': type }).end(text);

async function failureOf(promise: Promise<unknown>): Promise<MeshError> {
  const error = await promise.then(
    (value) => new Error(`not rejected: ${value}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MeshError);
  return error as MeshError;
}

test('bodies are those of Java, key by key, with the port in both places', async () => {
  await using server = await fakeApi();
  const api = apiAt(server.address);
  await api.application({ appName: 'lab-java' }, LONG);
  await api.publish(
    {
      service: SERVICE,
      appName: 'lab-java',
      port: 12201,
      serializeType: 'hessian2',
      protocol: 'bolt',
      properties: { startTime: '5', port: 'not this one' },
    },
    LONG,
  );
  await api.subscribe(SERVICE, LONG);
  await api.unsubscribe(SERVICE, LONG);
  await api.unpublish(SERVICE, LONG);
  expect(server.requests.map(({ path, body }) => [path, body])).toEqual([
    ['/configs/application', '{"appName":"lab-java"}'],
    [
      '/services/publish',
      `{"serviceName":"${SERVICE}","port":"12201","protocolType":"bolt","providerMetaInfo":{"protocol":"bolt","version":"4.0","serializeType":"hessian2","appName":"lab-java","properties":{"startTime":"5","port":"12201"}},"onlyPublishInCloud":false,"group":null}`,
    ],
    [
      '/services/subscribe',
      `{"serviceName":"${SERVICE}","protocolType":"bolt","targetAppAddress":null,"vipEnforce":false,"vipOnly":false,"localCloudFirst":false,"group":null,"properties":null}`,
    ],
    [
      '/services/unsubscribe',
      `{"serviceName":"${SERVICE}","targetAppAddress":null,"protocolType":"bolt","group":null}`,
    ],
    ['/services/unpublish', `{"serviceName":"${SERVICE}","protocolType":"bolt","group":null}`],
  ]);
  for (const { method, headers, body } of server.requests) {
    expect(method).toBe('POST');
    expect(headers).toMatchObject({
      host: server.address,
      'content-type': 'text/plain',
      'content-length': String(Buffer.byteLength(body)),
    });
  }
});

test('the application and the publication say what else was given', async () => {
  const { api, requests } = inMemory();
  const config = {
    secretKey: 's',
    accessKey: 'a',
    registryEndpoint: 'r:1',
    zone: 'z',
    dataCenter: 'd',
    antShareCloud: true,
    appName: '名',
  };
  await api.application(config, 1);
  await api.publish(
    {
      service: SERVICE,
      appName: '名',
      port: 1,
      serializeType: 'protobuf',
      protocol: 'bolt',
      group: 'g',
      properties: {},
    },
    1,
  );
  expect(requests[0]?.body).toBe(
    '{"appName":"名","antShareCloud":true,"dataCenter":"d","zone":"z","registryEndpoint":"r:1","accessKey":"a","secretKey":"s"}',
  );
  expect(JSON.parse(requests[1]?.body ?? '')).toMatchObject({
    group: 'g',
    providerMetaInfo: { serializeType: 'protobuf', properties: { port: '1' } },
  });
});

test('a subscription returns what the sidecar names, as it came', async () => {
  const datas = ['127.0.0.1:12220?_TIMEOUT=3000&p=1', 'x'];
  expect(
    await inMemory(answering(JSON.stringify({ success: true, datas }))).api.subscribe(SERVICE, 1),
  ).toEqual(datas);
  expect(await inMemory(answering('{"success":true,"datas":[]}')).api.subscribe(SERVICE, 1)).toEqual([]);
  expect(await inMemory(answering('{"success":true,"datas":null}')).api.subscribe(SERVICE, 1)).toEqual([]);
  expect(await inMemory().api.subscribe(SERVICE, 1)).toEqual([]);
  for (const wrong of ['"x"', '[1]', '{}']) {
    const { api } = inMemory(answering(`{"success":true,"datas":${wrong}}`));
    const error = await failureOf(api.subscribe(SERVICE, 1));
    expect(error.code).toBe('PROTOCOL_VIOLATION');
    expect(error.message).toContain('datas is no list of texts');
  }
});

test('each request has a connection of its own, closed when it was answered', async () => {
  await using server = await fakeApi();
  const api = apiAt(server.address);
  await api.unpublish(SERVICE, LONG);
  await api.unpublish(SERVICE, LONG);
  expect(server.connections).toBe(2);
  await expect.poll(() => server.open).toBe(0);

  // One that holds the connection after its answer.
  const [near, far] = duplexPair();
  far.on('data', () => far.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SUCCESS.length}\r\n\r\n${SUCCESS}`));
  await apiAt('sidecar:1', async () => near).unpublish(SERVICE, LONG);
  expect(near.destroyed).toBe(true);
});

test('a refusal is quoted, and cut', async () => {
  const missing = "Registry module not startup. Should call '/configs/application' endpoint at first.";
  const refuse = (errorMessage: unknown) =>
    failureOf(
      inMemory(answering(JSON.stringify({ errorMessage, success: false }))).api.publish(
        {
          service: SERVICE,
          appName: 'a',
          port: 1,
          serializeType: 'hessian2',
          protocol: 'bolt',
          properties: {},
        },
        1,
      ),
    );
  const error = await refuse(missing);
  expect(error.code).toBe('REMOTE_FAILURE');
  expect(error.endpoint).toBe('sidecar:13330');
  expect(error.message).toBe(
    `the mesh API at sidecar:13330 refused /services/publish: ${JSON.stringify(missing)}`,
  );
  expect((await refuse('x'.repeat(500))).message).toMatch(/: "x{200}\.\.\."$/);
  expect((await refuse('')).message).toMatch(/refused \/services\/publish: it does not say why$/);
});

test('keys are in no message, even where the sidecar repeats them', async () => {
  const config = { appName: 'a', accessKey: 'open"sesame', secretKey: 'hunter2' };
  const echoes: Answer[] = [
    (request, response) => void response.end(JSON.stringify({ success: false, errorMessage: request.body })),
    (request, response) => void response.writeHead(500).end(request.body),
    // A cut must not keep half of a key.
    answering(JSON.stringify({ success: false, errorMessage: `${'x'.repeat(196)}hunter2` })),
  ];
  for (const answer of echoes) {
    const error = await failureOf(inMemory(answer).api.application(config, 1));
    expect(error.message).toContain('***');
    expect(error.message).not.toMatch(/sesame|hunt/);
  }
  const empty = { appName: 'a', accessKey: '' };
  expect((await failureOf(inMemory(answering('no')).api.application(empty, 1))).message).toMatch(/: "no"$/);
});

test('what answers, but not as a mesh API, is a violation that says what it said', async () => {
  const cases: [Answer, string | RegExp][] = [
    [answering('<html>hi</html>', 200, 'text/html'), 'status 200, text/html: "<html>hi</html>"'],
    [answering(SUCCESS, 500), 'status 500, application/json: '],
    [answering(SUCCESS, 302), 'status 302'],
    [answering('null'), 'status 200, application/json: "null"'],
    [answering('{}'), '"{}"'],
    [answering('{"success":"true"}'), 'success'],
    [answering(''), 'status 200'],
    [answering(`{"success":true,"x":"${'x'.repeat(1 << 20)}"}`), 'more than 1048576 bytes'],
  ];
  for (const [answer, message] of cases) {
    const error = await failureOf(inMemory(answer).api.application({ appName: 'a' }, 1));
    expect(error.code).toBe('PROTOCOL_VIOLATION');
    expect(error.message).toMatch(
      /^the mesh API at sidecar:13330 does not answer \/configs\/application as a /,
    );
    expect(error.message).toContain(message);
  }
});

test('an answer that never ends is cut', async () => {
  const { api, requests } = inMemory((_request, response) => {
    const pour = () => response.destroyed || response.write('x'.repeat(64 * 1024), () => setImmediate(pour));
    pour();
  });
  // Time stands still: it is not the limit of time that ends it.
  const error = await failureOf(api.application({ appName: 'a' }, 1));
  expect(error.message).toContain('more than 1048576 bytes');
  expect(requests).toHaveLength(1);
});

test('a service that is not HTTP is told by its own words', async () => {
  await using ssh = await tcp((socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'));
  const error = await failureOf(apiAt(ssh.address).application({ appName: 'a' }, LONG));
  expect(error.code).toBe('PROTOCOL_VIOLATION');
  expect(error.message).toContain('it is not HTTP: "SSH-2.0-OpenSSH_9.6');
});

test('a connection that ends before the answer does is lost', async () => {
  await using bolt = await tcp((socket) => answerHeartbeats(socket));
  const atOnce = await failureOf(apiAt(bolt.address).application({ appName: 'a' }, LONG));
  expect(atOnce.code).toBe('CONNECTION_LOST');
  expect(atOnce.message).toMatch(/closed the connection before it had answered .*is it a mesh API\?$/);

  await using halfway = await fakeApi((_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"success"');
    setImmediate(() => response.destroy());
  });
  const inside = await failureOf(apiAt(halfway.address).subscribe(SERVICE, LONG));
  expect(inside).toMatchObject({ code: 'CONNECTION_LOST', sent: true });
});

test('where nothing listens, the failure says so at once', async () => {
  const address = await deadAddress();
  const error = await failureOf(apiAt(address).subscribe(SERVICE, LONG));
  expect(error).toMatchObject({ code: 'CONNECT_FAILED', endpoint: address, sent: false });
  expect(error.message).toBe(
    `cannot reach the mesh API at ${address}: connect ECONNREFUSED ${address}: nothing listens there`,
  );
  const socket = await failureOf(apiAt('unix:/no/such.sock').subscribe(SERVICE, LONG));
  expect(socket.code).toBe('CONNECT_FAILED');
  expect(socket.message).toMatch(/at unix:\/no\/such\.sock: .*there is no such socket$/);
  const refusing: Connect = async () => {
    throw new MeshError('CONNECT_FAILED', 'the network is gone');
  };
  const own = await failureOf(apiAt('sidecar:1', refusing).subscribe(SERVICE, 1));
  expect(own.message).toBe('cannot reach the mesh API at sidecar:1: the network is gone');
});

test('the time is bounded: while connecting, while waiting, and while the answer trickles', async () => {
  const clock = new FakeClock();
  let aborted = false;
  const never: Connect = (_endpoint, signal) =>
    new Promise(() => signal.addEventListener('abort', () => (aborted = true)));
  const connecting = watched(apiAt('sidecar:1', never, clock).subscribe(SERVICE, 800));
  await clock.advance(799);
  expect(connecting.state).toBe('pending');
  await clock.advance(1);
  expect(connecting.error).toMatchObject({ code: 'CONNECT_FAILED', sent: false });
  expect(String(connecting.error)).toContain('did not accept a connection within 800 ms');
  expect(aborted).toBe(true);

  const answers: Answer[] = [
    () => undefined,
    (_request, response: ServerResponse) => void response.writeHead(200).write('{"success":'),
  ];
  for (const answer of answers) {
    const slow = inMemory(answer);
    const waiting = watched(slow.api.subscribe(SERVICE, 3_000));
    await slow.clock.advance(2_999);
    expect(slow.requests).toHaveLength(1);
    expect(waiting.state).toBe('pending');
    await slow.clock.advance(1);
    expect(waiting.error).toMatchObject({ code: 'CONNECT_FAILED', sent: true });
    expect(String(waiting.error)).toContain('did not answer /services/subscribe within 3000 ms');
    expect(slow.clock.pendingTimers).toBe(0);
  }
});

test('a stream that comes too late is freed', async () => {
  const clock = new FakeClock();
  const [near] = duplexPair();
  let deliver = (): void => undefined;
  const connect: Connect = () =>
    new Promise((resolve) => {
      deliver = () => resolve(near);
    });
  const call = watched(apiAt('sidecar:1', connect, clock).subscribe(SERVICE, 800));
  await clock.advance(800);
  expect(call.state).toBe('rejected');
  deliver();
  await settled();
  expect(near.destroyed).toBe(true);
});

test('no timer is left behind', async () => {
  const { api, clock } = inMemory();
  await api.unsubscribe(SERVICE, 3_000);
  await settled();
  expect(clock.pendingTimers).toBe(0);
});

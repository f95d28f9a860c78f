import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.js';
import { MeshError } from '../../src/core/errors.js';
import { MeshApi } from '../../src/mesh/mesh-api.js';
import { type PlacesOptions, placesOf } from '../../src/mesh/places.js';
import { probe } from '../../src/mesh/probe.js';
import { boltFraming } from '../../src/protocol/framings.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import type { ClientConnection } from '../../src/transport/client-connection.js';
import { type Connect, connectTcp } from '../../src/transport/socket.js';
import { watched } from '../support/network.js';
import {
  answerHeartbeats,
  deadAddress,
  FakeApi,
  fakeApi,
  GO_AWAY,
  type Listening,
  SUCCESS,
  tcp,
} from './fake-api.js';

interface Looking {
  options: PlacesOptions;
  env?: Record<string, string>;
  clock?: Clock;
  connect?: Connect;
  boltVersion?: 'v1' | 'v2';
}

function look({ options, env = {}, clock = systemClock, connect = connectTcp, boltVersion = 'v1' }: Looking) {
  const told: string[] = [];
  const places = placesOf(options, env);
  const api = new MeshApi({ endpoint: places.api, connect, clock });
  const decision = probe(
    places,
    api,
    { appName: 'shop', secretKey: 'hunter2' },
    {
      connect,
      clock,
      framing: boltFraming(boltVersion),
      protocol: `Bolt ${boltVersion}`,
      onUnusable: () => told.push('go-away'),
      onClosed: (_connection, reason) => told.push(`closed: ${reason.code}`),
    },
  );
  return { told, decision };
}

/** Looks at real sockets, and takes whatever comes of it. */
async function decided(looking: Looking) {
  const { told, decision } = look(looking);
  const { found, reasons, ...more } = await decision;
  return { told, found, reasons, connection: (more as { connection?: ClientConnection }).connection };
}

function end(connection: ClientConnection | undefined): void {
  connection?.close(new MeshError('SHUTTING_DOWN', 'the test is over'));
}

const egress = (path?: string) => tcp((socket) => answerHeartbeats(socket), path);

/** Accepts, reads and never answers; `asked` resolves when something was read. */
async function hanging(): Promise<Listening & { asked: Promise<void> }> {
  let read = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    read = resolve;
  });
  return Object.assign(await tcp((socket) => void socket.on('data', () => read())), { asked });
}

/** Nothing of the probe is left open there. */
async function leftAlone(...servers: Listening[]): Promise<void> {
  for (const server of servers) await expect.poll(() => server.open).toBe(0);
}

test('both live: found, with a connection that stays, and the application told', async () => {
  await using api = await fakeApi();
  await using bolt = await egress();
  const { found, reasons, connection, told } = await decided({
    options: { api: api.address, egress: bolt.address },
  });
  expect(found).toBe(true);
  expect(reasons).toEqual([
    `api ${api.address}: option api`,
    `egress ${bolt.address}: option egress`,
    expect.stringMatching(`^the mesh API at ${api.address} answered the application in \\d+ ms$`),
    expect.stringMatching(`^the egress at ${bolt.address} answered a Bolt v1 heartbeat in \\d+ ms$`),
    'there is a sidecar',
  ]);
  expect(api.requests.map(({ path, body }) => `${path} ${body}`)).toEqual([
    '/configs/application {"appName":"shop","secretKey":"hunter2"}',
  ]);
  expect(connection?.isUsable).toBe(true);
  expect(bolt.open).toBe(1);
  await connection?.alive();
  end(connection);
  expect(told).toEqual(['closed: SHUTTING_DOWN']);
  await leftAlone(api, bolt);
});

test('no sidecar: neither answers, and the decision takes no time', async () => {
  const [api, bolt] = [await deadAddress(), await deadAddress()];
  const clock = new FakeClock();
  const { found, reasons } = await decided({ options: { api, egress: bolt }, clock });
  expect(clock.now()).toBe(0);
  expect(clock.pendingTimers).toBe(0);
  expect(found).toBe(false);
  expect(reasons.slice(2)).toEqual([
    `cannot reach the mesh API at ${api}: connect ECONNREFUSED ${api}: nothing listens there`,
    `cannot reach the egress at ${bolt}: connect ECONNREFUSED ${bolt}: nothing listens there`,
    'no sidecar: neither a mesh API nor an egress',
  ]);
});

test('an environment whose ports are dead: not found, and the variables are named', async () => {
  const port = async () => (await deadAddress()).split(':')[1] as string;
  const env = { MOSN_ENABLE: 'true', MOSN_REGISTRY_PORT: await port(), MOSN_EGRESS_PORT: await port() };
  const { found, reasons } = await decided({ options: {}, env });
  expect(found).toBe(false);
  expect(reasons).toContain(`api 127.0.0.1:${env.MOSN_REGISTRY_PORT}: MOSN_REGISTRY_PORT`);
  expect(reasons).toContain(`egress 127.0.0.1:${env.MOSN_EGRESS_PORT}: MOSN_EGRESS_PORT`);
});

test('an environment with a live sidecar: found', async () => {
  await using api = await fakeApi();
  await using bolt = await egress();
  const env = { SOFA_MESH_API: api.address, MOSN_EGRESS_PORT: bolt.address.split(':')[1] as string };
  const { found, connection } = await decided({ options: {}, env });
  expect(found).toBe(true);
  end(connection);
});

test('switched off by the environment: nothing is looked at', async () => {
  const connect = vi.fn<Connect>();
  const { found, reasons } = await decided({ options: {}, env: { MOSN_ENABLE: 'false' }, connect });
  expect(found).toBe(false);
  expect(reasons).toContain('MOSN_ENABLE is false: no sidecar is looked for');
  expect(reasons.at(-1)).toBe('no sidecar: it is switched off');
  expect(connect).not.toHaveBeenCalled();
});

test('an API without an egress is no sidecar', async () => {
  await using api = await fakeApi();
  const { found, reasons } = await decided({ options: { api: api.address, egress: await deadAddress() } });
  expect(found).toBe(false);
  expect(reasons.at(-1)).toBe('no sidecar: a mesh API without an egress');
});

test('an egress without an API is no sidecar, and nothing is left open there', async () => {
  await using bolt = await egress();
  const { found, reasons, told } = await decided({
    options: { api: await deadAddress(), egress: bolt.address },
  });
  expect(found).toBe(false);
  expect(reasons.at(-1)).toBe('no sidecar: an egress without a mesh API');
  expect(told).toEqual([]);
  await leftAlone(bolt);
});

test('an API that refuses the application is not used; keys stay out of the reasons', async () => {
  await using api = await fakeApi(
    ({ body }, response) => void response.end(JSON.stringify({ success: false, errorMessage: body })),
  );
  await using bolt = await egress();
  const { found, reasons } = await decided({ options: { api: api.address, egress: bolt.address } });
  expect(found).toBe(false);
  expect(reasons[2]).toContain(`the mesh API at ${api.address} refused /configs/application: `);
  expect(reasons.join()).not.toContain('hunter2');
});

test('wrong services on the ports are told by what they say', async () => {
  await using html = await fakeApi(
    (_request, response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>no</h1>'),
  );
  await using ssh = await tcp((socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'));
  await using bolt = await egress();
  await using api = await fakeApi();
  const cases: [api: Listening, egress: Listening, reason: string | RegExp][] = [
    [html, bolt, /mesh API .* status 404, text\/html: "<h1>no<\/h1>"$/],
    [ssh, bolt, /mesh API .* not HTTP: "SSH-2\.0-OpenSSH_9\.6/],
    [bolt, bolt, /mesh API .* closed the connection before .* is it a mesh API\?$/],
    // What an HTTP server says to a heartbeat begins with HTTP.
    [
      api,
      html,
      /egress .* did not answer a Bolt v1 heartbeat: .* unknown protocol 72 .* first bytes 48545450/,
    ],
    [
      api,
      ssh,
      /egress .* did not answer a Bolt v1 heartbeat: .* unknown protocol 83 .* first bytes 5353482d/,
    ],
  ];
  for (const [atApi, atEgress, reason] of cases) {
    const { found, reasons, told } = await decided({
      options: { api: atApi.address, egress: atEgress.address },
    });
    expect(found).toBe(false);
    expect(reasons).toContainEqual(expect.stringMatching(reason));
    expect(told).toEqual([]);
  }
  await leftAlone(html, ssh, bolt, api);
});

test('what accepts and hangs is given up before a second has passed', async () => {
  const hungApi = /^the mesh API .* accepted the connection, but did not answer .* within 800 ms$/;
  const hungEgress = /^the egress .* accepted the connection, but did not answer .* within 800 ms: it hangs/;
  const cases: [apiHangs: boolean, egressHangs: boolean, reasons: RegExp[]][] = [
    [true, true, [hungApi, hungEgress, /^no sidecar: neither/]],
    [false, true, [hungEgress, /^no sidecar: a mesh API without an egress/]],
    [true, false, [hungApi, /^no sidecar: an egress without a mesh API/]],
  ];
  for (const [apiHangs, egressHangs, expected] of cases) {
    await using hungAtApi = await hanging();
    await using hungAtEgress = await hanging();
    await using api = await fakeApi();
    await using bolt = await egress();
    const clock = new FakeClock();
    const options = {
      api: (apiHangs ? hungAtApi : api).address,
      egress: (egressHangs ? hungAtEgress : bolt).address,
    };
    const { decision, told } = look({ options, clock });
    const seen = watched(decision);
    if (apiHangs) await hungAtApi.asked;
    if (egressHangs) await hungAtEgress.asked;
    // The half that lives has answered: only the timer of the other is left.
    await expect.poll(() => clock.pendingTimers).toBe(apiHangs && egressHangs ? 2 : 1);
    await clock.advance(799);
    expect(seen.state).toBe('pending');
    await clock.advance(1);
    const { found, reasons } = await decision;
    expect(clock.now()).toBe(800);
    expect(found).toBe(false);
    for (const reason of expected) expect(reasons).toContainEqual(expect.stringMatching(reason));
    expect(told).toEqual([]);
    await leftAlone(hungAtApi, hungAtEgress, bolt);
  }
});

test('what swallows the connection is given up, too', async () => {
  const clock = new FakeClock();
  const swallow: Connect = () => new Promise(() => undefined);
  const { decision } = look({ options: {}, clock, connect: swallow });
  await clock.advance(800);
  const { found, reasons } = await decision;
  expect(found).toBe(false);
  expect(reasons).toContain('the mesh API at 127.0.0.1:13330 did not accept a connection within 800 ms');
  expect(reasons).toContain('the egress at 127.0.0.1:12220 did not accept a connection within 800 ms');
});

test('Unix sockets are looked at as ports are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sofa-mesh-'));
  try {
    const paths = { api: join(folder, 'api.sock'), egress: join(folder, 'egress.sock') };
    const options = { api: `unix:${paths.api}`, egress: `unix:${paths.egress}` };
    const before = await decided({ options });
    expect(before.found).toBe(false);
    expect(before.reasons).toContainEqual(
      expect.stringMatching(/egress at unix:.*: there is no such socket$/),
    );

    await using api = await fakeApi(undefined, paths.api);
    await using bolt = await egress(paths.egress);
    const { found, connection } = await decided({ options });
    expect(found).toBe(true);
    expect(connection?.endpoint.address).toBe(`unix:${paths.egress}`);
    expect(api.requests[0]?.headers.host).toBe('localhost');
    end(connection);
    await leftAlone(api, bolt);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the heartbeat is of the version that was asked for, and the reason names it where it is not answered', async () => {
  await using api = await fakeApi();
  await using v1 = await tcp((socket) => answerHeartbeats(socket, 'v1'));
  await using v2 = await tcp((socket) => answerHeartbeats(socket, 'v2'));
  const at = (bolt: Listening, boltVersion: 'v1' | 'v2') =>
    decided({ options: { api: api.address, egress: bolt.address }, boltVersion });

  const right = await at(v2, 'v2');
  expect(right.found).toBe(true);
  expect(right.reasons).toContainEqual(expect.stringContaining('answered a Bolt v2 heartbeat'));
  end(right.connection);

  for (const [bolt, version] of [[v2, 'v1'] as const, [v1, 'v2'] as const]) {
    const wrong = await at(bolt, version);
    expect(wrong.found).toBe(false);
    const reason = `did not answer a Bolt ${version} heartbeat: .*closed it; it is no Bolt listener, or speaks another version`;
    expect(wrong.reasons).toContainEqual(expect.stringMatching(reason));
  }
});

/** An egress in memory beside an API that answers when it is told to. */
function inMemory() {
  const clock = new FakeClock();
  const [near, far] = duplexPair();
  let answerApi = (): void => undefined;
  const fake = new FakeApi((_request, response) => {
    answerApi = () => response.end(SUCCESS);
  });
  const connect: Connect = async ({ address }) => {
    if (address === 'sidecar:12220') return near;
    const [client, server] = duplexPair();
    fake.server.emit('connection', server);
    return client;
  };
  answerHeartbeats(far);
  const { told, decision } = look({ options: { api: 'sidecar:13330' }, clock, connect });
  return { clock, near, far, told, decision, answerApi: () => answerApi() };
}

test('an egress that goes while the API is waited for is not there', async () => {
  for (const go of ['close', 'go-away'] as const) {
    const { clock, near, far, told, decision, answerApi } = inMemory();
    await settled();
    if (go === 'close') far.destroy();
    else far.write(GO_AWAY);
    await settled();
    answerApi();
    const { found, reasons } = await decision;
    expect(found).toBe(false);
    expect(reasons).toContain('the egress at sidecar:12220 has gone again');
    expect(reasons.at(-1)).toBe('no sidecar: a mesh API without an egress');
    expect(told).toEqual([]);
    await clock.advance(3_000);
    expect(near.destroyed).toBe(true);
  }
});

test('the end of the connection is told once it was handed over, and a go-away is told apart from a loss', async () => {
  const ends: [(far: Duplex) => void, string[]][] = [
    [(far) => void far.destroy(), ['closed: CONNECTION_LOST']],
    [(far) => void far.write(GO_AWAY), ['go-away', 'closed: SHUTTING_DOWN']],
  ];
  for (const [finish, expected] of ends) {
    const { far, told, decision, answerApi } = inMemory();
    await settled();
    answerApi();
    expect((await decision).found).toBe(true);
    expect(told).toEqual([]);
    finish(far);
    await settled();
    expect(told).toEqual(expected);
  }
});

test('a connection that was handed over is asked whether it lives, and lost when it falls silent', async () => {
  const { clock, far, told, decision, answerApi } = inMemory();
  await settled();
  answerApi();
  expect((await decision).found).toBe(true);
  await clock.advance(60_000);
  expect(told).toEqual([]);
  // From here on nothing is read or answered there.
  far.removeAllListeners('data');
  far.pause();
  await clock.advance(35_000);
  expect(told).toEqual(['closed: CONNECTION_LOST']);
  expect(clock.pendingTimers).toBe(0);
});

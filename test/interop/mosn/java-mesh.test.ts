// Unmodified Java SOFARPC (sofa-rpc-all 5.13.2) in mesh mode, with either sidecar: it publishes, subscribes, calls and is
// called.
import { MeshClient, Sidecar } from 'sofa-mesh-sdk';
import { DevSidecar } from 'sofa-mesh-sdk/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../../support/sidecar-world.js';
import type { TestSidecar } from '../../support/test-sidecar.js';
import { JUDGED_CASES, OK } from '../java/cases/judged-cases.js';
import { failureOf } from '../java/cases/support.js';
import { Greet, GreetBlue, Notes, NotFound, People } from '../java/contracts.js';
import { type Jvm, startApplication } from '../java/harness.js';
import { personText, startNodeProvider } from '../java/node-services.js';
import { person } from '../java/values.js';
import { freePort } from '../zookeeper/ports.js';
import { JAVA_EGRESS_PORT, loopbackNetwork, SERVICES } from './hops.js';
import { Mosn } from './mosn.js';

let java: Jvm;

beforeAll(async () => {
  java = await startApplication();
});

afterAll(() => java?.stop());

/** Beside those of the four ways. */
const HOSTS = loopbackNetwork(0);
const PUBLISHED = SERVICES.length;

interface Place {
  readonly host: string;
  /** Where Java's port is assumed, since it tells none. */
  readonly appPort: number;
}

const KINDS: Readonly<Record<TestSidecar['kind'], (place: Place) => Promise<TestSidecar>>> = {
  dev: (place) => DevSidecar.start({ ...place, egressPort: JAVA_EGRESS_PORT, subscribeWaitMs: 500 }),
  mosn: (place) => Mosn.start({ ...place, egressPort: JAVA_EGRESS_PORT, subscribeWaitMs: 500 }),
};

function post({ api }: TestSidecar, path: string, body: unknown): Promise<Response> {
  return fetch(`http://${api}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** Java publishes in the background. */
function published(sidecar: TestSidecar, count: number): Promise<void> {
  return until(async () => {
    const reply = await fetch(`http://${sidecar.api}/services`);
    const { services } = (await reply.json()) as { services: { published: string | null }[] };
    return services.filter((service) => service.published !== null).length === count;
  });
}

describe.each(Object.entries(KINDS))('with the sidecar %s', (kind, start) => {
  const host = `${HOSTS}.${kind === 'dev' ? 1 : 2}`;
  let sidecar: TestSidecar;
  let registry: string;

  beforeAll(async () => {
    const appPort = await freePort();
    sidecar = await start({ host, appPort });
    registry = `mesh://${sidecar.api}`;
    // One for all tests: a server of Java's that was stopped leaves its connections open, and answers BUSY on them.
    await java.value({ cmd: 'start', name: kind, host, port: appPort, registry });
    await published(sidecar, PUBLISHED);
  });

  afterAll(async () => {
    await java.value({ cmd: 'stop', name: kind });
    await sidecar?.close();
  });

  /** Java's call of a case that it judges itself. */
  const javaRuns = (name: string) => java.value({ cmd: 'case', name, address: registry });

  /** Java leaves the services that it subscribed to. */
  async function forgotten(): Promise<void> {
    await java.value({ cmd: 'forget', address: registry });
  }

  function nodeClient(): MeshClient {
    const session = new Sidecar({ app: 'node-consumer', api: sidecar.api, egress: sidecar.egress });
    const client = new MeshClient({ app: 'node-consumer', mode: 'mesh', sidecar: session, retry: false });
    onTestFinished(async () => {
      await client.close();
      await session.close();
    });
    return client;
  }

  async function nodeProvides(): Promise<void> {
    const session = new Sidecar({ app: 'node-provider', api: sidecar.api, egress: sidecar.egress });
    const { server } = await startNodeProvider({ host, mode: 'mesh', sidecar: session });
    onTestFinished(async () => {
      await server.stop({ quietMs: 0, timeoutMs: 0 });
      await session.close();
    });
    await published(sidecar, PUBLISHED);
  }

  test('Java publishes, and our client calls it through the sidecar', async () => {
    const client = nodeClient();
    const people = client.service(People);
    const { value, reply } = await people.describe.withReply(person('full'));
    expect(value).toBe(personText(person('full')));
    expect([reply.path, reply.endpoint?.address]).toEqual(['mesh', sidecar.egress]);
    expect(NotFound.is(await failureOf(people.find(404n)))).toBe(true);
    expect(await client.service(Greet).greet('a')).toBe('plain greets a');
    expect(await client.service(GreetBlue).greet('b')).toBe('blue greets b');
    const notes = client.service(Notes);
    await notes.note('one way');
    await until(async () => (await notes.notes()).includes('one way'));
  });

  test('one Java application calls itself through the sidecar', async () => {
    onTestFinished(forgotten);
    expect(await javaRuns('describe full')).toEqual(OK);
  });

  test('a sidecar that was restarted knows nothing of Java until somebody repeats what Java told', async () => {
    onTestFinished(forgotten);
    expect(await javaRuns('ping')).toEqual(OK);
    await sidecar.kill();
    await sidecar.start();
    const ping = { cmd: 'case', name: 'ping', address: registry };
    await until(async () => (await java.ask(ping)).thrown?.message?.includes('NO_PROCESSOR') === true);
    await published(sidecar, 0);
    await post(sidecar, '/configs/application', { appName: 'java' });
    await post(sidecar, '/services/publish', { serviceName: People.id });
    await post(sidecar, '/services/subscribe', { serviceName: People.id });
    await until(async () => (await java.ask(ping)).value !== undefined);
  });

  test('Java unpublishes, and the sidecar leads nobody there any more', async () => {
    const people = nodeClient().service(People);
    expect(await people.ping()).toBe('pong');
    await java.value({ cmd: 'withdraw', name: kind });
    await published(sidecar, 0);
    const error = await failureOf(people.ping());
    expect([error.code, error.retry]).toEqual(['NO_ENDPOINT', 'safe']);
  });

  test('Java subscribes, and calls our server through the sidecar', async () => {
    await nodeProvides();
    onTestFinished(forgotten);
    for (const name of Object.keys(JUDGED_CASES)) expect(await javaRuns(name), name).toEqual(OK);
  });

  test('Java subscribes before anybody provides, and calls once somebody does', async () => {
    onTestFinished(forgotten);
    await expect(javaRuns('ping')).rejects.toThrow('SofaRpcException');
    await nodeProvides();
    expect(await javaRuns('ping')).toEqual(OK);
  });
});

test('Java tells its sidecar this, word for word', async () => {
  const host = `${HOSTS}.3`;
  const appPort = await freePort();
  const dev = await DevSidecar.start({ host, appPort, egressPort: JAVA_EGRESS_PORT });
  onTestFinished(() => dev.close());
  const registry = `mesh://${dev.api}`;
  await java.value({ cmd: 'start', name: 'told', host, port: appPort, registry });
  await published(dev, PUBLISHED);
  expect(await java.value({ cmd: 'case', name: 'ping', address: registry })).toEqual(OK);
  await java.value({ cmd: 'forget', address: registry });
  await java.value({ cmd: 'stop', name: 'told' });
  await published(dev, 0);

  const [first, ...others] = dev.requests.filter(({ method }) => method === 'POST');
  expect([first.path, first.raw]).toEqual(['/configs/application', '{"appName":"java-provider"}']);
  const told = others.filter(({ raw }) => raw.includes('"com.lab.PeopleService:1.0"'));
  expect(told.map(({ path, raw }) => [path, raw])).toEqual([
    [
      '/services/publish',
      '{"serviceName":"com.lab.PeopleService:1.0","protocolType":"bolt","providerMetaInfo":{"protocol":"bolt",' +
        '"version":"4.0","serializeType":"hessian2","appName":"java-provider","properties":{}},' +
        '"onlyPublishInCloud":false,"group":null}',
    ],
    [
      '/services/subscribe',
      '{"serviceName":"com.lab.PeopleService:1.0","protocolType":"bolt","targetAppAddress":null,"vipEnforce":false,' +
        '"vipOnly":false,"localCloudFirst":false,"group":null,"properties":null}',
    ],
    [
      '/services/unsubscribe',
      '{"serviceName":"com.lab.PeopleService:1.0","targetAppAddress":null,"protocolType":"bolt","group":null}',
    ],
    ['/services/unpublish', '{"serviceName":"com.lab.PeopleService:1.0","protocolType":"bolt","group":null}'],
  ]);
  expect(others.filter(({ path }) => path === '/configs/application')).toEqual([]);
});

import type { Scenario } from './sidecar-scenarios.js';
import { bare, brief, call, passed, provided, SERVICE, type World } from './sidecar-world.js';

const OTHER = 'com.acme.OtherService:1.0';
const done = { status: 200, body: { errorMessage: '', success: true } };
const notStarted = {
  status: 200,
  body: {
    errorMessage: "Registry module not startup. Should call '/configs/application' endpoint at first.",
    success: false,
  },
};

/** Java's bodies, as captured from SOFARPC 5.13.2 (shared facts of the sidecar). */
const javaPublish = {
  serviceName: SERVICE,
  protocolType: 'bolt',
  providerMetaInfo: {
    protocol: 'bolt',
    version: '4.0',
    serializeType: 'hessian2',
    appName: 'lab-java',
    properties: {},
  },
  onlyPublishInCloud: false,
  group: null,
};
const javaSubscribe = {
  serviceName: SERVICE,
  protocolType: 'bolt',
  targetAppAddress: null,
  vipEnforce: false,
  vipOnly: false,
  localCloudFirst: false,
  group: null,
  properties: null,
};
const javaUnsubscribe = { serviceName: SERVICE, targetAppAddress: null, protocolType: 'bolt', group: null };
const javaUnpublish = { serviceName: SERVICE, protocolType: 'bolt', group: null };

/** A reply with the sidecar's own address named, as it is another one in each run. */
async function subscribed(world: World, body: unknown): Promise<unknown> {
  const reply = await world.post('/services/subscribe', body);
  const text = JSON.stringify(reply).replaceAll(world.sidecar.egress, '<egress>');
  return JSON.parse(text);
}

const found = (query: string) => ({
  status: 200,
  body: { ...done.body, serviceName: SERVICE, datas: [`<egress>?${query}`] },
});

/** Statuses alone: words are for people. */
async function statuses(replies: Promise<{ status: number; body: unknown }>[]) {
  const all = await Promise.all(replies);
  return all.map(({ status, body }) => [status, (body as { success?: boolean })?.success ?? false]);
}

/** How the ingress answers a call for the service. */
async function through(world: World, address: string, service = SERVICE) {
  const caller = await world.caller(address);
  caller.write(call(1, { service }));
  const [first] = await caller.received(1);
  return brief(first);
}

export const meshApiScenarios: readonly Scenario[] = [
  {
    name: "Java's bodies, from its start to its end",
    settings: { appPort: 23_456 },
    run: async (world) => [
      await world.post('/configs/application', { appName: 'lab-java' }),
      await world.post('/services/publish', javaPublish),
      await subscribed(world, javaSubscribe),
      await world.post('/services/unsubscribe', javaUnsubscribe),
      await world.post('/services/unpublish', javaUnpublish),
    ],
    seen: [
      done,
      done,
      found('_TIMEOUT=3000&p=1&_SERIALIZETYPE=hessian2&app_name=lab-java&zone=&v=4.0'),
      done,
      done,
    ],
  },
  {
    name: "Python's bodies: a port that is a string, and no more than the name of the service",
    run: async (world) => {
      const provider = await world.provider();
      const replies = [
        await world.post('/configs/application', {
          appName: 'lab-python',
          dataCenter: 'dc',
          zone: 'GZ00A',
          registryEndPoint: 'registry',
          accessKey: '',
          secretKey: '',
          antShareCloud: false,
        }),
        await world.post('/services/publish', {
          serviceName: SERVICE,
          providerMetaInfo: {
            protocol: '1',
            version: '4.0',
            serializeType: 'protobuf',
            appName: 'lab-python',
          },
          port: String(provider.port),
          protocolType: 'DEFAULT',
          onlyPublishInCloud: false,
        }),
        await subscribed(world, { serviceName: SERVICE }),
      ];
      const answers = [
        await through(world, world.sidecar.ingress),
        await through(world, world.sidecar.egress),
      ];
      const ends = [
        await world.post('/services/unsubscribe', { serviceName: SERVICE }),
        await world.post('/services/unpublish', { serviceName: SERVICE }),
      ];
      return { replies, answers, ends };
    },
    seen: {
      replies: [
        done,
        done,
        found('_TIMEOUT=3000&p=1&_SERIALIZETYPE=protobuf&app_name=lab-python&zone=&v=4.0'),
      ],
      answers: [provided(1), provided(1)],
      ends: [done, done],
    },
  },
  {
    name: "C++'s keys, which begin with a capital",
    run: async (world) => {
      const provider = await world.provider();
      return [
        await world.post('/configs/application', { AppName: 'lab-cpp' }),
        await world.post('/services/publish', { ServiceName: SERVICE, Port: provider.port }),
        await subscribed(world, { ServiceName: SERVICE }),
        await through(world, world.sidecar.ingress),
      ];
    },
    seen: [
      done,
      done,
      found('_TIMEOUT=3000&p=1&_SERIALIZETYPE=hessian2&app_name=lab-cpp&zone=&v=4.0'),
      provided(1),
    ],
  },
  {
    name: 'a port among the properties, in any case',
    run: async (world) => {
      const provider = await world.provider();
      await world.start();
      const providerMetaInfo = { properties: { PORT: provider.port, startTime: '17' } };
      return [
        await world.post('/services/publish', { serviceName: SERVICE, providerMetaInfo }),
        await through(world, world.sidecar.ingress),
      ];
    },
    seen: [done, provided(1)],
  },
  {
    name: 'a port at the top counts before one among the properties',
    run: async (world) => {
      const provider = await world.provider();
      await world.start();
      const providerMetaInfo = { properties: { port: 1 } };
      return [
        await world.post('/services/publish', {
          serviceName: SERVICE,
          port: provider.port,
          providerMetaInfo,
        }),
        await through(world, world.sidecar.ingress),
      ];
    },
    seen: [done, provided(1)],
  },
  {
    name: 'a service that is published again is where it was published last',
    run: async (world) => {
      const { caller } = await world.served(() => undefined);
      const next = await world.provider();
      await world.publish(next.port);
      caller.write(call(3));
      return brief((await caller.received(1))[0]);
    },
    seen: provided(3),
  },
  {
    name: 'everything but the application is refused before it',
    run: async (world) => [
      await world.post('/services/publish', javaPublish),
      await world.post('/services/subscribe', javaSubscribe),
      await world.post('/services/unsubscribe', javaUnsubscribe),
      await world.post('/services/unpublish', javaUnpublish),
    ],
    seen: [notStarted, notStarted, notStarted, notStarted],
  },
  {
    name: 'a subscription to what nobody offers succeeds with no address, after a wait',
    settings: { subscribeWaitMs: 300 },
    run: async (world) => {
      await world.start();
      const from = performance.now();
      const reply = await world.subscribe();
      const ms = performance.now() - from;
      return { reply, hasWaited: ms > 280 && ms < 2_500 };
    },
    seen: {
      reply: { status: 200, body: { ...done.body, serviceName: SERVICE, datas: [] } },
      hasWaited: true,
    },
  },
  {
    name: 'a subscription that waits is answered when a provider comes',
    run: async (world) => {
      await world.start();
      const from = performance.now();
      const reply = subscribed(world, { serviceName: SERVICE });
      await passed(100);
      await world.publish(12_345);
      const seen = await reply;
      return { seen, inTime: performance.now() - from < 2_000 };
    },
    seen: {
      seen: found('_TIMEOUT=3000&p=1&_SERIALIZETYPE=hessian2&app_name=lab&zone=&v=4.0'),
      inTime: true,
    },
  },
  {
    name: 'what it was told can be read',
    settings: { subscribeWaitMs: 0 },
    run: async (world) => {
      const before = await world.get('/configs/application');
      await world.post('/configs/application', { appName: 'lab', zone: 'z1' });
      await world.publish(12_345);
      await world.subscribe();
      await world.subscribe(OTHER);
      const replies = [
        before,
        await world.get('/configs/application'),
        await world.get('/services'),
        await world.get(`/services/${SERVICE}`),
      ];
      return JSON.parse(JSON.stringify(replies).replaceAll(world.sidecar.ingress, '<ingress>'));
    },
    seen: (() => {
      const own = {
        serviceName: SERVICE,
        published: '127.0.0.1:12345',
        subscribed: true,
        providers: ['<ingress>'],
      };
      const other = { serviceName: OTHER, published: null, subscribed: true, providers: [] };
      return [
        { status: 200, body: { ...done.body, application: null } },
        {
          status: 200,
          body: { ...done.body, application: { appName: 'lab', dataCenter: '', zone: 'z1' } },
        },
        { status: 200, body: { ...done.body, services: [other, own] } },
        { status: 200, body: { ...done.body, ...own } },
      ];
    })(),
  },
  {
    name: 'requests that make no sense are refused',
    run: async (world) => {
      const early = await statuses([world.post('/configs/application', {})]);
      await world.start();
      const late = await statuses([
        world.post('/services/publish', '{"serviceName":'),
        world.post('/services/publish', ''),
        world.post('/services/publish', '[]'),
        world.post('/services/publish', {}),
        world.post('/services/subscribe', { serviceName: ':1.0' }),
        world.publish(65_536),
        world.post('/services/publish', { serviceName: SERVICE, port: 'none' }),
        world.post('/services/else', {}),
        world.post('/nowhere', {}),
        world.get('/nowhere'),
        world.get('/services/unknown'),
        world.post('/services', {}),
      ]);
      return { early, late };
    },
    seen: {
      early: [[200, false]],
      late: [
        [400, false],
        [400, false],
        [400, false],
        [200, false],
        [200, false],
        [200, false],
        [200, false],
        [404, false],
        [404, false],
        [404, false],
        [404, false],
        [405, false],
      ],
    },
  },
  {
    name: 'what was never published or subscribed can be taken back',
    run: async (world) => {
      await world.start();
      return [
        await world.post('/services/unpublish', javaUnpublish),
        await world.post('/services/unsubscribe', javaUnsubscribe),
      ];
    },
    seen: [done, done],
  },
  {
    name: 'the egress leads to what is subscribed, and no longer after unsubscribe',
    run: async (world) => {
      await world.served();
      const before = await through(world, world.sidecar.egress);
      await world.post('/services/unsubscribe', javaUnsubscribe);
      const after = await through(world, world.sidecar.egress);
      await world.subscribe();
      return [before, after, await through(world, world.sidecar.egress)];
    },
    seen: [provided(1), bare(1, 6), provided(1)],
  },
  {
    name: 'what is published and not subscribed is at the ingress alone',
    run: async (world) => {
      const provider = await world.provider();
      await world.start();
      await world.publish(provider.port);
      return [await through(world, world.sidecar.ingress), await through(world, world.sidecar.egress)];
    },
    seen: [provided(1), bare(1, 6)],
  },
  {
    name: 'what is unpublished is on neither side, and a call that runs ends where it began',
    settings: { subscribeWaitMs: 0 },
    run: async (world) => {
      const { caller, provider } = await world.served(() => undefined);
      caller.write(call(9));
      const [peer, frame] = await world.firstRequest(provider);
      await world.post('/services/unpublish', javaUnpublish);
      const after = [await through(world, world.sidecar.ingress), await through(world, world.sidecar.egress)];
      const again = await world.subscribe();
      peer.write(world.answered(frame));
      return { after, again, running: brief((await caller.received(1))[0]) };
    },
    seen: {
      after: [bare(1, 6), bare(1, 6)],
      again: { status: 200, body: { ...done.body, serviceName: SERVICE, datas: [] } },
      running: provided(9),
    },
  },
];

import type { Scenario } from './sidecar-scenarios.js';
import {
  answer,
  bare,
  brief,
  call,
  passed,
  provided,
  refuses,
  silent,
  until,
  type World,
} from './sidecar-world.js';

/** Both sides, the API included, as a newcomer sees them. */
const refused = async ({ sidecar }: World) =>
  Promise.all([sidecar.api, sidecar.egress, sidecar.ingress].map(refuses));

/** A signal takes a moment to reach all threads of a process. */
async function stillness({ sidecar }: World): Promise<void> {
  sidecar.hang();
  await passed(50);
}

function goAwayScenario(version: 'v1' | 'v2'): Scenario {
  const proto = version === 'v1' ? 1 : 2;
  return {
    name: `stopped, with Bolt ${version}: go-away, calls in flight finish, then everything is refused`,
    settings: { bolt: version },
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      const idle = await world.caller(world.sidecar.egress);
      caller.write(call(1, { fields: { proto, ver1: 1 } }));
      const [peer, frame] = await world.firstRequest(provider);
      const stopped = world.sidecar.stop();
      const [goAway] = await caller.received(1);
      const [other] = await idle.received(1);
      const whileStopping = await refused(world);
      peer.write(answer()(frame, peer) as Uint8Array);
      const [, reply] = await caller.received(2);
      await Promise.all([caller.closed(), idle.closed(), stopped]);
      const sent = ({ proto, type, cmdCode, codec, timeout }: typeof goAway) => [
        proto,
        type,
        cmdCode,
        codec,
        timeout,
      ];
      return {
        goAway: [sent(goAway), sent(other)],
        whileStopping,
        reply: brief(reply),
        after: await refused(world),
      };
    },
    seen: {
      goAway: [
        [proto, 1, 100, 1, 0],
        [proto, 1, 100, 1, 0],
      ],
      whileStopping: [true, true, true],
      reply: { ...provided(1), proto },
      after: [true, true, true],
    },
  };
}

export const lifeScenarios: readonly Scenario[] = [
  goAwayScenario('v1'),
  goAwayScenario('v2'),
  {
    name: 'stopped and started: the same addresses, and nothing known',
    run: async (world) => {
      await world.served();
      await world.sidecar.stop();
      await world.sidecar.start();
      const caller = await world.caller(world.sidecar.egress);
      caller.write(call(1));
      return [brief((await caller.received(1))[0]), await world.get('/services')];
    },
    seen: [bare(1, 6), { status: 200, body: { errorMessage: '', success: true, services: [] } }],
  },
  {
    name: 'killed: connections end, calls in flight are not answered, newcomers are refused',
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      caller.write(call(1));
      const [peer] = await world.firstRequest(provider);
      await world.sidecar.kill();
      await Promise.all([caller.closed(), peer.closed()]);
      return { frames: caller.frames.length, refused: await refused(world) };
    },
    seen: { frames: 0, refused: [true, true, true] },
  },
  {
    name: 'killed and started: all that it was told is forgotten, until it is told again',
    run: async (world) => {
      const { provider } = await world.served();
      await world.sidecar.kill();
      await world.sidecar.start();
      const caller = await world.caller(world.sidecar.egress);
      caller.write(call(1));
      await caller.received(1);
      const reply = await world.publish(provider.port);
      await world.start();
      await world.publish(provider.port);
      await world.subscribe();
      caller.write(call(2));
      return {
        replies: (await caller.received(2)).map(brief),
        isTold: (reply.body as { success: boolean }).success,
      };
    },
    seen: { replies: [bare(1, 6), provided(2)], isTold: false },
  },
  {
    name: 'hung: nothing is answered and nothing closed; when it goes on, what came is served',
    run: async (world) => {
      const { caller, provider } = await world.served();
      caller.write(call(1));
      await caller.received(1);
      await stillness(world);
      caller.write(call(2));
      const late = await world.caller(world.sidecar.ingress);
      late.write(call(3));
      const published = world.publish(provider.port, 'com.acme.LateService:1.0');
      await passed(300);
      const meanwhile = {
        replies: caller.frames.length + late.frames.length,
        ended: caller.ended || late.ended,
        reached: provider.requests.length,
        published: await Promise.race([published.then(() => true), passed(1).then(() => false)]),
      };
      world.sidecar.resume();
      await Promise.all([caller.received(2), late.received(1)]);
      return {
        meanwhile,
        replies: [caller.frames[1], late.frames[0]].map(brief),
        published: (await published).status,
      };
    },
    seen: {
      meanwhile: { replies: 1, ended: false, reached: 1, published: false },
      replies: [provided(2), provided(3)],
      published: 200,
    },
  },
  {
    name: 'hung with a call in flight: the answer waits',
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      caller.write(call(1));
      const [peer, frame] = await world.firstRequest(provider);
      await stillness(world);
      peer.write(world.answered(frame));
      await passed(200);
      const before = caller.frames.length;
      world.sidecar.resume();
      return { before, reply: brief((await caller.received(1))[0]) };
    },
    seen: { before: 0, reply: provided(1) },
  },
  {
    name: 'hung and killed: connections end all the same',
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      caller.write(call(1));
      const [peer] = await world.firstRequest(provider);
      world.sidecar.hang();
      await world.sidecar.kill();
      await Promise.all([caller.closed(), peer.closed()]);
      await world.sidecar.start();
      const next = await world.caller(world.sidecar.egress);
      next.write(call(1));
      return brief((await next.received(1))[0]);
    },
    seen: bare(1, 6),
  },
  {
    name: 'a caller that leaves takes nothing with it',
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      const leaving = await world.caller(world.sidecar.ingress);
      leaving.write(call(1));
      const [peer, frame] = await world.firstRequest(provider);
      caller.write(call(2));
      await until(() => provider.requests.length === 2);
      leaving.stream.destroy();
      await passed(100);
      peer.write(world.answered(frame), world.answered(provider.requests[1]));
      return brief((await caller.received(1))[0]);
    },
    seen: provided(2),
  },
];

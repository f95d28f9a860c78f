import { frameOf } from './raw-peer.js';
import type { Scenario } from './sidecar-scenarios.js';
import { answer, bare, brief, call, passed, provided, SERVICE, silent, until } from './sidecar-world.js';

const UNKNOWN = 'com.acme.UnknownService:1.0';

export const refusalScenarios: readonly Scenario[] = [
  {
    name: 'no route: a service nobody knows, on either side',
    run: async (world) => {
      await world.served();
      const seen = [];
      for (const address of [world.sidecar.egress, world.sidecar.ingress]) {
        const caller = await world.caller(address);
        caller.write(call(1, { service: UNKNOWN }));
        seen.push(...(await caller.received(1)));
      }
      return seen.map((frame) => ({
        ...brief(frame),
        type: frame.type,
        cmd: frame.cmdCode,
        codec: frame.codec,
      }));
    },
    seen: [1, 2].map(() => ({ ...bare(1, 6), type: 0, cmd: 2, codec: 1 })),
  },
  {
    name: 'no service header, one with a capital, one that is empty',
    run: async (world) => {
      const { caller, provider } = await world.served();
      caller.write(call(1, { header: [['sofa_head_target_service', SERVICE]] }));
      await caller.received(1);
      caller.write(call(2, { header: [['Service', SERVICE]] }));
      await caller.received(2);
      caller.write(call(3, { header: [['service', '']] }));
      return { replies: (await caller.received(3)).map(brief), reached: provider.requests.length };
    },
    seen: { replies: [bare(1, 6), bare(2, 6), bare(3, 6)], reached: 0 },
  },
  {
    name: 'a service that is subscribed and that nobody offers',
    settings: { subscribeWaitMs: 0 },
    run: async (world) => {
      await world.start();
      await world.subscribe();
      const caller = await world.caller(world.sidecar.egress);
      caller.write(call(1));
      return brief((await caller.received(1))[0]);
    },
    seen: bare(1, 6),
  },
  {
    name: 'nothing is known yet',
    run: async (world) => {
      const caller = await world.caller(world.sidecar.egress);
      caller.write(call(1));
      return brief((await caller.received(1))[0]);
    },
    seen: bare(1, 6),
  },
  {
    name: 'a provider that refuses connections, over one hop and over two',
    run: async (world) => {
      const { caller, provider } = await world.served();
      const egress = await world.caller(world.sidecar.egress);
      await provider.close();
      caller.write(call(1));
      egress.write(call(2));
      return [brief((await caller.received(1))[0]), brief((await egress.received(1))[0])];
    },
    seen: [bare(1, 6), bare(2, 6)],
  },
  {
    name: 'a provider that closes takes every call on that connection with it, and the next call finds it again',
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      const other = await world.caller(world.sidecar.ingress);
      caller.write(call(1), call(2));
      other.write(call(3));
      await until(() => provider.requests.length === 3);
      provider.cut();
      const lost = [...(await caller.received(2)), ...(await other.received(1))];
      provider.behaviour = answer();
      caller.write(call(4));
      return [...lost.sort((a, b) => a.requestId - b.requestId), (await caller.received(3))[2]].map(brief);
    },
    seen: [bare(1, 3), bare(2, 3), bare(3, 3), provided(4)],
  },
  {
    name: 'the loss of a connection is told over both hops',
    run: async (world) => {
      const { provider } = await world.served(silent);
      const caller = await world.caller(world.sidecar.egress);
      caller.write(call(1));
      await until(() => provider.requests.length === 1);
      provider.cut();
      return brief((await caller.received(1))[0]);
    },
    seen: bare(1, 3),
  },
  {
    name: "the timeout of the call's header, and an answer that comes after it",
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      const from = performance.now();
      caller.write(call(1, { fields: { timeout: 200 } }));
      const [reply] = await caller.received(1);
      const ms = performance.now() - from;
      provider.peers[0].write(world.answered(provider.requests[0]));
      provider.behaviour = answer();
      caller.write(call(2));
      const [, next] = await caller.received(2);
      return { reply: brief(reply), inTime: ms >= 190 && ms < 1_500, next: brief(next) };
    },
    seen: { reply: bare(1, 7), inTime: true, next: provided(2) },
  },
  {
    name: 'a timeout of 0 or -1 never ends a call',
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      caller.write(call(1, { fields: { timeout: 0 } }), call(2, { fields: { timeout: -1 } }));
      await until(() => provider.requests.length === 2);
      await passed(500);
      const before = caller.frames.length;
      for (const frame of provider.requests) provider.peers[0].write(world.answered(frame));
      const replies = (await caller.received(2)).map(brief);
      return { before, replies: replies.sort((a, b) => a.requestId - b.requestId) };
    },
    seen: { before: 0, replies: [provided(1), provided(2)] },
  },
  {
    name: 'more calls of a service than may be under way',
    settings: { maxRequests: 2 },
    run: async (world) => {
      const { caller, provider } = await world.served(silent);
      caller.write(call(1), call(2));
      await until(() => provider.requests.length === 2);
      caller.write(call(3));
      await caller.received(1);
      for (const frame of provider.requests) provider.peers[0].write(world.answered(frame));
      await caller.received(3);
      provider.behaviour = answer();
      caller.write(call(4));
      const frames = await caller.received(4);
      return frames.map(brief).sort((a, b) => a.requestId - b.requestId);
    },
    seen: [provided(1), provided(2), bare(3, 4), provided(4)],
  },
  {
    name: 'a oneway without a route: nothing comes back, and the connection stays',
    run: async (world) => {
      const { caller } = await world.served();
      caller.write(call(1, { service: UNKNOWN, fields: { type: 2, timeout: -1 } }));
      caller.write(call(2));
      return (await caller.received(1)).map(brief);
    },
    seen: [provided(2)],
  },
  {
    name: 'a oneway whose provider refuses connections: the same',
    run: async (world) => {
      const { caller, provider } = await world.served();
      await provider.close();
      caller.write(call(1, { fields: { type: 2, timeout: -1 } }));
      caller.write(call(2, { service: UNKNOWN }));
      return (await caller.received(1)).map(brief);
    },
    seen: [bare(2, 6)],
  },
  {
    name: 'bytes that are not Bolt',
    run: async (world) => {
      const caller = await world.caller(world.sidecar.egress);
      caller.write(Buffer.from('GET / HTTP/1.1\r\nHost: sidecar\r\n\r\n'));
      await caller.closed();
      return caller.frames.length;
    },
    seen: 0,
  },
  {
    name: 'a header whose lengths are wrong: nothing comes back, and the connection stays',
    run: async (world) => {
      const caller = await world.caller(world.sidecar.egress);
      const bytes = call(1, { header: [['service', SERVICE]], content: Buffer.alloc(0) });
      // The length of the header's value, after 22 fixed bytes, the class name and the key.
      bytes.writeInt32BE(1_000, bytes.indexOf(SERVICE) - 4);
      caller.write(bytes);
      await passed(200);
      caller.write(frameOf({ proto: 1, type: 1, cmdCode: 0, requestId: 2, codec: 1, timeout: -1 }));
      return (await caller.received(1)).map(brief);
    },
    seen: [bare(2, 0)],
  },
  {
    name: 'answers and go-aways from a caller are ignored',
    run: async (world) => {
      const { caller } = await world.served();
      caller.write(frameOf({ proto: 1, type: 0, cmdCode: 2, requestId: 1, codec: 1, status: 0 }));
      caller.write(frameOf({ proto: 1, type: 1, cmdCode: 100, requestId: 1, codec: 1, timeout: 0 }));
      caller.write(call(2));
      return (await caller.received(1)).map(brief);
    },
    seen: [provided(2)],
  },
];

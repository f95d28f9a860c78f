import { FrameDecoder } from '../../src/bolt/decoder.js';
import { frameOf, request, type Seen, seen } from './raw-peer.js';
import type { Scenario } from './sidecar-scenarios.js';
import { answer, bare, brief, call, passed, provided, SERVICE, silent, until } from './sidecar-world.js';

/** All of a frame but its request id. */
function whole(frame: Seen) {
  const { requestId: _, ...rest } = frame;
  return { ...rest, content: rest.content.toString('hex') };
}

/** A request as it is before it goes in. */
function parsed(bytes: Buffer): Seen {
  const frames: Seen[] = [];
  new FrameDecoder().push(bytes, (frame) => frames.push(seen(frame)));
  return frames[0];
}

const heartbeat = (requestId: number, proto = 1) =>
  frameOf({ proto, ver1: 1, type: 1, cmdCode: 0, requestId, codec: 1, timeout: -1 });

export const deliveryScenarios: readonly Scenario[] = [
  {
    name: 'a request and its answer go through unchanged, but for the request id on the way',
    run: async (world) => {
      const { provider, caller } = await world.served();
      const header = [
        ['service', SERVICE],
        ['sofa_head_method_name', 'echo'],
        ['rpc_trace_context.sofaTraceId', 'ä'],
        ['empty', ''],
      ] as const;
      const bytes = request({ header, fields: { requestId: 4_000_000_000, timeout: 1234, codec: 11 } });
      caller.write(bytes);
      const [reply] = await caller.received(1);
      return {
        isUnchanged: JSON.stringify(whole(provider.requests[0])) === JSON.stringify(whole(parsed(bytes))),
        reply: brief(reply),
      };
    },
    seen: { isUnchanged: true, reply: provided(4_000_000_000) },
  },
  {
    name: 'callers with the same request id share a connection, and each gets its own answer',
    run: async (world) => {
      const echo = (frame: Seen) => answer(0, frame.header.at(-1)?.[1] ?? '')(frame, undefined as never);
      const { provider, caller } = await world.served(echo);
      const other = await world.caller(world.sidecar.ingress);
      const asked = (who: string) =>
        request({
          header: [
            ['service', SERVICE],
            ['who', who],
          ],
          fields: { requestId: 5 },
        });
      caller.write(asked('one'));
      other.write(asked('two'));
      return {
        replies: [brief((await caller.received(1))[0]), brief((await other.received(1))[0])],
        connections: provider.peers.length,
      };
    },
    seen: { replies: [provided(5, 'one'), provided(5, 'two')], connections: 1 },
  },
  {
    name: 'answers come in the order of their providers, not of the requests',
    run: async (world) => {
      const { provider, caller } = await world.served(silent);
      caller.write(call(1));
      await until(() => provider.requests.length === 1);
      caller.write(call(2));
      await until(() => provider.requests.length === 2);
      const [first, second] = provider.requests;
      provider.peers[0].write(world.answered(second));
      await caller.received(1);
      provider.peers[0].write(world.answered(first));
      return (await caller.received(2)).map(({ requestId }) => requestId);
    },
    seen: [2, 1],
  },
  {
    name: 'egress, ingress and provider: the same answer over both hops',
    run: async (world) => {
      await world.served();
      const caller = await world.caller(world.sidecar.egress);
      caller.write(call(8));
      return brief((await caller.received(1))[0]);
    },
    seen: provided(8),
  },
  {
    name: "a provider's own status and body are passed through",
    run: async (world) => {
      const { caller } = await world.served(answer(2, 'RpcServerException'));
      caller.write(call(1));
      return brief((await caller.received(1))[0]);
    },
    seen: provided(1, 'RpcServerException', 2),
  },
  {
    name: "a provider's bare NO_PROCESSOR and BUSY are passed through",
    run: async (world) => {
      const status =
        (code: number) =>
        ({ proto, requestId }: Seen) =>
          frameOf({ proto, type: 0, cmdCode: 2, requestId, codec: 1, status: code });
      const { provider, caller } = await world.served(status(6));
      caller.write(call(1));
      await caller.received(1);
      provider.behaviour = status(4);
      caller.write(call(2));
      return (await caller.received(2)).map(brief);
    },
    seen: [bare(1, 6), bare(2, 4)],
  },
  {
    name: 'a oneway reaches the provider, and nothing comes back',
    run: async (world) => {
      const { provider, caller } = await world.served();
      caller.write(call(1, { fields: { type: 2, timeout: -1 } }));
      await until(() => provider.requests.length === 1);
      caller.write(call(2));
      return {
        types: provider.requests.map(({ type }) => type),
        replies: (await caller.received(1)).map(brief),
      };
    },
    seen: { types: [2], replies: [provided(2)] },
  },
  {
    name: 'a frame in many pieces, and many frames in one piece',
    run: async (world) => {
      const { caller } = await world.served();
      const bytes = call(1);
      for (const at of [0, 1, 5, 21, 22, 60]) {
        const ends: Record<number, number> = { 0: 1, 1: 5, 5: 21, 21: 22, 22: 60, 60: bytes.length };
        caller.write(bytes.subarray(at, ends[at]));
        await passed(5);
      }
      await caller.received(1);
      caller.write(...[2, 3, 4, 5].map((id) => call(id)));
      return (await caller.received(5)).map(({ requestId }) => requestId).sort();
    },
    seen: [1, 2, 3, 4, 5],
  },
  {
    name: 'a megabyte there and back',
    run: async (world) => {
      const large = Buffer.alloc(1 << 20, 'x');
      const { provider, caller } = await world.served((frame) =>
        answer(0, frame.content.toString())(frame, null as never),
      );
      caller.write(call(1, { content: large }));
      const [reply] = await caller.received(1);
      return [provider.requests[0].content.equals(large), reply.content.equals(large)];
    },
    seen: [true, true],
  },
  {
    name: 'heartbeats are answered by the sidecar itself',
    run: async (world) => {
      const egress = await world.caller(world.sidecar.egress);
      const ingress = await world.caller(world.sidecar.ingress);
      egress.write(heartbeat(77));
      ingress.write(heartbeat(78));
      return [(await egress.received(1))[0], (await ingress.received(1))[0]].map((frame) => ({
        ...brief(frame),
        type: frame.type,
        cmdCode: frame.cmdCode,
        codec: frame.codec,
      }));
    },
    seen: [
      { ...bare(77, 0), type: 0, cmdCode: 0, codec: 1 },
      { ...bare(78, 0), type: 0, cmdCode: 0, codec: 1 },
    ],
  },
  {
    name: 'on a listener of version 1, frames of version 2 are forwarded as they are, and answered for in version 1',
    run: async (world) => {
      const { provider, caller } = await world.served();
      const v2 = { proto: 2, ver1: 1 };
      caller.write(heartbeat(1, 2));
      await caller.received(1);
      caller.write(call(2, { fields: v2 }));
      await caller.received(2);
      caller.write(call(3, { service: 'com.acme.Unknown:1.0', fields: v2 }));
      return {
        replies: (await caller.received(3)).map(({ requestId, proto, status }) => [requestId, proto, status]),
        provider: provider.requests.map(({ proto, ver1 }) => [proto, ver1]),
      };
    },
    seen: {
      replies: [
        [1, 1, 0],
        [2, 2, 0],
        [3, 1, 6],
      ],
      provider: [[2, 1]],
    },
  },
  {
    name: 'on a listener of version 2 it is the other way round',
    settings: { bolt: 'v2' },
    run: async (world) => {
      const { provider, caller } = await world.served();
      const v2 = { proto: 2, ver1: 1 };
      caller.write(heartbeat(1, 1));
      await caller.received(1);
      caller.write(heartbeat(2, 2));
      await caller.received(2);
      caller.write(call(3, { fields: v2 }));
      await caller.received(3);
      caller.write(call(4));
      await caller.received(4);
      caller.write(call(5, { service: 'com.acme.Unknown:1.0' }));
      return {
        replies: (await caller.received(5)).map((frame) => [
          frame.requestId,
          frame.proto,
          frame.ver1,
          frame.switch,
          frame.status,
        ]),
        provider: provider.requests.map(({ proto, ver1 }) => [proto, ver1]),
      };
    },
    seen: {
      replies: [
        [1, 2, 1, 0, 0],
        [2, 2, 1, 0, 0],
        [3, 2, 1, 0, 0],
        [4, 1, 0, 0, 0],
        [5, 2, 1, 0, 6],
      ],
      provider: [
        [2, 1],
        [1, 0],
      ],
    },
  },
  {
    name: 'a CRC is not carried: the provider waits for four bytes that do not come',
    settings: { bolt: 'v2' },
    run: async (world) => {
      const { provider, caller } = await world.served();
      const bytes = call(1, { fields: { proto: 2, ver1: 2, switch: 1, timeout: 300 } });
      caller.write(bytes);
      const [reply] = await caller.received(1);
      const came = provider.bytes;
      // The four bytes are still there, and what follows is out of step.
      caller.write(call(2));
      await caller.closed();
      return {
        replies: caller.frames.map(brief),
        isLast: reply === caller.frames.at(-1),
        missing: bytes.length - came.length,
        switch: came[11],
      };
    },
    seen: { replies: [bare(1, 7, 2)], isLast: true, missing: 4, switch: 1 },
  },
  {
    name: "a provider's CRC is not carried either: its next answer is out of step",
    settings: { bolt: 'v2' },
    run: async (world) => {
      const withCrc = ({ proto, requestId }: Seen) =>
        frameOf({ proto, ver1: 2, switch: 1, type: 0, cmdCode: 2, requestId, codec: 1, status: 0 });
      const { provider, caller } = await world.served(withCrc);
      caller.write(call(1, { fields: { proto: 2, ver1: 1 } }));
      await until(() => provider.requests.length === 1);
      await passed(100);
      const second = await world.caller(world.sidecar.ingress);
      second.write(call(2));
      const [lost] = await second.received(1);
      await until(() => provider.peers[0].ended);
      provider.behaviour = answer();
      second.write(call(3));
      const [, next] = await second.received(2);
      // The first caller waits for the four bytes of a CRC.
      return { first: caller.frames.length, second: [lost, next].map(brief) };
    },
    seen: { first: 0, second: [bare(2, 3, 2), provided(3)] },
  },
  {
    name: 'a provider that says go-away gets no more calls on that connection, finishes those it has, and closes it itself',
    run: async (world) => {
      const { provider, caller } = await world.served(silent);
      caller.write(call(1));
      const [peer, frame] = await world.firstRequest(provider);
      peer.write(frameOf({ proto: 1, type: 1, cmdCode: 100, requestId: 1, codec: 1, timeout: 0 }));
      await passed(100);
      provider.behaviour = answer();
      caller.write(call(2));
      await caller.received(1);
      peer.write(world.answered(frame));
      const replies = (await caller.received(2)).map(brief);
      await passed(100);
      return { replies, connections: provider.peers.length, isClosed: peer.ended };
    },
    seen: { replies: [provided(2), provided(1)], connections: 2, isClosed: false },
  },
];

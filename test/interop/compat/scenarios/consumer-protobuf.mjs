import { PROTO_SERVICE, protoEcho, protoOf } from '../world/proto.mjs';
import { ECHO } from '../world/services.mjs';

/** A client whose connections know the messages. @param {import('../world/world.mjs').World} w @param {any} [options] */
const clientOf = (w, options) =>
  w.client({ connectionOpts: { protocol: w.bolt, proto: protoOf(w) }, ...options });

/** A peer that answers echoObj. @param {import('../world/world.mjs').World} w */
function peerOf(w) {
  const proto = protoOf(w);
  return w.peer(
    (request) =>
      w.frames.response(request, { appResponse: { code: 7, message: 'from the peer' } }, { proto }),
    { proto },
  );
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'consumer/protobuf-by-address',
    title: 'serialization=protobuf in the query of serverHost: the codec of every call there',
    async run(w) {
      const peer = await peerOf(w);
      const consumer = clientOf(w).createConsumer({
        interfaceName: PROTO_SERVICE,
        serverHost: `${peer.host}?serialization=protobuf`,
      });
      const answer = await consumer.invoke('echoObj', [{ name: 'Peter', group: 'B' }]);
      return { answer, frames: peer.frames, requests: peer.requests };
    },
  },
  {
    id: 'consumer/protobuf-by-call',
    title: 'codecType: protobuf for one call',
    async run(w) {
      const peer = await peerOf(w);
      const consumer = clientOf(w).createConsumer({ interfaceName: PROTO_SERVICE, serverHost: peer.host });
      const answer = await consumer.invoke('echoObj', [{ name: 'x', group: 1, big: 5 }], {
        codecType: 'protobuf',
      });
      return { answer, frames: peer.frames, codec: peer.requests[0].options.codecType };
    },
  },
  {
    id: 'consumer/protobuf-by-registry',
    title: 'serialization=protobuf in an url of the registry',
    async run(w) {
      const peer = await peerOf(w);
      const registry = w.registry([`bolt://${peer.host}?serialization=protobuf&appName=x`]);
      const consumer = clientOf(w, { registry }).createConsumer({ interfaceName: PROTO_SERVICE });
      const answer = await consumer.invoke('echoObj', [{ name: 'x' }]);
      return { answer, frames: peer.frames };
    },
  },
  {
    id: 'consumer/protobuf-props',
    title:
      'with protobuf, requestProps are headers: nested ones by dots, numbers as text, other kinds left out',
    async run(w) {
      const peer = await peerOf(w);
      const consumer = clientOf(w).createConsumer({
        interfaceName: PROTO_SERVICE,
        serverHost: peer.host,
        targetAppName: 'target',
      });
      const table = [
        undefined,
        {},
        {
          rpc_trace_context: { sofaTraceId: 't', sofaRpcId: '0.1' },
          n: 5,
          flag: true,
          nothing: null,
          list: ['a', 'b'],
        },
      ];
      for (const requestProps of table)
        await consumer.invoke('echoObj', [{ name: 'x' }], { codecType: 'protobuf', requestProps });
      return { read: peer.requests.map(({ data }) => data.requestProps), frames: peer.frames };
    },
  },
  {
    id: 'consumer/protobuf-failures',
    title: 'with protobuf: no such method, no such service, no argument, no proto',
    async run(w) {
      const peer = await peerOf(w);
      const options = { codecType: 'protobuf' };
      const client = clientOf(w);
      const consumer = client.createConsumer({ interfaceName: PROTO_SERVICE, serverHost: peer.host });
      const stranger = client.createConsumer({
        interfaceName: 'com.test.proto.Stranger',
        serverHost: peer.host,
      });
      const without = w
        .client()
        .createConsumer({ interfaceName: 'com.test.proto.Without', serverHost: peer.host });
      const named = (/** @type {any} */ outcome) =>
        outcome.message ? [outcome.name, outcome.resultCode] : outcome;
      return [
        await w.caught(consumer.invoke('missing', [{}], options)),
        await w.caught(stranger.invoke('echoObj', [{}], options)),
        named(await w.caught(consumer.invoke('echoObj', [], options))),
        named(await w.caught(without.invoke('echoObj', [{}], options))),
      ];
    },
  },
  {
    id: 'consumer/protobuf-server',
    title:
      'a consumer and a server of the same library by protobuf: values, an error of the service, no such method',
    async run(w) {
      const proto = protoOf(w);
      const server = await w.server({ proto, codecType: 'protobuf' }, { [PROTO_SERVICE]: protoEcho });
      const consumer = clientOf(w).createConsumer({
        interfaceName: PROTO_SERVICE,
        serverHost: `${w.hostOf(server)}?serialization=protobuf`,
      });
      const answer = await consumer.invoke('echoObj', [{ name: 'Peter', group: 'B' }]);
      return {
        answer,
        object: answer.toObject?.({ defaults: true }),
        failure: await w.caught(consumer.invoke('fail', [{ name: 'x' }])),
      };
    },
  },
  {
    id: 'consumer/codec-of-connections',
    title:
      'a codecType among the options of connections does not count: it is the address or the call that says it',
    async run(w) {
      const peer = await peerOf(w);
      const client = w.client({
        connectionOpts: { protocol: w.bolt, proto: protoOf(w), codecType: 'protobuf' },
      });
      const consumer = client.createConsumer({ interfaceName: PROTO_SERVICE, serverHost: peer.host });
      await consumer.invoke('echoObj', [{ name: 'x' }]);
      await consumer.invoke('echoObj', [{ name: 'x' }], { codecType: 'protobuf' });
      return peer.requests.map(({ options }) => options.codecType);
    },
  },
  {
    id: 'consumer/class-map',
    title:
      'a classMap of the connections types arguments and answers; one of the consumer alone does not reach the wire',
    async run(w) {
      const classMap = {
        'com.test.ConsumerPerson': {
          name: { type: 'java.lang.String' },
          age: { type: 'java.lang.Long' },
          tags: { type: 'java.util.List', generic: [{ type: 'java.lang.String' }] },
        },
      };
      const peer = await w.peer(w.echo);
      const args = [{ $class: 'com.test.ConsumerPerson', $: { name: 'A', age: 3, tags: ['x'], unknown: 1 } }];
      const rows = [];
      for (const [ofConnections, ofConsumer] of [
        [undefined, undefined],
        [classMap, undefined],
        [undefined, classMap],
      ]) {
        const client = w.client({ connectionOpts: { protocol: w.bolt, classMap: ofConnections } });
        const consumer = client.createConsumer({
          interfaceName: ECHO,
          serverHost: peer.host,
          classMap: ofConsumer,
        });
        rows.push([await consumer.invoke('echo', args), peer.frames.at(-1)]);
      }
      return rows;
    },
  },
];

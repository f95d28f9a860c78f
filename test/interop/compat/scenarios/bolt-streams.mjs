// @ts-nocheck The libraries that are compared have no types.
// The protocol object: encoders and decoders as streams, what they write and read, and its options.
import { once } from 'node:events';
import { bundledWithOld } from '../world/libraries.mjs';
import { answer, call, partsOf, requestFrame, responseFrame } from './wire.mjs';

const SERVICE = 'com.test.Bolt:1.0';

const requestOf = (fields) => ({
  serverSignature: SERVICE,
  methodName: 'm',
  args: [1, 'two'],
  timeout: 3000,
  requestProps: { service: SERVICE },
  ...fields,
});

const encoderOf = (w, options) => w.bolt.encoder({ sentReqs: new Map(), classCache: new Map(), ...options });

/** What a call of an encoder calls back with. @returns {Promise<{ error: any, packet: any }>} */
const written = (write) =>
  new Promise((resolve) => {
    write((error, packet) => resolve({ error, packet }));
  });

/** A packet of an encoder, to compare. */
function packetOf(w, { error, packet }) {
  if (error) return { error: w.plain(error), packetType: packet?.packetType };
  const { meta } = packet;
  return {
    packetId: packet.packetId,
    packetType: packet.packetType,
    hex: meta.data.toString('hex'),
    size: meta.size,
    encodeRT: typeof meta.encodeRT,
    start: typeof meta.start,
    codecType: meta.codecType,
    protocolType: meta.protocolType,
    boltVersion: meta.boltVersion,
    crcEnable: meta.crcEnable,
  };
}

const NAMES = ['request', 'response', 'heartbeat', 'heartbeat_ack'];

/** A decoder and what it emits, times masked. */
function reading(w, options) {
  const decoder = w.bolt.decoder({ sentReqs: new Map(), classCache: new Map(), ...options });
  const seen = [];
  for (const name of NAMES)
    decoder.on(name, (packet) =>
      seen.push([name, w.plain({ ...packet, meta: packet.meta && w.meta(packet.meta) })]),
    );
  decoder.on('error', (error) => seen.push(['error', error.name, error.message]));
  return { decoder, seen };
}

const write = (stream, bytes) =>
  new Promise((resolve) => {
    stream.write(bytes, (error) => resolve(error ?? null));
  });

const VERSIONS = [
  ['v1', {}],
  ['v2', { protocolType: 'bolt2', boltVersion: 1 }],
  ['v2 of 2', { protocolType: 'bolt2', boltVersion: 2 }],
  ['v2 with crc', { protocolType: 'bolt2', boltVersion: 2, crcEnable: true }],
];

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'bolt/surface',
    title:
      'the protocol has options, encoder, decoder, the version of hessian and class maps of applications',
    run: (w) =>
      ['setOptions', 'encoder', 'decoder', 'setHessianVersion', 'registerAppClazzMap'].map((name) => [
        name,
        typeof w.bolt[name],
      ]),
  },
  {
    id: 'bolt/as-a-module',
    title: 'the protocol as an ES module is the same, by its default export',
    async run(w) {
      const module = await w.importBolt();
      const protocol = module.default;
      return ['setOptions', 'encoder', 'decoder', 'setHessianVersion'].map((name) => typeof protocol[name]);
    },
  },
  {
    id: 'bolt/encoder-defaults',
    title: 'an encoder’s protocol, version, codec and checksum: by default, by its options, set later',
    run(w) {
      const fields = ({ protocolType, codecType, boltVersion, crcEnable }) => ({
        protocolType,
        codecType,
        boltVersion,
        crcEnable,
      });
      const changed = encoderOf(w);
      Object.assign(changed, {
        protocolType: 'bolt2',
        codecType: 'protobuf',
        boltVersion: 2,
        crcEnable: true,
      });
      return [
        fields(encoderOf(w)),
        fields(encoderOf(w, { codecType: 'protobuf' })),
        fields(encoderOf(w, { address: { query: { serialization: 'protobuf' } } })),
        fields(encoderOf(w, { address: { query: {} } })),
        fields(encoderOf(w, { address: { query: { serialization: 'protobuf' } }, codecType: 'hessian2' })),
        fields(changed),
      ];
    },
  },
  {
    id: 'bolt/encoder-is-a-stream',
    title: 'what an encoder writes is read from it, in order, whole frames',
    async run(w) {
      const encoder = encoderOf(w);
      const chunks = [];
      encoder.on('data', (chunk) => chunks.push(partsOf(chunk).id));
      encoder.writeRequest(1, requestOf());
      encoder.writeHeartbeat(2, { timeout: 500 });
      await written((done) => encoder.writeRequest(3, requestOf({ args: [] }), done));
      await w.until(() => chunks.length === 3);
      return { chunks, pipe: typeof encoder.pipe };
    },
  },
  {
    id: 'bolt/write-request',
    title: 'requests in each version: bytes, and the packet with its meta',
    async run(w) {
      const packets = {};
      for (const [name, fields] of VERSIONS) {
        const encoder = Object.assign(encoderOf(w), fields);
        packets[name] = packetOf(w, await written((done) => encoder.writeRequest(7, requestOf(), done)));
      }
      const encoder = encoderOf(w);
      packets.oneway = packetOf(
        w,
        await written((done) => encoder.writeRequest(8, requestOf({ oneway: true }), done)),
      );
      packets.application = packetOf(
        w,
        await written((done) => encoder.writeRequest(9, requestOf({ targetAppName: 'app', args: [] }), done)),
      );
      packets.large = packetOf(w, await written((done) => encoder.writeRequest(2 ** 30, requestOf(), done)));
      return packets;
    },
  },
  {
    id: 'bolt/write-request-refused',
    title: 'a request without a timeout, or of what cannot be written, is an error, and nothing is written',
    async run(w) {
      const encoder = encoderOf(w);
      const chunks = [];
      encoder.on('data', (chunk) => chunks.push(chunk.length));
      const results = [];
      for (const fields of [
        { timeout: undefined },
        { timeout: '3000' },
        { args: [1n] },
        { args: ['fine', 1n] },
      ])
        results.push(packetOf(w, await written((done) => encoder.writeRequest(1, requestOf(fields), done))));
      await w.sleep(5);
      results.push(chunks.length);
      results.push(packetOf(w, await written((done) => encoder.writeRequest(2, requestOf(), done))).size);
      return results;
    },
  },
  {
    id: 'bolt/write-response',
    title: 'answers to requests of each version, in that version',
    async run(w) {
      const packets = {};
      for (const [name, fields] of VERSIONS) {
        const client = Object.assign(encoderOf(w), fields);
        const { decoder } = reading(w);
        const request = once(decoder, 'request');
        const { packet } = await written((done) => client.writeRequest(7, requestOf(), done));
        decoder.write(packet.meta.data);
        const [req] = await request;
        const encoder = encoderOf(w);
        packets[name] = packetOf(
          w,
          await written((done) =>
            encoder.writeResponse(req, { isError: false, errorMsg: null, appResponse: { a: [1] } }, done),
          ),
        );
      }
      return packets;
    },
  },
  {
    id: 'bolt/write-late-response',
    title: 'an answer after the time of its request is an error',
    async run(w) {
      const encoder = encoderOf(w);
      const req = {
        packetId: 1,
        data: { serverSignature: SERVICE, methodName: 'm' },
        options: { protocolType: 'bolt', codecType: 'hessian2', timeout: 100 },
        meta: { start: Date.now() - 1000 },
      };
      const late = await written((done) => encoder.writeResponse(req, { appResponse: 1 }, done));
      req.options.timeout = 0;
      const untimed = await written((done) => encoder.writeResponse(req, { appResponse: 1 }, done));
      const { error } = packetOf(w, late);
      return {
        late: { ...error, message: error.message.replace(/\d+\(ms\), and/, '<n>(ms), and') },
        untimed: packetOf(w, untimed).size,
      };
    },
  },
  {
    id: 'bolt/heartbeats',
    title: 'heartbeats and their answers in each version and codec',
    async run(w) {
      const frames = [];
      for (const [name, fields] of [...VERSIONS, ['protobuf', { codecType: 'protobuf' }]]) {
        const encoder = Object.assign(encoderOf(w), fields);
        const beat = await written((done) =>
          encoder.writeHeartbeat(5, { timeout: 1000, clientUrl: 'x' }, done),
        );
        const { decoder, seen } = reading(w);
        const heard = once(decoder, 'heartbeat');
        decoder.write(beat.packet.meta.data);
        const [heartbeat] = await heard;
        const ack = await written((done) => encoderOf(w).writeHeartbeatAck(heartbeat, done));
        decoder.write(ack.packet.meta.data);
        await w.until(() => seen.length === 2);
        frames.push([name, packetOf(w, beat).hex, packetOf(w, ack).hex, seen]);
      }
      const untimed = await written((done) => encoderOf(w).writeHeartbeat(6, {}, done));
      return { frames, untimed: packetOf(w, untimed).hex };
    },
  },
  {
    id: 'bolt/read-requests',
    title: 'a decoder emits requests with data, options and meta, of each version',
    async run(w) {
      const packets = [];
      for (const [, fields] of VERSIONS) {
        const encoder = Object.assign(encoderOf(w), fields);
        const request = requestOf({
          args: [{ $class: 'java.lang.Long', $: 5 }, { a: 1 }, null],
          targetAppName: 'app',
        });
        const { packet } = await written((done) => encoder.writeRequest(3, request, done));
        const { decoder, seen } = reading(w);
        await write(decoder, packet.meta.data);
        packets.push(seen);
      }
      return packets;
    },
  },
  {
    id: 'bolt/read-responses',
    title: 'a decoder emits responses with error, appResponse and responseProps',
    async run(w) {
      const { decoder, seen } = reading(w);
      const [start] = answer('@').split('@');
      const contents = [
        answer('91'),
        // isError with a message: as Java says that there is no such service.
        `${start.slice(0, -4)}54026e6f4e4e`,
        // With properties.
        `${start}4e4d016101627a`,
        // A text and a number instead of a response.
        '0474657874',
      ];
      for (const [index, content] of contents.entries())
        await write(decoder, responseFrame(index + 1, { content }));
      await write(decoder, responseFrame(9, { content: answer('92'), v2: true }));
      return seen;
    },
  },
  {
    id: 'bolt/read-pieces',
    title: 'frames are read from pieces of any size, and several from one piece',
    async run(w) {
      const frames = Buffer.concat(
        [1, 2, 3].map((id) =>
          requestFrame({
            id,
            content: call({ service: SERVICE, method: 'm', sigs: ['int'], args: ['91'] }),
            v2: id === 2,
          }),
        ),
      );
      const result = {};
      for (const size of [1, 2, 7, 21, 23, 100, frames.length]) {
        const { decoder, seen } = reading(w);
        for (let at = 0; at < frames.length; at += size) await write(decoder, frames.subarray(at, at + size));
        result[size] = seen.map(([name, { packetId, meta }]) => [name, packetId, meta.size]);
      }
      return result;
    },
  },
  {
    id: 'bolt/read-errors',
    title: 'bytes that are no frame, and a wrong checksum, are a BoltDecodeError',
    async run(w) {
      const crc = Object.assign(encoderOf(w), { protocolType: 'bolt2', boltVersion: 2, crcEnable: true });
      const { packet } = await written((done) => crc.writeRequest(1, requestOf(), done));
      const broken = Buffer.from(packet.meta.data);
      broken[broken.length - 8] ^= 1;
      const results = {};
      for (const [name, bytes] of Object.entries({
        text: Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        zero: Buffer.alloc(30),
        'wrong checksum': broken,
      })) {
        const { decoder, seen } = reading(w);
        const error = await write(decoder, bytes);
        await w.sleep(1);
        results[name] = { error: error.name, seen: seen.map(([event, reason]) => [event, reason]) };
      }
      return results;
    },
  },
  {
    id: 'bolt/read-checksum',
    title: 'a right checksum is read in pieces, and followed by other frames',
    async run(w) {
      const encoder = Object.assign(encoderOf(w), { protocolType: 'bolt2', boltVersion: 2, crcEnable: true });
      const frames = [];
      for (const id of [1, 2]) {
        const { packet } = await written((done) => encoder.writeRequest(id, requestOf(), done));
        frames.push(packet.meta.data);
      }
      const { decoder, seen } = reading(w);
      const bytes = Buffer.concat([
        ...frames,
        requestFrame({ id: 3, content: call({ service: SERVICE, method: 'm' }) }),
      ]);
      for (let at = 0; at < bytes.length; at += 50) await write(decoder, bytes.subarray(at, at + 50));
      return seen.map(([name, { packetId, options }]) => [
        name,
        packetId,
        options.crcEnable,
        options.boltVersion,
      ]);
    },
  },
  {
    id: 'bolt/hessian-version',
    title: 'setHessianVersion changes what is written and read, there and back',
    async run(w) {
      w.after(() => w.bolt.setHessianVersion('3.0'));
      const args = [1, 1.5, [1, 2], { a: 1 }, new Date(60_000), Buffer.alloc(20), 'x'.repeat(40)];
      const results = [];
      for (const version of ['3.0', '4.0', '3.0']) {
        w.bolt.setHessianVersion(version);
        const { packet } = await written((done) => encoderOf(w).writeRequest(1, requestOf({ args }), done));
        const { decoder, seen } = reading(w);
        await write(decoder, packet.meta.data);
        results.push([partsOf(packet.meta.data).content, seen[0][1].data.args]);
      }
      return results;
    },
  },
  {
    id: 'bolt/hessian-version-option',
    title: 'setOptions({ hessianVersion }) does the same',
    async run(w) {
      w.after(() => w.bolt.setOptions({ hessianVersion: '3.0' }));
      const contents = [];
      for (const hessianVersion of ['4.0', undefined, '3.0']) {
        w.bolt.setOptions({ hessianVersion });
        const { packet } = await written((done) =>
          encoderOf(w).writeRequest(1, requestOf({ args: [[1]] }), done),
        );
        contents.push(partsOf(packet.meta.data).content.slice(-24));
      }
      return contents;
    },
  },
  {
    id: 'bolt/set-options',
    title:
      'setOptions is for encoders and decoders that are made later, and their own options count before it',
    async run(w) {
      w.after(() => w.bolt.setOptions({ codecType: undefined }));
      const before = encoderOf(w);
      w.bolt.setOptions({ codecType: 'protobuf' });
      const kinds = [
        before.codecType,
        encoderOf(w).codecType,
        encoderOf(w, { codecType: 'hessian2' }).codecType,
      ];
      w.bolt.setOptions();
      kinds.push(encoderOf(w).codecType);
      return kinds;
    },
  },
  {
    id: 'bolt/codec-of-a-request',
    title: 'a request may name a codec of its own',
    async run(w) {
      const protobuf = bundledWithOld('protobufjs');
      const { root } = protobuf.parse(`
        syntax = "proto3";
        package com.test.pb.own;
        service Greeter { rpc hi (Hi) returns (Hi); }
        message Hi { string name = 1; }
      `);
      const encoder = encoderOf(w, { proto: root });
      const request = {
        serverSignature: 'com.test.pb.own.Greeter:1.0',
        methodName: 'hi',
        args: [{ name: 'x' }],
      };
      const ask = (fields) =>
        written((done) => encoder.writeRequest(1, requestOf({ ...request, ...fields }), done));
      return [
        packetOf(w, await ask({ codecType: 'protobuf' })),
        packetOf(w, await ask({})),
        encoder.codecType,
      ];
    },
  },
  {
    id: 'bolt/protobuf-stream',
    title: 'protobuf by streams: the decoder of a client finds the request of a response',
    async run(w) {
      const protobuf = bundledWithOld('protobufjs');
      const { root } = protobuf.parse(`
        syntax = "proto3";
        package com.test.pb.stream;
        service Greeter { rpc hi (Hi) returns (Hi); }
        message Hi { string name = 1; }
      `);
      const request = requestOf({
        serverSignature: 'com.test.pb.stream.Greeter:1.0',
        methodName: 'hi',
        args: [{ name: 'x' }],
      });
      const sentReqs = new Map([[5, { req: request }]]);
      const client = encoderOf(w, { proto: root, codecType: 'protobuf' });
      const server = reading(w, { proto: root });
      const read = once(server.decoder, 'request');
      server.decoder.write((await written((done) => client.writeRequest(5, request, done))).packet.meta.data);
      const [req] = await read;
      const res = await written((done) =>
        encoderOf(w, { proto: root }).writeResponse(
          req,
          { isError: false, appResponse: { name: 'y' } },
          done,
        ),
      );
      const { decoder, seen } = reading(w, { proto: root, sentReqs });
      await write(decoder, res.packet.meta.data);
      const { data, options } = seen[0][1];
      return { args: w.plain(req.data.args), hex: packetOf(w, res).hex, data, options };
    },
  },
  {
    id: 'bolt/class-map-of-an-encoder',
    title: 'an encoder writes by its class map, a decoder reads without',
    async run(w) {
      const type = 'com.test.bolt.Encoded';
      const classMap = { [type]: { id: { type: 'long' }, name: { type: 'java.lang.String' } } };
      const encoder = encoderOf(w, { classMap });
      const args = [{ $class: type, $: { name: 'n', extra: 1, id: 2 } }];
      const { packet } = await written((done) => encoder.writeRequest(1, requestOf({ args }), done));
      const { decoder, seen } = reading(w);
      await write(decoder, packet.meta.data);
      return [partsOf(packet.meta.data).content.slice(-100), seen[0][1].data.args];
    },
  },
  {
    id: 'bolt/class-map-of-an-answer',
    title: 'an answer with a class map of its own is written by that',
    async run(w) {
      const own = { 'com.test.bolt.Own': { id: { type: 'long' } } };
      const other = { 'com.test.bolt.Own': { name: { type: 'java.lang.String' } } };
      const req = {
        packetId: 1,
        data: { serverSignature: SERVICE, methodName: 'm' },
        options: { protocolType: 'bolt', codecType: 'hessian2', timeout: 0, classMap: other },
        meta: { start: Date.now() },
      };
      const appResponse = { $class: 'com.test.bolt.Own', $: { id: 1, name: 'n' } };
      const { packet } = await written((done) =>
        encoderOf(w).writeResponse(req, { appResponse, classMap: own }, done),
      );
      return partsOf(packet.meta.data).content.slice(-60);
    },
  },
  {
    id: 'bolt/class-definitions-known',
    title: 'a decoder with a cache of classes reads the same as one without',
    async run(w) {
      const { packet } = await written((done) =>
        encoderOf(w).writeRequest(
          1,
          requestOf({
            args: [
              {
                $class: 'com.test.bolt.Cached',
                $: { a: 1, b: { $class: 'com.test.bolt.Inner', $: { c: [2] } } },
              },
            ],
          }),
          done,
        ),
      );
      const results = [];
      for (const classCache of [
        new Map(),
        Object.assign(new Map(), { enableCompile: true }),
        null,
        undefined,
      ]) {
        const { decoder, seen } = reading(w, { classCache });
        await write(decoder, packet.meta.data);
        await write(decoder, packet.meta.data);
        results.push(seen.map(([, { data }]) => data.args));
      }
      return results;
    },
  },
  {
    id: 'bolt/registered-classes',
    title: 'frames of classes of the application: what is registered, and what is not',
    async run(w) {
      const missing = await w.caught(() => w.bolt.registerAppClazzMap());
      w.bolt.registerAppClazzMap({ 'com.test.app.Reply': { code: { type: 'int' } } });
      const reply = (className) =>
        responseFrame(1, {
          className,
          content: `4fa2${Buffer.from('com.test.app.Reply').toString('hex')}9104636f64656f9095`,
        });
      const results = [];
      for (const className of ['com.test.app.Reply', 'com.test.app.Unknown']) {
        const { decoder, seen } = reading(w);
        const error = await write(decoder, reply(className));
        results.push([error?.name, seen.map(([name, { data, className: read }]) => [name, data, read])]);
      }
      return { missing, results };
    },
  },
  {
    id: 'bolt/destroyed-streams',
    title: 'streams end and are destroyed as streams do',
    async run(w) {
      const encoder = encoderOf(w);
      const { decoder } = reading(w);
      const events = [];
      for (const [name, stream] of [
        ['encoder', encoder],
        ['decoder', decoder],
      ])
        for (const event of ['close', 'finish', 'error']) stream.on(event, () => events.push([name, event]));
      decoder.end();
      await w.until(() => events.some(([name, event]) => name === 'decoder' && event === 'finish'));
      encoder.destroy(new Error('destroyed'));
      await w.until(() => events.some(([name, event]) => name === 'encoder' && event === 'close'));
      return { destroyed: encoder.destroyed, encoder: events.filter(([name]) => name === 'encoder').sort() };
    },
  },
];

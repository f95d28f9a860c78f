import { connect, requestOf, stateOf } from '../world/connections.mjs';
import { ECHO, echo } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'connection/invoke',
    title: 'invoke resolves to {error, appResponse, responseProps} and fills the meta of the request',
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo });
      const connection = connect(w, w.hostOf(server));
      await connection.ready();
      const fine = requestOf(w, ['x']);
      const failing = requestOf(w, ['no'], { methodName: 'fail' });
      const rows = [];
      for (const request of [fine, failing]) {
        const response = await connection.invoke(request);
        // The old answer had a stack in it.
        if (response.error) request.meta.resSize = 0;
        rows.push({ response, meta: w.meta(request.meta) });
      }
      return { rows, invoked: connection.lastInvokeTime > 0 };
    },
  },
  {
    id: 'connection/invoke-needs-a-timeout',
    title: 'a request without a timeout is refused',
    async run(w) {
      const peer = await w.peer(w.echo);
      const connection = connect(w, peer.host);
      await connection.ready();
      return [await w.caught(connection.invoke()), await w.caught(connection.invoke({ meta: {} }))];
    },
  },
  {
    id: 'connection/invoke-early',
    title: 'a request before the connection is made is sent when it is',
    async run(w) {
      const peer = await w.peer(w.echo);
      const connection = connect(w, peer.host);
      return { before: stateOf(connection), response: await connection.invoke(requestOf(w, ['early'])) };
    },
  },
  {
    id: 'connection/invoke-times-out',
    title: 'a request nobody answers: {error: RpcResponseTimeoutError}, not a rejection',
    async run(w) {
      const peer = await w.peer();
      const connection = connect(w, peer.host);
      await connection.ready();
      const request = requestOf(w, [], { timeout: 60 });
      const response = await connection.invoke(request);
      return { response, resultCode: request.meta.resultCode, pending: connection._sentReqs.size };
    },
  },
  {
    id: 'connection/encode-error',
    title: 'a request that cannot be written: {error: RpcRequestEncodeError}, and nothing is pending',
    async run(w) {
      const peer = await w.peer();
      const connection = connect(w, peer.host);
      await connection.ready();
      const request = requestOf(w, [1n]);
      const response = await connection.invoke(request);
      return { response, resultCode: request.meta.resultCode, pending: connection._sentReqs.size };
    },
  },
  {
    id: 'connection/pending',
    title: 'requests on their way are in _sentReqs, by id',
    async run(w) {
      const peer = await w.peer(async (request) => {
        await w.sleep(40);
        return w.echo(request);
      });
      const connection = connect(w, peer.host);
      await connection.ready();
      const calls = [1, 2, 3].map((x) => connection.invoke(requestOf(w, [x])));
      const sizes = [connection._sentReqs.size, connection._sentReqs instanceof Map];
      const responses = await Promise.all(calls);
      return {
        sizes,
        after: connection._sentReqs.size,
        values: responses.map(({ appResponse }) => appResponse),
      };
    },
  },
  {
    id: 'connection/garbage',
    title: 'bytes that are no frame end the connection; what is pending fails',
    async run(w) {
      const peer = await w.peer(() => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
      const connection = connect(w, peer.host);
      await connection.ready();
      const response = await connection.invoke(requestOf(w, [1], { timeout: 1000 }));
      await w.until(() => connection.isClosed);
      return { name: response.error.name, resultCode: response.error.resultCode };
    },
  },
  {
    id: 'connection/frames-in-pieces',
    title: 'answers in pieces of a few bytes, and several in one piece',
    async run(w) {
      let pending = Buffer.alloc(0);
      let count = 0;
      const peer = await w.peer(async (request, connection) => {
        const bytes = w.frames.response(request, { appResponse: request.data.args[0] });
        if (request.data.args[0] === 'pieces') {
          for (let at = 0; at < bytes.length; at += 17) {
            connection.socket.write(bytes.subarray(at, at + 17));
            await w.sleep(1);
          }
          return;
        }
        pending = Buffer.concat([pending, bytes]);
        if (++count === 3) connection.socket.write(pending);
      });
      const connection = connect(w, peer.host);
      await connection.ready();
      const responses = [await connection.invoke(requestOf(w, ['pieces']))];
      responses.push(...(await Promise.all([1, 2, 3].map((x) => connection.invoke(requestOf(w, [x]))))));
      return responses.map(({ appResponse }) => appResponse);
    },
  },
  {
    id: 'connection/unknown-answer',
    title: 'an answer to nothing is logged and dropped',
    async run(w) {
      const peer = await w.peer((request) => {
        const stray = w.frames.response(request, { appResponse: 'stray' });
        stray.writeInt32BE(999_999, 5);
        return [stray, w.frames.response(request, { appResponse: 'mine' })];
      });
      const connection = connect(w, peer.host);
      await connection.ready();
      const { appResponse } = await connection.invoke(requestOf(w, []));
      await w.sleep(20);
      return {
        appResponse,
        warned: w.loggedAt('warn').length,
      };
    },
  },
  {
    id: 'connection/bolt2-answer',
    title: 'answers of Bolt v2, with and without a checksum',
    async run(w) {
      const options = [
        { protocolType: 'bolt2', boltVersion: 1 },
        { protocolType: 'bolt2', boltVersion: 2, crcEnable: true },
      ];
      let next = 0;
      const peer = await w.peer((request) => {
        Object.assign(request.options, options[next++]);
        return w.frames.response(request, { appResponse: 'v2' });
      });
      const connection = connect(w, peer.host);
      await connection.ready();
      return [await connection.invoke(requestOf(w, [])), await connection.invoke(requestOf(w, []))];
    },
  },
  {
    id: 'connection/heartbeat',
    title: 'heartbeat() sends one when nothing was sent for maxIdleTime, and none before',
    async run(w) {
      const rows = [];
      for (const maxIdleTime of [0, 60_000]) {
        const peer = await w.peer(
          (packet) => (packet.packetType === 'heartbeat' ? w.frames.heartbeatAck(packet) : w.echo(packet)),
          { heartbeats: true },
        );
        const connection = connect(w, peer.host, { maxIdleTime });
        await connection.ready();
        await connection.invoke(requestOf(w, ['x']));
        await w.sleep(5);
        connection.heartbeat();
        await w.sleep(30);
        rows.push([
          maxIdleTime,
          peer.frames.slice(1),
          (await connection.invoke(requestOf(w, ['y']))).appResponse,
        ]);
      }
      return rows;
    },
  },
  {
    id: 'connection/handle-response',
    title: "_handleResponse answers what is pending, by the id of the request's meta",
    async run(w) {
      const peer = await w.peer();
      const connection = connect(w, peer.host);
      await connection.ready();
      const request = requestOf(w, []);
      const call = connection.invoke(request);
      connection._handleResponse({
        packetId: request.meta.id,
        packetType: 'response',
        data: { error: null, appResponse: 'injected' },
        meta: { size: 0, start: 0, rt: 0 },
      });
      return { response: await call, pending: connection._sentReqs.size };
    },
  },
];

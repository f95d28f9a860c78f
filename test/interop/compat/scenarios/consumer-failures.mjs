import { ECHO, echo } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'consumer/no-provider',
    title: 'a consumer whose list is empty fails with RpcNoProviderError, resultCode 04',
    async run(w) {
      const consumer = w.client({ registry: w.registry([]) }).createConsumer({ interfaceName: ECHO });
      return w.caught(consumer.invoke('echo', ['a']));
    },
  },
  {
    id: 'consumer/refused',
    title: 'where every address refuses there is no provider; the consumer is ready all the same',
    async run(w) {
      const port = await w.deadPort();
      const client = w.client();
      const events = w.events(client, ['error']);
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: `127.0.0.1:${port}` });
      await consumer.ready();
      return {
        isReady: consumer.isReady,
        failures: [await w.caught(consumer.invoke('echo', [])), await w.caught(consumer.invoke('echo', []))],
        events,
        info: [...new Set(w.loggedAt('info'))],
      };
    },
  },
  {
    id: 'consumer/connect-timeout',
    title: 'where connecting takes longer than connectTimeout there is no provider',
    async run(w) {
      const port = await w.blackhole();
      const client = w.client({ connectionOpts: { protocol: w.bolt, connectTimeout: 150 } });
      const events = w.events(client, ['error']);
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: `127.0.0.1:${port}` });
      const started = performance.now();
      await consumer.ready();
      const ms = performance.now() - started;
      return { inTime: ms > 100 && ms < 2_000, events, failure: await w.caught(consumer.invoke('echo', [])) };
    },
  },
  {
    id: 'consumer/server-error',
    title: "a service's own error: its message behind the class of the exception, resultCode 01",
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server) });
      const rows = [
        ['fail', ['mock error']],
        ['fail', ['']],
        ['failWith', [{ message: 'm', name: 'MyError', code: 7, resultCode: '02' }]],
        ['failWith', [{ message: 'of the system', name: 'SystemError' }]],
        ['fail', ['多字节 😀']],
      ];
      const failures = [];
      for (const [method, args] of rows) failures.push(await w.caught(consumer.invoke(method, args)));
      return failures;
    },
  },
  {
    id: 'consumer/no-such-method',
    title: 'no such method, one that is not async, and no such service',
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo });
      const client = w.client();
      const serverHost = w.hostOf(server);
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost });
      const other = client.createConsumer({ interfaceName: 'com.test.Missing', serverHost });
      const version = client.createConsumer({ interfaceName: ECHO, version: '9.9', serverHost });
      return [
        await w.caught(consumer.invoke('missing', [])),
        await w.caught(consumer.invoke('sync', [])),
        await w.caught(other.invoke('echo', [])),
        await w.caught(version.invoke('echo', [])),
      ];
    },
  },
  {
    id: 'consumer/error-frames',
    title: 'what a response of each status becomes for the caller',
    async run(w) {
      const statuses = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18];
      let next = 0;
      const peer = await w.peer((request) => {
        const bytes = w.frames.response(request, {
          appResponse: null,
          status: 1,
          isError: true,
          errorMsg: 'told',
        });
        bytes.writeUInt16BE(statuses[next++], 10);
        return bytes;
      });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const rows = [];
      for (const status of statuses.slice(1)) {
        next = statuses.indexOf(status);
        rows.push([status, await w.caught(consumer.invoke('echo', []))]);
      }
      return rows;
    },
  },
  {
    id: 'consumer/empty-error-frames',
    title: 'a response of an error status without content has the words of its status',
    async run(w) {
      const statuses = [2, 3, 4, 7, 8];
      let next = 0;
      const peer = await w.peer((request) => {
        const whole = w.frames.response(request, { appResponse: null });
        const bytes = Buffer.from(whole.subarray(0, 20));
        bytes.writeUInt16BE(statuses[next++], 10);
        bytes.writeUInt16BE(0, 12);
        bytes.writeUInt16BE(0, 14);
        bytes.writeUInt32BE(0, 16);
        return bytes;
      });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const rows = [];
      for (const status of statuses) rows.push([status, await w.caught(consumer.invoke('echo', []))]);
      return rows;
    },
  },
  {
    id: 'consumer/error-in-response',
    title: 'a SofaResponse that says isError: its errorMsg is the error',
    async run(w) {
      const answers = [
        { isError: true, errorMsg: 'said no', appResponse: null },
        { isError: true, errorMsg: null, appResponse: null },
        { isError: true, errorMsg: 'with a value', appResponse: 'value' },
        { isError: false, errorMsg: 'not meant', appResponse: 1 },
      ];
      let next = 0;
      const peer = await w.peer((request) => {
        const { isError, ...answer } = answers[next++];
        const bytes = w.frames.response(request, { ...answer, isError: false });
        // Java answers so, with status SUCCESS. sofa-bolt-node would set another, so its `false` is made `true`.
        if (isError) bytes[bytes.indexOf('6f9046', 'hex') + 2] = 0x54;
        return bytes;
      });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const rows = [];
      for (const _ of answers) rows.push(await w.caught(consumer.invoke('echo', [])));
      return rows;
    },
  },
  {
    id: 'consumer/java-exception',
    title: 'a Java exception as the answer is an error: its class, its message and fields',
    async run(w) {
      const answers = [
        { $class: 'java.lang.Exception', $: new Error('checked') },
        {
          $class: 'com.test.OwnException',
          $: { detailMessage: 'own', code: 5, stackTrace: null, cause: null },
        },
      ];
      let next = 0;
      const peer = await w.peer((request) => w.frames.response(request, { appResponse: answers[next++] }));
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const rows = [];
      for (const _ of answers) rows.push(await w.caught(consumer.invoke('echo', [])));
      return rows;
    },
  },
  {
    id: 'consumer/response-timeout',
    title: 'no answer in time: RpcResponseTimeoutError with the request and the timeout, resultCode 03',
    async run(w) {
      const peer = await w.peer();
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.ready();
      const started = performance.now();
      /** @type {any} */
      const error = await consumer
        .invoke('echo', ['x'], { responseTimeout: 100 })
        .catch((/** @type {any} */ e) => e);
      const ms = performance.now() - started;
      return {
        error,
        isError: error instanceof Error,
        request: [error.req instanceof w.lib.client.RpcRequest, error.req.args, error.timeout],
        inTime: ms >= 95 && ms < 1_000,
        ms: /^no response in (\d+)ms/.test(error.message),
        open: peer.open,
      };
    },
  },
  {
    id: 'consumer/odd-timeouts',
    title:
      'a timeout that is no number cannot be encoded, nor can one of more than 31 bits; a negative one has passed; none is the default',
    async run(w) {
      const peer = await w.peer(async (request) => {
        await w.sleep(50);
        return w.echo(request);
      });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.ready();
      const rows = [];
      for (const timeout of [
        true,
        '3000',
        '0',
        'abc',
        {},
        -1,
        -3_000,
        Number.POSITIVE_INFINITY,
        2 ** 31,
        Number.NaN,
        0,
        '',
      ]) {
        const before = peer.frames.length;
        /** @type {any} */
        const outcome = await consumer
          .invoke('echo', ['x'], { responseTimeout: timeout })
          .catch((/** @type {any} */ error) => ({ error, about: [error.req?.args, error.timeout] }));
        // Of a negative one, the old request was on its way when the error came.
        rows.push([timeout, outcome, Number(timeout) < 0 || peer.frames.length - before]);
      }
      // What the old server's half of this peer says of an answer that comes too late.
      await w.sleep(60);
      w.uncaught.length = 0;
      return rows;
    },
  },
  {
    id: 'consumer/odd-timeouts-early',
    title: 'before the consumer is ready, a timeout that is no positive number is refused in these words',
    async run(w) {
      const peer = await w.peer(w.echo);
      const rows = [];
      for (const timeout of [true, '3000', -1]) {
        const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
        rows.push([timeout, await w.caught(consumer.invoke('echo', ['x'], { responseTimeout: timeout }))]);
      }
      return rows;
    },
  },
  {
    id: 'consumer/odd-timeouts-without-provider',
    title: 'whatever the timeout is, that there is no provider is said first',
    async run(w) {
      const consumer = w.client().createConsumer({ interfaceName: ECHO, registry: w.registry([]) });
      await consumer.ready();
      const rows = [];
      for (const timeout of [true, '3000', -1])
        rows.push([timeout, await w.caught(consumer.invoke('echo', ['x'], { responseTimeout: timeout }))]);
      return rows;
    },
  },
  {
    id: 'consumer/late-answer',
    title: 'an answer that comes too late is dropped and logged; the connection goes on',
    async run(w) {
      const peer = await w.peer(async (request) => {
        if (request.data.args[0] === 'slow') await w.sleep(150);
        return w.echo(request);
      });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.ready();
      const failure = /** @type {any} */ (
        await w.caught(consumer.invoke('echo', ['slow'], { responseTimeout: 60 }))
      );
      await w.sleep(150);
      const answer = await consumer.invoke('echo', ['quick']);
      return {
        name: failure.name,
        answer,
        connections: peer.connections.length,
        warned: w.loggedAt('warn').length,
      };
    },
  },
  {
    id: 'consumer/ended-by-server',
    title: 'the server ends the connection during a call: RpcSocketCloseError, resultCode 02',
    async run(w) {
      const rows = [];
      for (const how of /** @type {const} */ (['end', 'destroy'])) {
        const peer = await w.peer((_request, connection) => connection[how]());
        const client = w.client();
        const events = w.events(client, ['error']);
        const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
        await consumer.ready();
        const failures = await Promise.all([
          w.caught(consumer.invoke('echo', [1])),
          w.caught(consumer.invoke('echo', [2])),
        ]);
        rows.push({ how, failures, events });
      }
      return rows;
    },
  },
  {
    id: 'consumer/reset-by-server',
    title: 'the server dies during a call (ECONNRESET): RpcSocketCloseError, and no error event',
    async run(w) {
      const peer = await w.peer((_request, connection) => connection.reset());
      const client = w.client();
      const events = w.events(client, ['error']);
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.ready();
      return { failure: await w.caught(consumer.invoke('echo', [1])), events };
    },
  },
  {
    id: 'consumer/reconnects',
    title: 'after its connection ended, the next call opens another',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const answers = [await consumer.invoke('echo', [1])];
      peer.drop('end');
      await w.until(() => peer.open === 0);
      await w.sleep(30);
      answers.push(await consumer.invoke('echo', [2]));
      return { answers, connections: peer.connections.length };
    },
  },
  {
    id: 'consumer/encode-error',
    title:
      'arguments that cannot be written: RpcRequestEncodeError with the words of the codec, resultCode 02',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      return {
        failures: [
          await w.caught(consumer.invoke('echo', [1n])),
          await w.caught(consumer.invoke('echo', [{ deep: [2n] }])),
        ],
        afterwards: await consumer.invoke('echo', ['fine']),
        sent: peer.frames.length,
      };
    },
  },
  {
    id: 'consumer/error-as-null',
    title: 'errorAsNull: every failure of a call is null; the response event still has the error',
    async run(w) {
      const peer = await w.peer((request, connection) => {
        if (request.data.methodName === 'fails')
          return w.frames.response(request, { isError: true, errorMsg: 'no' });
        if (request.data.methodName === 'ends') connection.end();
        return undefined;
      });
      const client = w.client({ errorAsNull: true });
      /** @type {unknown[]} */
      const codes = [];
      client.on('response', (/** @type {any} */ { req }) =>
        codes.push([req.meta.resultCode, req.meta.error?.name]),
      );
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const lost = client.createConsumer({ interfaceName: ECHO, registry: w.registry([]) });
      return {
        values: [
          await consumer.invoke('fails', []),
          await consumer.invoke('silent', [], { responseTimeout: 60 }),
          await consumer.invoke('encode', [1n]),
          await consumer.invoke('ends', []),
          await lost.invoke('echo', []),
        ],
        codes,
      };
    },
  },
  {
    id: 'consumer/error-as-null-only-true',
    title: 'errorAsNull counts where it is true, not where it is truthy',
    async run(w) {
      const client = w.client({ registry: w.registry([]) });
      const rows = [];
      for (const errorAsNull of [true, 1, 'true', false, undefined]) {
        const consumer = client.createConsumer({ interfaceName: ECHO, errorAsNull, cache: false });
        const outcome = /** @type {any} */ (await w.caught(consumer.invoke('echo', [])));
        rows.push([errorAsNull, outcome.name ?? outcome]);
      }
      return rows;
    },
  },
  {
    id: 'consumer/not-ready',
    title: 'a call of a consumer that is not ready in the time of the call fails and says so',
    async run(w) {
      const registry = w.registry();
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO, responseTimeout: 80 });
      const failures = [
        await w.caught(consumer.invoke('echo', [])),
        await w.caught(consumer.invoke('echo', [], { responseTimeout: 40 })),
      ];
      registry.push([]);
      await consumer.ready();
      return { failures, later: await w.caught(consumer.invoke('echo', [])), isReady: consumer.isReady };
    },
  },
  {
    id: 'consumer/registry-not-ready',
    title: 'a registry that fails to be ready: the consumer is not ready either, and its calls say why',
    async run(w) {
      const registry = Object.assign(w.registry([]), {
        ready: () => Promise.reject(new Error('no registry')),
      });
      const client = w.client({ registry });
      const events = w.events(client, ['error']);
      const consumer = client.createConsumer({ interfaceName: ECHO, errorAsNull: true });
      const ready = await w.caught(consumer.ready());
      return { ready, call: await w.caught(consumer.invoke('echo', [])), isReady: consumer.isReady, events };
    },
  },
  {
    id: 'consumer/waits-until-ready',
    title: 'calls made before the first list wait for it',
    async run(w) {
      const peer = await w.peer(w.echo);
      const registry = w.registry();
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      const call = consumer.invoke('echo', ['early']);
      await w.sleep(40);
      const sent = peer.frames.length;
      registry.push([`bolt://${peer.host}`]);
      return { sent, answer: await call };
    },
  },
];

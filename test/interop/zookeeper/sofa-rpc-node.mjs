// sofa-rpc-node 2.10.0 as its users run it, with ZooKeeper, driven by lines of JSON (test/support/line-process.ts).
// It is a dependency of bench/.
import { createRequire } from 'node:module';
import net from 'node:net';
import { createInterface } from 'node:readline';

const load = createRequire(new URL('../../../bench/package.json', import.meta.url));
/** @type {any} */
const { client, server, registry } = load('sofa-rpc-node');

const interfaceName = 'com.lab.GreetService';
/** `host:port/root`. One for the process: its registries of one host and port all use the root of the first. */
const address = process.argv[2];
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: console.error, error: console.error };
const zookeeper = new registry.ZookeeperRegistry({ logger, address });
/** @type {Map<string, any>} */
const consumers = new Map();

/** The library listens on every interface; the tests stay on loopback.
 * @type {any} */
const LoopbackServer = class extends server.RpcServer {
  /** @param {number} port */
  _startServer(port) {
    const listener = net.createServer();
    listener.once('error', (error) => this.emit('error', error));
    listener.on('connection', (socket) => this._handleSocket(socket));
    listener.listen(port, '127.0.0.1', () => {
      this.publishPort = /** @type {net.AddressInfo} */ (listener.address()).port;
    });
    return listener;
  }
};

/** @type {Record<string, (command: any) => Promise<unknown>>} */
const commands = {
  /** A provider that answers by its name; its port. */
  async export({ name }) {
    const rpc = new LoopbackServer({
      logger,
      port: 0,
      appName: 'sofa-rpc-node-provider',
      publishAddress: '127.0.0.1',
      registry: zookeeper,
    });
    rpc.addService(
      { interfaceName },
      { greet: async (/** @type {string} */ whom) => `${name} greets ${whom}` },
    );
    await rpc.start();
    await rpc.publish();
    return rpc.publishPort;
  },

  async refer({ name }) {
    const rpc = new client.RpcClient({ logger, registry: zookeeper });
    consumers.set(name, rpc.createConsumer({ interfaceName }));
  },

  /** Calls of a consumer, one after another: how often each provider answered, or which errors were thrown. */
  async call({ name, times = 1 }) {
    /** @type {Record<string, number>} */
    const answers = {};
    for (let i = 0; i < times; i++) {
      const answer = await consumers
        .get(name)
        .invoke('greet', ['node'])
        .then(
          (/** @type {string} */ text) => text.replace(/ greets .*/, ''),
          (/** @type {Error} */ error) => `${error.name}: ${error.message}`,
        );
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
    return answers;
  },
};

const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit());
lines.on('line', (line) => {
  const { id, cmd, ...command } = JSON.parse(line);
  commands[cmd](command).then(
    (value) => console.log(JSON.stringify({ id, value })),
    (error) => console.log(JSON.stringify({ id, thrown: String(error) })),
  );
});
await zookeeper.ready();
console.log(JSON.stringify({ ready: true }));

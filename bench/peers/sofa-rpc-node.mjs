// sofa-rpc-node as its users run it: class maps on both sides, so that its compiled codec is used, nothing else on.
import { createRequire } from 'node:module';
import net from 'node:net';
import { classMap } from '../lib/class-map.mjs';
import { payloads, total } from '../lib/payloads.mjs';

const require = createRequire(import.meta.url);
const { client, server } = require('sofa-rpc-node');
const interfaceName = 'com.acme.bench.EchoService';

const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };

/** The library listens on every interface; the bench stays on loopback. */
class LoopbackServer extends server.RpcServer {
  _startServer(port) {
    const listener = net.createServer();
    listener.once('error', (error) => this.emit('error', error));
    listener.on('connection', (socket) => this._handleSocket(socket));
    listener.listen(port, '127.0.0.1', () => {
      this.publishPort = listener.address().port;
    });
    return listener;
  }
}

export async function serve() {
  const rpc = new LoopbackServer({ logger, port: 0, publishAddress: '127.0.0.1', classMap });
  const methods = [{ name: 'order', returnType: 'com.acme.bench.Order' }];
  rpc.addService(
    { interfaceName, apiMeta: { methods, classMaps: classMap } },
    {
      async order(order) {
        return total(order);
      },
      async text(text) {
        return text;
      },
      async bytes(bytes) {
        return bytes;
      },
    },
  );
  await rpc.start();
  return { port: rpc.publishPort };
}

export async function connect(port, kind) {
  const { method, make } = payloads[kind];
  const { values, check } = make();
  const rpc = new client.RpcClient({ logger, responseTimeout: 30_000 });
  const consumer = rpc.createConsumer({ interfaceName, serverHost: `127.0.0.1:${port}`, classMap });
  await consumer.ready();
  const args = values.map((value) => [
    kind === 'pojo' ? { $class: 'com.acme.bench.Order', $: value } : value,
  ]);
  return { call: (index) => consumer.invoke(method, args[index]), check };
}

// sofa-rpc-node as its users run it.
import { createRequire } from 'node:module';
import net from 'node:net';
import { application } from '../lib/old-application.mjs';

const require = createRequire(import.meta.url);
const { client, server } = require('sofa-rpc-node');

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

export const { serve, connect } = application({ client, RpcServer: LoopbackServer });

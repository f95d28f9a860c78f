// Connections of the library, made by themselves.
import { ECHO } from './services.mjs';

/** An address as a consumer makes it. @param {import('./world.mjs').World} w @param {string} host */
export const addressOf = (w, host) =>
  w.client({ allowMock: true }).createConsumer({ interfaceName: 'a.A' }).parseUrl(host);

/** A connection to that host. @param {import('./world.mjs').World} w @param {string} host @param {any} [options] */
export function connect(w, host, options) {
  const connection = new w.lib.client.RpcConnection({
    address: addressOf(w, host),
    logger: w.logger,
    ...options,
  });
  w.after(() => (connection.isClosed ? undefined : connection.forceClose()));
  return connection;
}

/** @param {import('./world.mjs').World} w @param {any[]} [args] @param {any} [fields] */
export const requestOf = (w, args = [], fields = {}) =>
  new w.lib.client.RpcRequest({
    serverSignature: `${ECHO}:1.0`,
    methodName: 'echo',
    args,
    timeout: 3000,
    ...fields,
  });

/** The state of a connection. @param {any} connection */
export const stateOf = ({ isReady, isConnected, isOk, isClosed }) => ({
  isReady,
  isConnected,
  isOk,
  isClosed,
});

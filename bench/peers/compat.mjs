// The same application as for sofa-rpc-node, on this library: what changes is the import.
import { client, server } from '../../dist/compat.js';
import { application } from '../lib/old-application.mjs';

export const { serve, connect } = application({
  client,
  RpcServer: server.RpcServer,
  serverOptions: { host: '127.0.0.1' },
});

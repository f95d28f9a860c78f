import { client } from './client/index.js';
import { registry } from './registry/index.js';
import { RpcServerTest, request } from './request-test.js';
import { server } from './server/index.js';

/** Tests a service of a server: `test(server).service(name).invoke(method).send(args).expect(value)`. */
const test = Object.assign((...given: Parameters<typeof request>) => request(...given), { RpcServerTest });

export { client, registry, server, test };
/** As `import rpc from 'sofa-rpc-node'` gave it. */
export default { client, server, registry, test };

/** A provider of stock, and a shop that asks it. With a contract its calls are typed, one after the other. */
import { client, server } from 'sofa-mesh-sdk/compat';
import { classMap, logger } from '../common.mjs';
import { Stock } from './contract.mjs';

const interfaceName = 'com.acme.stock.StockService';

export async function startProvider(registry) {
  const provider = new server.RpcServer({
    logger,
    registry,
    appName: 'stock',
    announce: 'both', // in the registry, and at the sidecar while there is one
    host: '127.0.0.1', // where it listens: new, and no must
    port: 0,
    publishAddress: '127.0.0.1',
    classMap,
  });
  const methods = [{ name: 'find', returnType: 'com.acme.stock.Article' }];
  provider.addService(
    { interfaceName, apiMeta: { methods, classMaps: classMap } },
    {
      async find(name) {
        if (name === 'ink') throw new Error('no such article');
        return { name, left: 3, serial: '9007199254740993' };
      },
    },
  );
  await provider.start();
  await provider.publish();
  return provider;
}

export async function startShop(registry) {
  const shop = new client.RpcClient({
    logger,
    registry,
    connectionOpts: { classMap },
    appName: 'shop', // which its sidecar is told
    policy: { services: { '*': { mesh: 0 } } }, // or the path of a file that is watched
  });
  shop.use(async (ctx, next) => {
    await next();
    console.log(`   log      ${ctx.path} ${ctx.req.meta.resultCode} from ${ctx.req.meta.address?.host}`);
  });
  const stock = shop.createConsumer({ contract: Stock });
  await stock.ready();
  return { shop, stock };
}

export async function visit({ stock }) {
  // What was there goes on as it is; what is written anew is typed, and a long is a bigint.
  console.log('   found   ', await stock.invoke('find', ['pen']));
  console.log('   typed   ', await stock.typed.find('pen'));
  await stock.typed.find('ink').catch((error) => console.log('   failed  ', error.code, error.message));
}

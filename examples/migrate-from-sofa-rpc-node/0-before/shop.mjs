/** A provider of stock, and a shop that asks it: on sofa-rpc-node. */
import { client, server } from 'sofa-rpc-node';
import { classMap, logger } from '../common.mjs';

const interfaceName = 'com.acme.stock.StockService';

export async function startProvider(registry) {
  const provider = new server.RpcServer({
    logger,
    registry,
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
  const shop = new client.RpcClient({ logger, registry, connectionOpts: { classMap } });
  shop.use(async (ctx, next) => {
    await next();
    console.log(`   log      ${ctx.path} ${ctx.req.meta.resultCode} from ${ctx.req.meta.address?.host}`);
  });
  const stock = shop.createConsumer({ interfaceName });
  await stock.ready();
  return { shop, stock };
}

export async function visit({ stock }) {
  const pen = await stock.invoke('find', [{ $class: 'java.lang.String', $: 'pen' }]);
  console.log('   found   ', pen);
  await stock.invoke('find', ['ink']).catch((error) => console.log('   failed  ', error.message));
}

/** The three places for interceptors: the call, each attempt, the server. Run: npx tsx examples/interceptors.ts */
import { currentContext, defineService, type Interceptor, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';

const Greetings = defineService('com.acme.GreetingService', {
  greet: { args: [t.String.notNull()], returns: t.String },
});

/** Around the whole call, before an endpoint is picked: what it adds to the metadata is sent. */
const addUser: Interceptor = (next) => (call) => {
  call.metadata['x-user'] = 'ada';
  return next(call);
};

/** An interceptor is a function around a function: it may look at the reply, replace it, or not call `next` at all. */
const upperCase: Interceptor = (next) => async (call) => {
  const reply = await next(call);
  return { ...reply, value: String(reply.value).toUpperCase() };
};

/** Around one attempt, after the pick: it sees where the call goes. */
const logAttempt: Interceptor = (next) => async (call) => {
  console.log(`attempt  ${call.method} -> ${call.endpoint?.host}`);
  return next(call);
};

/** Around every method of a server. What it throws is what the caller is thrown. */
const requireUser: Interceptor = (next) => async (call) => {
  const user = call.metadata['x-user'];
  if (user === undefined) throw new Error('no user');
  const reply = await next(call);
  console.log(`served   ${call.method} for ${user}`);
  return reply;
};

const server = new MeshServer({ app: 'greeter', host: '127.0.0.1', port: 0, interceptors: [requireUser] });
server.add(Greetings, {
  async greet(name) {
    // Whatever runs inside a call can ask who is being served, without passing `ctx` along.
    return `hello ${name}, from ${currentContext()?.metadata['x-user']}`;
  },
});
const { port } = await server.start();
const registry = `bolt://127.0.0.1:${port}`;

const mesh = new MeshClient({
  app: 'caller',
  registry,
  interceptors: [addUser, upperCase], // the first is the outermost
  attemptInterceptors: [logAttempt],
});
console.log('result  ', await mesh.service(Greetings).greet('Grace'));

const anonymous = new MeshClient({ app: 'nobody', registry });
await anonymous
  .service(Greetings)
  .greet('Grace')
  .catch((error: Error) => console.log('refused ', error.message));

await Promise.all([mesh.close(), anonymous.close()]);
await server.stop();

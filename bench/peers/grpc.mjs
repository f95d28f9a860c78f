// grpc-js with proto-loader, as its own examples do it: insecure channel, plain callbacks, nothing else on.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { payloads, total } from '../lib/payloads.mjs';

const definition = loadSync(fileURLToPath(new URL('echo.proto', import.meta.url)), {
  keepCase: true,
  longs: Number,
  defaults: true,
});
const { EchoService } = grpc.loadPackageDefinition(definition).com.acme.bench;
const options = { 'grpc.max_receive_message_length': 16 << 20, 'grpc.max_send_message_length': 16 << 20 };

export async function serve() {
  const server = new grpc.Server(options);
  server.addService(EchoService.service, {
    Order: (call, reply) => reply(null, total(call.request)),
    Text: (call, reply) => reply(null, { value: call.request.value }),
    Bytes: (call, reply) => reply(null, { value: call.request.value }),
  });
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port };
}

export async function connect(port, kind) {
  const { values, check } = payloads[kind].make();
  const client = new EchoService(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  await new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + 5000, (error) => (error ? reject(error) : resolve()));
  });
  const name = { pojo: 'Order', '10KB': 'Text', '1MB': 'Bytes' }[kind];
  const requests = kind === 'pojo' ? values : values.map((value) => ({ value }));
  const read = kind === 'pojo' ? (response) => response : (response) => response.value;
  return {
    call(index, done) {
      client[name](requests[index], (error, response) => {
        if (error) return done(error);
        done(
          check(read(response), index)
            ? undefined
            : new Error(`a wrong result came back for payload ${index}`),
        );
      });
    },
  };
}

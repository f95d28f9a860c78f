import { MeshClient } from '../client/mesh-client.js';
import type { MeshClientOptions } from '../client/options.js';
import { MeshServer } from '../server/mesh-server.js';
import type { MeshServerOptions } from '../server/options.js';
import type { Connect } from '../transport/socket.js';
import { duplexPair } from './duplex-pair.js';

/** Options of both ends of {@link memoryPair}. */
export interface MemoryPairOptions {
  client?: Partial<MeshClientOptions>;
  server?: Partial<MeshServerOptions>;
}

/** A client and a server that talk through memory: real frames, no sockets, no ports. Do not `start()` the server. */
export interface MemoryPair extends AsyncDisposable {
  readonly client: MeshClient;
  readonly server: MeshServer;
  /** Closes the client, then stops the server. */
  close(): Promise<void>;
}

/** Makes `connect` for clients of a server that is in this process. */
export function connectTo(server: MeshServer): Connect {
  return async () => {
    const [near, far] = duplexPair();
    server.accept(far);
    return near;
  };
}

/** Makes an in-memory pair; with a FakeClock in both options, time stands still. */
export function memoryPair(options: MemoryPairOptions = {}): MemoryPair {
  const server = new MeshServer({ app: 'memory-server', mode: 'direct', ...options.server });
  const client = new MeshClient({
    app: 'memory-client',
    mode: 'direct',
    registry: 'bolt://memory:12200',
    connect: connectTo(server),
    ...options.client,
  });
  const close = async () => {
    await client.close();
    await server.stop();
  };
  return { client, server, close, [Symbol.asyncDispose]: close };
}

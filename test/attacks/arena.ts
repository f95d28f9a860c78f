import { connect as netConnect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { Handlers } from '../../src/contract/types.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { People, people } from '../support/people.js';
import { RawPeer, request, requestBody, SERVER_EXCEPTION, type Seen } from '../support/raw-peer.js';

/** A real server, an attacker's sockets, and a good client on a connection of its own that must not notice them. */
export class Arena {
  readonly warnings: string[] = [];
  private sockets: Socket[] = [];

  private constructor(
    readonly server: MeshServer,
    readonly port: number,
    readonly client: MeshClient,
    warnings: string[],
  ) {
    this.warnings = warnings;
  }

  static async open(
    own: Partial<Handlers<typeof People>> = {},
    options: Partial<MeshServerOptions> = {},
  ): Promise<Arena> {
    const warnings: string[] = [];
    const logger = { warn: (text: string) => warnings.push(text) };
    const server = new MeshServer({
      app: 'test',
      mode: 'direct',
      host: '127.0.0.1',
      port: 0,
      logger,
      ...options,
    }).add(People, people(own));
    const { port } = await server.start();
    const client = new MeshClient({ mode: 'direct', app: 'good', registry: `bolt://127.0.0.1:${port}` });
    await client.service(People).ping();
    return new Arena(server, port, client, warnings);
  }

  async socket(): Promise<Socket> {
    const socket = netConnect(this.port, '127.0.0.1');
    this.sockets.push(socket);
    socket.on('error', () => undefined);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  }

  async peer(): Promise<RawPeer> {
    return new RawPeer(await this.socket());
  }

  /** The good client still has its one connection, and is served. */
  async isUnharmed(): Promise<void> {
    expect(await this.client.service(People).echo('still served', { timeoutMs: 20_000 })).toBe(
      'still served',
    );
    expect(this.client.stats()).toEqual({ connections: 1, pending: 0, lateResponses: 0 });
  }

  /** These bytes close their connection, with a reason in the log that matches. */
  async cuts(bytes: Uint8Array, reason: RegExp): Promise<void> {
    const peer = await this.peer();
    peer.write(bytes);
    await peer.closed();
    expect(this.warnings.at(-1)).toMatch(reason);
    expect(this.warnings.at(-1)?.length).toBeLessThan(1000);
    await this.isUnharmed();
  }

  /** These bytes are answered on their id, with a status, and their connection goes on. */
  async answers(bytes: Uint8Array): Promise<Seen> {
    const peer = await this.peer();
    const warned = this.warnings.length;
    peer.write(bytes);
    await peer.received(1);
    peer.write(request({ fields: { requestId: 4242 } }));
    await peer.received(2);
    expect(peer.frames[1]).toMatchObject({ requestId: 4242, status: 0 });
    expect(this.warnings.slice(warned)).toEqual([]);
    await this.isUnharmed();
    return peer.frames[0];
  }

  /** As answers(), with a failure to decode. */
  async refuses(bytes: Uint8Array): Promise<Seen> {
    const answer = await this.answers(bytes);
    expect(answer).toMatchObject({ status: 18, className: SERVER_EXCEPTION, codec: 1 });
    return answer;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await this.client.close();
    await this.server.stop({ timeoutMs: 1 });
  }
}

/** A request of `any`, whose argument is these bytes. Its first class definition is number 1: SofaRequest is 0. */
export function anyRequest(argument: Uint8Array, requestId = 1): Buffer {
  const head = requestBody({ method: 'any', sigs: ['java.lang.Object'], args: [] });
  return request({
    method: 'any',
    fields: { requestId, timeout: 20_000 },
    content: Buffer.concat([head, argument]),
  });
}

export const bytes = (...parts: (number | string | Uint8Array)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part as string))),
  );

/** An int of the sofa grammar in its long form. */
export function int(value: number): Buffer {
  const out = Buffer.alloc(5);
  out[0] = 0x49;
  out.writeInt32BE(value, 1);
  return out;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that this process holds, buffers included, after a collection. */
export function memory(): number {
  // Buffers are freed beside the program after a collection; the next one waits for that.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

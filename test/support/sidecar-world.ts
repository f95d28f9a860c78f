// Raw peers around a sidecar: an app that talks to its mesh API, callers and providers that write every byte themselves.
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { frameOf, RawPeer, request, type Seen } from './raw-peer.js';
import type { TestSidecar } from './test-sidecar.js';

export const SERVICE = 'com.acme.PersonService:1.0';

/** What may differ between the sidecars of the scenarios. */
export interface SidecarSettings {
  readonly bolt?: 'v1' | 'v2';
  readonly maxRequests?: number;
  /** Where an app that publishes no port is assumed. */
  readonly appPort?: number;
  readonly subscribeWaitMs?: number;
}

/** The reply of the mesh API. */
export interface ApiReply {
  readonly status: number;
  readonly body: unknown;
}

/** Answers a request frame; nothing where it returns undefined. */
export type Behaviour = (frame: Seen, peer: RawPeer) => Uint8Array | undefined;

export const answer =
  (status = 0, content = 'answer'): Behaviour =>
  (frame) =>
    frameOf(
      { proto: frame.proto, ver1: 1, type: 0, cmdCode: 2, requestId: frame.requestId, codec: 1, status },
      'com.acme.Answer',
      [['who', 'provider']],
      Buffer.from(content),
    );

export const silent: Behaviour = () => undefined;

/** A provider: a Bolt server that does what a test says. */
export class RawProvider {
  readonly peers: RawPeer[] = [];
  behaviour: Behaviour;
  private readonly chunks: Buffer[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      this.peers.push(this.serving(socket));
    });
  }

  async listen(port = 0): Promise<this> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Requests and oneways, over all connections. */
  get requests(): readonly Seen[] {
    return this.peers.flatMap(({ requests }) => requests);
  }

  /** Everything that came, whole frames or not. */
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  private serving(socket: Socket): RawPeer {
    let handled = 0;
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    const peer = new RawPeer(socket);
    socket.on('data', () => {
      for (; handled < peer.frames.length; handled++) {
        const frame = peer.frames[handled] as Seen;
        const reply = frame.cmdCode === 1 ? this.behaviour(frame, peer) : heartbeatReply(frame);
        if (reply !== undefined) peer.write(reply);
      }
    });
    return peer;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
  }
}

/** MOSN asks its upstreams whether they are alive. */
function heartbeatReply({ proto, requestId, cmdCode }: Seen): Uint8Array | undefined {
  if (cmdCode !== 0) return undefined;
  return frameOf({ proto, ver1: 1, type: 0, cmdCode: 0, requestId, codec: 1, status: 0 });
}

/** One sidecar with its surroundings. */
export class World {
  private readonly agent = new Agent({ keepAlive: false });
  private readonly closers: (() => unknown)[] = [];

  constructor(readonly sidecar: TestSidecar) {}

  /** Asks the mesh API as Java does. */
  post(path: string, body: unknown): Promise<ApiReply> {
    return this.api('POST', path, typeof body === 'string' ? body : JSON.stringify(body));
  }

  get(path: string): Promise<ApiReply> {
    return this.api('GET', path, '');
  }

  private api(method: string, path: string, text: string): Promise<ApiReply> {
    const [host, port] = this.sidecar.api.split(':');
    const headers = { 'Content-Type': 'text/plain' };
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        { host, port, method, path, headers, agent: this.agent },
        async (reply) => {
          const chunks: Buffer[] = [];
          for await (const chunk of reply) chunks.push(chunk as Buffer);
          resolve({ status: reply.statusCode ?? 0, body: jsonOf(Buffer.concat(chunks).toString()) });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }

  async provider(behaviour: Behaviour = answer()): Promise<RawProvider> {
    const provider = await new RawProvider(behaviour).listen();
    this.closers.push(() => provider.close());
    return provider;
  }

  /** A connection to the sidecar, or to another address. */
  async caller(address: string): Promise<RawPeer> {
    const [host, port] = address.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true });
    this.closers.push(() => socket.destroy());
    await once(socket, 'connect');
    return new RawPeer(socket);
  }

  async start(appName = 'lab'): Promise<void> {
    await this.post('/configs/application', { appName });
  }

  /** Publishes a service of the app at a port. */
  publish(port: number, serviceName = SERVICE): Promise<ApiReply> {
    return this.post('/services/publish', { serviceName, port });
  }

  subscribe(serviceName = SERVICE): Promise<ApiReply> {
    return this.post('/services/subscribe', { serviceName });
  }

  /** The usual start: a provider behind the ingress, that the egress leads to as well, and a caller. */
  async served(behaviour: Behaviour = answer()) {
    const provider = await this.provider(behaviour);
    await this.start();
    await this.publish(provider.port);
    await this.subscribe();
    return { provider, caller: await this.caller(this.sidecar.ingress) };
  }

  /** The first request that came to a provider, and its connection. */
  async firstRequest(provider: RawProvider): Promise<[RawPeer, Seen]> {
    await until(() => provider.requests.length > 0);
    const peer = provider.peers.find(({ requests }) => requests.length > 0) as RawPeer;
    return [peer, peer.requests[0] as Seen];
  }

  /** The usual provider's answer to a request that it has held back. */
  answered(frame: Seen): Uint8Array {
    return answer()(frame, undefined as never) as Uint8Array;
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
    await this.sidecar.close();
  }
}

/** A request for the scenarios' service. */
export function call(requestId: number, parts: Parameters<typeof request>[0] = {}): Buffer {
  return request({ ...parts, fields: { requestId, ...parts.fields } });
}

/** What of an answer does not depend on who was called. */
export function brief({ requestId, status, proto, className, header, content }: Seen) {
  return { requestId, status, proto, className, header, content: content.toString() };
}

/** A sidecar's own answer: nothing but a status. */
export function bare(requestId: number, status: number, proto = 1) {
  return { requestId, status, proto, className: '', header: [], content: '' };
}

/** The usual provider's answer. */
export function provided(requestId: number, content = 'answer', status = 0) {
  return {
    requestId,
    status,
    proto: 1,
    className: 'com.acme.Answer',
    header: [['who', 'provider']],
    content,
  };
}

/** Waits until something is so; the scenarios run on real time. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 5_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`still not so after ${limitMs} ms: ${isSo}`);
    await passed(5);
  }
}

export function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether a connection to the address is refused. */
export async function refuses(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(false));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  }).then((is) => {
    socket.destroy();
    return is as boolean;
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

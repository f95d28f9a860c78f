import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { writeResponse } from '../../../src/compat/bolt/frames.js';
import type { ResponseData } from '../../../src/compat/bolt/options.js';
import { RpcClient, type RpcClientOptions } from '../../../src/compat/client/rpc-client.js';
import type { Logger } from '../../../src/compat/logger.js';
import type {
  AddressListener,
  CompatRegistry,
  SubscribeConfig,
} from '../../../src/compat/registry/registry.js';
import { ByteWriter } from '../../../src/core/bytes.js';
import { decodeAll } from '../../../src/hessian/public.js';
import type { MeshServer } from '../../../src/server/mesh-server.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { Network, watched } from '../../support/network.js';
import { RawPeer, type Seen } from '../../support/raw-peer.js';

export const ECHO = 'com.acme.Echo';

/** A logger that keeps what it is told, as `[level, text]`. */
export class Log implements Logger {
  readonly lines: [string, string][] = [];
  readonly debug = this.level('debug');
  readonly info = this.level('info');
  readonly warn = this.level('warn');
  readonly error = this.level('error');

  private level(name: string) {
    return (...message: unknown[]): void => {
      this.lines.push([name, message.map(String).join(' ')]);
    };
  }
}

/** Lets time pass, a little at a time, until the promise is settled. */
export function passingOn(clock: FakeClock) {
  return async <T>(promise: Promise<T>, limitMs = 20_000): Promise<T> => {
    const seen = watched(promise);
    const end = clock.now() + limitMs;
    while (seen.state === 'pending') {
      if (clock.now() >= end) throw new Error(`still pending after ${limitMs} simulated ms`);
      await settled();
      await clock.advance(1);
    }
    return promise;
  };
}

/** A client that calls directly, in memory and in simulated time. It is closed with the test. */
export function clientWorld({
  clock = new FakeClock(1_700_000_000_000),
  ...options
}: Partial<RpcClientOptions> & { clock?: FakeClock } = {}) {
  const network = new Network();
  const log = new Log();
  const client = new RpcClient({
    logger: log,
    mode: 'direct',
    clock,
    random: seededRandom(5),
    connect: network.connect,
    ...options,
  });
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  onTestFinished(async () => {
    void client.close();
    await clock.advance(20_000);
  });
  return { clock, network, log, client, errors, passing: passingOn(clock) };
}

/** A request as a scripted provider sees it. */
export interface Asked {
  readonly id: number;
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly seen: Seen;
  /** Sends an answer. */
  readonly answer: (data: ResponseData) => void;
  readonly peer: RawPeer;
}

/** A provider in memory: `script` is shown every request. Returns what it was asked, over all connections. */
export function provider(network: Network, address: string, script: (asked: Asked) => void) {
  const asked: Asked[] = [];
  const peers: RawPeer[] = [];
  const accept = (stream: Duplex) => {
    const peer = new RawPeer(stream);
    peers.push(peer);
    let taken = 0;
    stream.on('data', () => {
      for (; taken < peer.frames.length; taken++) {
        const seen = peer.frames[taken];
        if (seen.cmdCode !== 1) continue;
        const request = askedOf(seen, peer);
        asked.push(request);
        script(request);
      }
    });
  };
  network.serve(address, { accept } as unknown as MeshServer);
  return { asked, peers };
}

function askedOf(seen: Seen, peer: RawPeer): Asked {
  const [head, ...args] = decodeAll(seen.content) as [Record<string, string>, ...unknown[]];
  const { requestId: id } = seen;
  const { targetServiceUniqueName: service, methodName: method } = head;
  const answer = (data: ResponseData) => peer.write(responseTo({ id, service, method }, data));
  return { id, service, method, args, seen, answer, peer };
}

/** The frame of an answer, as the old server writes it. */
export function responseTo(
  { id, service, method }: Pick<Asked, 'id' | 'service' | 'method'>,
  data: ResponseData,
): Buffer {
  const out = new ByteWriter();
  const asked = { serverSignature: service, methodName: method };
  writeResponse(out, id, asked, data, {
    protocolType: 'bolt',
    boltVersion: 1,
    crcEnable: false,
    codecType: 'hessian2',
    hessianVersion: '3.0',
  });
  return Buffer.from(out.written());
}

/** Answers with the first argument. */
export const echo = ({ args, answer }: Asked): void => answer({ appResponse: args[0] });

/** What a promise was rejected with. */
// biome-ignore lint/suspicious/noExplicitAny: errors carry fields of all kinds
export async function rejected(promise: Promise<unknown>): Promise<any> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have failed');
}

/** A registry of a test's own: `push` tells a list, and it keeps what it was asked. */
export class MemoryRegistry implements CompatRegistry {
  readonly subscribed: SubscribeConfig[] = [];
  readonly unsubscribed: SubscribeConfig[] = [];
  listeners: AddressListener[] = [];
  /** What `ready()` gives. */
  becomesReady: Promise<unknown> = Promise.resolve();

  /** @param list what a subscriber hears at once. */
  constructor(private list?: readonly unknown[]) {}

  ready(): Promise<unknown> {
    return this.becomesReady;
  }

  async register(): Promise<void> {}

  async unRegister(): Promise<void> {}

  subscribe(config: SubscribeConfig, listener: AddressListener): void {
    this.subscribed.push(config);
    this.listeners.push(listener);
    if (this.list !== undefined) listener([...this.list] as string[]);
  }

  unSubscribe(config: SubscribeConfig, listener?: AddressListener): void {
    this.unsubscribed.push(config);
    this.listeners = this.listeners.filter((known) => known !== listener);
  }

  push(list: readonly unknown[]): void {
    this.list = list;
    for (const listener of this.listeners) listener([...list] as string[]);
  }
}

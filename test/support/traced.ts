import { tracingChannel } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';
import type { TracingMessages } from '../../src/core/events.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { type MemoryPairOptions, memoryPair } from '../../src/testing/memory-pair.js';
import { heard } from './events.js';
import { People, people } from './people.js';
import { RawPeer } from './raw-peer.js';

export const TRACED = ['client.call', 'client.attempt', 'server.call'] as const;

/** The channels of one operation. */
export function channelsOf<K extends keyof TracingMessages>(name: K) {
  return tracingChannel<unknown, TracingMessages[K]>(`sofa-mesh-sdk:${name}`);
}

type Step = 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error';

export interface Told<K extends keyof TracingMessages = keyof TracingMessages> {
  readonly step: string;
  /** The payload itself. */
  readonly message: TracingMessages[K];
  /** What it was when it was told. */
  readonly was: TracingMessages[K];
}

/** All that is told of these operations until the test ends, in order. */
export function traced<K extends keyof TracingMessages>(...names: K[]): Told<K>[] {
  const told: Told<K>[] = [];
  for (const name of names) {
    const on = (step: Step) => (message: TracingMessages[K]) =>
      void told.push({ step: `${name} ${step}`, message, was: { ...message } });
    const subscribers = {
      start: on('start'),
      end: on('end'),
      asyncStart: on('asyncStart'),
      asyncEnd: on('asyncEnd'),
      error: on('error'),
    };
    channelsOf(name).subscribe(subscribers);
    onTestFinished(() => {
      channelsOf(name).unsubscribe(subscribers);
    });
  }
  return told;
}

/** What was told of that operation, once a call: its payloads, in the order they began. */
export function payloads<K extends keyof TracingMessages>(
  told: readonly Told[],
  name: K,
): TracingMessages[K][] {
  return told
    .filter(({ step }) => step === `${name} start`)
    .map(({ message }) => message as TracingMessages[K]);
}

export const SUCCEEDS = ['start', 'end', 'asyncStart', 'asyncEnd'];
export const FAILS = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];

/** Names of the steps that were told of one payload. */
export function stepsOf(told: readonly Told[], payload: object): string[] {
  return told
    .filter(({ message }) => message === payload)
    .map(({ step }) => step.slice(step.indexOf(' ') + 1));
}

/** A pair in time that stands still. */
export function stillPair(own: Parameters<typeof people>[0] = {}, options: MemoryPairOptions = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const { client, server } = memoryPair({
    client: { clock, retry: false, ...options.client },
    server: { clock, ...options.server },
  });
  server.add(People, people(own));
  return { clock, client, server, service: client.service(People) };
}

/** A server in time that stands still, its one raw client, and what is told. */
export function stillServer(
  own: Parameters<typeof people>[0] = {},
  options: Partial<MeshServerOptions> = {},
) {
  const clock = new FakeClock(1_700_000_000_000);
  const server = new MeshServer({ app: 'test', mode: 'direct', clock, ...options }).add(People, people(own));
  const told = traced('server.call');
  const refused = heard('server.refused');
  const [near, far] = duplexPair();
  server.accept(near, 'raw:1');
  const peer = new RawPeer(far);
  const ask = async (...requests: Buffer[]) => {
    peer.write(...requests);
    await settled();
  };
  return { clock, server, told, refused: () => refused.map(([, message]) => message), peer, ask };
}

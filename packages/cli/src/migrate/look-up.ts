import type { Clock } from '../../../../src/core/clock.js';
import { pause } from '../../../../src/core/pause.js';
import type { Random } from '../../../../src/core/random.js';
import { reasonOf } from '../../../../src/core/reason.js';
import { Registries } from '../../../../src/discovery/registries.js';
import type { Resolver } from '../../../../src/discovery/resolver.js';

/** How many endpoints a registry lists for a service, or why that is not known. */
export type Listed = number | string;

/** Asks a registry for services, by their ids. It never rejects: what went wrong is each service's answer. */
export type LookUp = (url: string, services: readonly string[]) => Promise<ReadonlyMap<string, Listed>>;

export interface LookUpEnv {
  readonly clock: Clock;
  readonly random: Random;
  /** For all services together: a registry that is down is found out by silence. */
  readonly timeoutMs: number;
}

/** @throws MeshError INVALID_ARGUMENT where a URL is not that of a registry. */
export function checkRegistry(url: string, env: Pick<LookUpEnv, 'clock' | 'random'>): void {
  registriesOf(env).open(url);
}

/** Looks by the same code that a client does, once, and lets go again. */
export function lookUp({ clock, random, timeoutMs }: LookUpEnv): LookUp {
  return async (url, services) => {
    const registries = registriesOf({ clock, random });
    const end = new AbortController();
    try {
      const [registry] = registries.open(url);
      const answers = services.map(async (service) => {
        const answer = await firstList(registry?.resolver, service, timeoutMs, end.signal);
        return [service, answer] as const;
      });
      const late = pause(clock, timeoutMs, end.signal).then((isLate) => {
        if (isLate) end.abort();
      });
      const all = new Map(await Promise.all(answers));
      end.abort();
      await late;
      return all;
    } catch (error) {
      return new Map(services.map((service) => [service, reasonOf(error)]));
    } finally {
      await registries.close();
    }
  };
}

function registriesOf({ clock, random }: Pick<LookUpEnv, 'clock' | 'random'>): Registries {
  return new Registries({ clock, random, app: 'sofa-mesh-migrate', warn: () => undefined });
}

function firstList(
  resolver: Resolver | undefined,
  service: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Listed> {
  const silence = `no answer within ${timeoutMs} ms`;
  if (resolver === undefined) return Promise.resolve('it lists no addresses');
  const aborted = new Promise<Listed>((resolve) => {
    signal.addEventListener('abort', () => resolve(silence), { once: true });
  });
  const list = resolver
    .watch(service, signal)
    [Symbol.asyncIterator]()
    .next()
    .then(
      ({ done, value }): Listed => (done ? silence : value.length),
      (error: unknown): Listed => reasonOf(error),
    );
  return Promise.race([list, aborted]);
}

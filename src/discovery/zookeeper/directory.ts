import type { Clock } from '../../core/clock.js';
import type { Endpoint } from '../../core/endpoint.js';
import type { ZkListing, ZkRequests } from './connection.js';
import { providersOf } from './provider-match.js';
import { type ProviderNode, readProviderNode } from './provider-node.js';
import type { ServiceParts } from './service.js';
import type { ZkSession } from './session.js';
import { Wake } from './wake.js';

export interface WatchEnv {
  readonly session: ZkSession;
  readonly clock: Clock;
  readonly complaints: Complaints;
}

/**
 * Yields a service's endpoints, found in one or more directories of provider nodes, at first and after every change.
 * Watches tell of a change at once. What they lose, when a connection or the data go, a look from time to time finds; it
 * costs the registry one small stat, not the list.
 * @throws MeshError where the registry does not answer.
 */
export async function* watchProviders(
  service: ServiceParts,
  paths: readonly string[],
  env: WatchEnv,
  signal: AbortSignal,
): AsyncGenerator<readonly Endpoint[]> {
  const { session } = env;
  const loop = new Wake(env.clock);
  const unlisten = session.listen(paths, loop.wake);
  signal.addEventListener('abort', loop.wake, { once: true });
  const directories = new Directories(paths, env.complaints);
  let told: ReadonlySet<Endpoint> | undefined;
  try {
    for (
      let heard = true;
      !signal.aborted && !session.closed;
      heard = await loop.sleep(session.nextLookMs())
    ) {
      if (!(await session.run((requests) => directories.look(requests, heard), signal))) continue;
      const endpoints = providersOf(service, directories.nodes());
      if (told !== undefined && isSame(told, endpoints)) continue;
      told = new Set(endpoints);
      yield endpoints;
    }
  } catch (error) {
    // Whoever ended it does not want to hear of that.
    if (!signal.aborted && !session.closed) throw error;
  } finally {
    unlisten();
    signal.removeEventListener('abort', loop.wake);
  }
}

/** A node that stays keeps its endpoint, so that comparing is cheap, here and further up. */
function isSame(told: ReadonlySet<Endpoint>, endpoints: readonly Endpoint[]): boolean {
  return told.size === endpoints.length && endpoints.every((endpoint) => told.has(endpoint));
}

/** The listing of a directory that is not there. */
export const NO_DIRECTORY: ZkListing = { names: [], revision: '', created: '' };

/** What was last read of the directories of an interface. */
class Directories {
  private listings: ReadonlyMap<string, ZkListing> = new Map();
  /** By name, in whichever directory it is; a text says why the node was skipped. */
  private known: ReadonlyMap<string, ProviderNode | string> = new Map();

  constructor(
    private readonly paths: readonly string[],
    private readonly complaints: Complaints,
  ) {}

  *nodes(): Generator<ProviderNode> {
    for (const node of this.known.values()) if (typeof node !== 'string') yield node;
  }

  /**
   * Reads again what may have changed; all of it where something was `heard`: a watch fired, or may have been lost.
   * True where it was read, which includes the first time.
   */
  async look(requests: ZkRequests, heard: boolean): Promise<boolean> {
    const listings = new Map(this.listings);
    for (const path of this.paths) {
      if (!heard) {
        const { revision } = (await requests.exists(path, false)) ?? NO_DIRECTORY;
        if (revision === listings.get(path)?.revision) continue;
      }
      listings.set(path, await listingOf(requests, path));
    }
    const changed = this.paths.some((path) => listings.get(path) !== this.listings.get(path));
    this.listings = listings;
    if (changed) this.read();
    return changed;
  }

  private read(): void {
    const nodes = new Map<string, ProviderNode | string>();
    for (const { names } of this.listings.values()) {
      for (const name of names) nodes.set(name, this.known.get(name) ?? readProviderNode(name));
    }
    this.known = nodes;
    for (const [path, { names }] of this.listings) this.complaints.report(path, names, nodes);
  }
}

/** Leaves a watch in any case. The directory is missing where its last provider has gone: Java makes it a container. */
export async function listingOf(requests: ZkRequests, path: string): Promise<ZkListing> {
  for (;;) {
    const listing = await requests.children(path);
    if (listing !== undefined) return listing;
    if ((await requests.exists(path, true)) === undefined) return NO_DIRECTORY;
  }
}

/** Tells once of each node that was skipped, for as long as it is there. */
export class Complaints {
  private readonly told = new Map<string, Set<string>>();

  constructor(private readonly warn: (message: string) => void) {}

  report(path: string, names: readonly string[], nodes: ReadonlyMap<string, ProviderNode | string>): void {
    const before = this.told.get(path);
    const now = new Set<string>();
    for (const name of names) {
      const node = nodes.get(name);
      if (node === undefined || (typeof node !== 'string' && node.scheme === 'bolt')) continue;
      // Servers that speak several protocols are listed once for each: one word about the protocol is enough.
      const subject = typeof node === 'string' ? name : `${node.scheme}://`;
      if (!now.has(subject) && !before?.has(subject)) {
        this.warn(
          typeof node === 'string'
            ? `skipped a node of ${path}, ${node}: ${JSON.stringify(name)}`
            : `${path} also lists ${subject} addresses; only bolt:// is used`,
        );
      }
      now.add(subject);
    }
    if (now.size > 0) this.told.set(path, now);
    else this.told.delete(path);
  }
}

import type { EggApp } from './egg.js';
import { argumentsAt, type Property } from './objects.js';
import type { Source } from './source.js';
import type { Place } from './text-file.js';

/** A registry that the app's code makes. */
export interface FoundRegistry {
  readonly place: Place;
  /** Its URL as the core takes it; undefined where the address is made at run time. */
  readonly url: string | undefined;
}

/** The registries of a file: of the class ZookeeperRegistry, and of egg's configuration. */
export function* registriesOf(source: Source, egg: EggApp): Iterable<FoundRegistry> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    if (!code.isName(at) || !code.isPunctuator(at + 1, '(') || !isRegistryClass(source, at)) continue;
    const [options] = argumentsAt(code, at + 1);
    const properties = options === undefined ? [] : (source.objectAt(options.from) ?? []);
    const address = properties.find(({ key }) => key === 'address');
    yield { place: source.place(at), url: urlOf(address && addressIn(source, address)) };
  }
  const configured = egg.registryOf(source);
  if (configured !== undefined)
    yield { place: source.place(configured.keyAt), url: urlOf(addressIn(source, configured)) };
}

function isRegistryClass({ code, origins }: Source, at: number): boolean {
  const name = code.text(at);
  return name === 'ZookeeperRegistry' || origins.of(name)?.path.at(-1) === 'ZookeeperRegistry';
}

/** A text, or the one that is taken where the environment has none: `process.env.ZK || 'host:2181'`. */
function addressIn(source: Source, { from, to }: Property): string | undefined {
  const { code } = source;
  if (from === to) return source.textAt(from);
  return /^(?:\|\||\?\?)$/.test(code.text(to - 1)) ? source.textAt(to) : undefined;
}

function urlOf(address: string | undefined): string | undefined {
  if (address === undefined || address.trim() === '') return undefined;
  return address.includes('://') ? address : `zookeeper://${address}`;
}

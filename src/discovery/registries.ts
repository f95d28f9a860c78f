import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { reasonOf } from '../core/reason.js';
import { dnsResolver } from './dns.js';
import { registryName } from './registry-name.js';
import type { Publisher, Resolver } from './resolver.js';
import { staticResolver } from './static.js';
import { zookeeperRegistry } from './zookeeper/registry.js';

/**
 * Registries by URL, or objects of your own; several in an array.
 *
 * - `bolt://host:port`: that address, for every service. The scheme may be left out, and commas separate several.
 * - `zookeeper://host:port,host:port/root`: ZooKeeper as Java SOFARPC uses it.
 * - `dns://name:port`, `dns+srv://_bolt._tcp.name`: the addresses of a name, for every service.
 * - Any other scheme that the option `registries` names.
 *
 * A client needs Resolvers, a server Publishers.
 */
export type RegistryOption<R extends Resolver | Publisher = Resolver> = string | R | readonly (string | R)[];

/** What a registry that is made of its URL may use, of the client or server that opens it. */
export interface RegistryEnv {
  /** The name of this application. */
  readonly app: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Tells an operator what should be looked at, such as a record that cannot be read. */
  readonly warn: (message: string) => void;
}

/**
 * Makes a registry of a URL with a scheme of your own. Called once for each URL of a client or server, with the URL as it was
 * written, password included; it must do no I/O, and may throw where the URL is wrong. What it returns is closed with the
 * client or server, where it has `close()`.
 */
export type RegistryFactory = (url: string, env: RegistryEnv) => Resolver | Publisher;

/** Registries by the schemes of their URLs, in lower case: `{ etcd: (url, env) => .. }` for `etcd://10.0.0.1:2379`. */
export type RegistryFactories = Readonly<Record<string, RegistryFactory>>;

/** A registry that is in use. */
export interface OpenRegistry {
  /** For messages: its URL without passwords, or the class of an object. */
  readonly name: string;
  /** Undefined where it tells no endpoints. */
  readonly resolver?: Resolver;
  /** Undefined where nothing can be announced in it. */
  readonly publisher?: Publisher;
}

export interface RegistriesEnv extends RegistryEnv {
  /** The user's own. */
  readonly factories?: RegistryFactories;
  /** The schemes of plain addresses: what providers may speak. Default: `bolt`. */
  readonly addressSchemes?: readonly string[];
}

/** A registry of ours. It is made without I/O. */
type Opened = OpenRegistry & { close(): Promise<void> };

type Open = (url: string, env: RegistryEnv) => Opened;

const BOLT = ['bolt'];

const SCHEMES = new Map<string, Open>([
  ['dns', openDns],
  ['dns+srv', openDns],
  ['zookeeper', openZookeeper],
]);

/** The registries of one client or server: each URL is opened once, and shared by its services. */
export class Registries {
  private readonly opened = new Map<string, Opened>();

  private readonly schemes = new Map(SCHEMES);
  private readonly addressSchemes: readonly string[];

  /** @throws MeshError INVALID_ARGUMENT for a scheme that is none, or is built in: a URL means the same everywhere. */
  constructor(private readonly env: RegistriesEnv) {
    this.addressSchemes = env.addressSchemes ?? BOLT;
    for (const [scheme, factory] of Object.entries(env.factories ?? {})) {
      const fault = faultOf(scheme, factory, this.addressSchemes);
      if (fault !== undefined)
        throw new MeshError('INVALID_ARGUMENT', `registries[${JSON.stringify(scheme)}]: ${fault}`);
      this.schemes.set(scheme, (url) => openOwn(url, factory, env));
    }
  }

  /**
   * Opens what an option names. Costs no I/O. Static addresses that follow each other are one registry.
   * @throws MeshError INVALID_ARGUMENT for a bad URL, a scheme that is not known, or an object that is no registry.
   */
  open(option: RegistryOption<Resolver | Publisher>): readonly OpenRegistry[] {
    const entries: readonly (string | Resolver | Publisher)[] = isList(option) ? option : [option];
    const { addressSchemes: schemes } = this;
    if (entries.length === 0) return [openStatic([], schemes)];
    const open: OpenRegistry[] = [];
    let addresses: string[] = [];
    const endAddresses = () => {
      if (addresses.length > 0) open.push(openStatic(addresses, schemes));
      addresses = [];
    };
    for (const entry of entries) {
      const scheme = typeof entry === 'string' ? schemeOf(entry) : undefined;
      if (typeof entry === 'string' && (scheme === undefined || schemes.includes(scheme))) {
        addresses.push(entry);
        continue;
      }
      endAddresses();
      open.push(typeof entry === 'string' ? this.openUrl(entry.trim(), scheme as string) : ofUser(entry));
    }
    endAddresses();
    return open;
  }

  /** Closes what was opened by URL. An object of the user's stays as it is: others may use it. Never rejects. */
  async close(): Promise<void> {
    const closed = [...this.opened.values()].map(async ({ name, close }) => {
      try {
        await close();
      } catch (error) {
        this.env.warn(`the registry ${name} could not be closed: ${reasonOf(error)}`);
      }
    });
    this.opened.clear();
    await Promise.all(closed);
  }

  private openUrl(url: string, scheme: string): OpenRegistry {
    const known = this.opened.get(url);
    if (known !== undefined) return known;
    const open = this.schemes.get(scheme);
    if (open === undefined) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `the registry ${registryName(url)} has the scheme ${scheme}; there are ${[...this.addressSchemes, ...this.schemes.keys()].join(', ')}, or pass an object with watch (for a client) or publish (for a server). The option registries adds schemes: { ${scheme}: (url, env) => registry }`,
      );
    }
    const registry = open(url, this.env);
    this.opened.set(url, registry);
    return registry;
  }
}

function openDns(url: string, { clock }: RegistriesEnv): Opened {
  const resolver = dnsResolver(url, { clock });
  return { name: registryName(url), resolver, close: () => resolver.close() };
}

function openZookeeper(url: string, env: RegistriesEnv): Opened {
  const registry = zookeeperRegistry(url, env);
  return { name: registryName(url), resolver: registry, publisher: registry, close: () => registry.close() };
}

function openOwn(url: string, factory: RegistryFactory, { app, clock, random, warn }: RegistryEnv): Opened {
  const name = registryName(url);
  const registry = factory(url, {
    app,
    clock,
    random,
    warn: (message) => warn(`registry ${name}: ${message}`),
  });
  return { ...ofUser(registry), name, close: async () => registry.close?.() };
}

/** What is wrong with an entry of the option, in words. */
function faultOf(scheme: string, factory: unknown, addressSchemes: readonly string[]): string | undefined {
  if (SCHEMES.has(scheme) || addressSchemes.includes(scheme))
    return 'the scheme is built in and cannot be replaced; choose another name';
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme))
    return 'a scheme is lower-case letters, digits, +, - and ., and begins with a letter';
  return typeof factory === 'function' ? undefined : 'it must be a function (url, env) => registry';
}

function openStatic(addresses: readonly string[], schemes: readonly string[]): OpenRegistry {
  return { name: addresses.map(registryName).join(','), resolver: staticResolver(addresses, schemes) };
}

function ofUser(registry: Resolver | Publisher): OpenRegistry {
  const { watch, publish } = (registry ?? {}) as Partial<Resolver & Publisher>;
  const resolver = typeof watch === 'function' ? (registry as Resolver) : undefined;
  const publisher = typeof publish === 'function' ? (registry as Publisher) : undefined;
  if (resolver === undefined && publisher === undefined) {
    throw new MeshError(
      'INVALID_ARGUMENT',
      'a registry has neither watch nor publish: pass a URL, a Resolver or a Publisher',
    );
  }
  const className = registry.constructor?.name || 'Object';
  return { name: className === 'Object' ? 'a registry of your own' : className, resolver, publisher };
}

function isList<T extends object>(
  option: string | T | readonly (string | T)[],
): option is readonly (string | T)[] {
  return Array.isArray(option);
}

function schemeOf(entry: string): string | undefined {
  return /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(entry)?.[1].toLowerCase();
}

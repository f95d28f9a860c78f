/** One A or AAAA record. */
export interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** One SRV record (RFC 2782). */
export interface ServiceRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** The target; empty for ".", which says that the service is not there. */
  readonly name: string;
}

/** What is asked of the DNS. Failures are those of node:dns, with a `code`. */
export interface DnsQuestions {
  a(name: string): Promise<readonly AddressRecord[]>;
  aaaa(name: string): Promise<readonly AddressRecord[]>;
  srv(name: string): Promise<readonly ServiceRecord[]>;
  /** As other programs of this machine find a name: hosts file, search domains. Undefined where only name servers count. */
  readonly system: ((name: string) => Promise<readonly { address: string }[]>) | undefined;
  /** Gives up what is being asked. */
  cancel(): void;
}

/** For each name server in turn; the next try waits twice as long, so that three of them add up to 7 s. */
const FIRST_TRY_MS = 1_000;
const TRIES = 3;

/**
 * Asks these name servers; the machine's where none is named.
 * @throws Error for a server that is not `ip` or `ip:port`.
 */
export function askDns(servers: readonly string[]): DnsQuestions {
  // Loaded when used: most processes have no dns:// registry.
  const { lookup, Resolver } = process.getBuiltinModule('node:dns/promises');
  const resolver = new Resolver({ timeout: FIRST_TRY_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    a: (name) => resolver.resolve4(name, { ttl: true }),
    aaaa: (name) => resolver.resolve6(name, { ttl: true }),
    srv: (name) => resolver.resolveSrv(name),
    system: servers.length > 0 ? undefined : (name) => lookup(name, { all: true }),
    cancel: () => resolver.cancel(),
  };
}

/** What a question brought, or several that are parts of one. */
export interface Answer<T> {
  readonly values: readonly T[];
  /** Seconds for which it holds. */
  readonly ttl: number;
  /** Why it brought nothing. Where that may pass, `values` are what was known before. */
  readonly failure?: unknown;
}

/** What is not there fails for good; any other failure, such as a server that does not answer, may pass. */
export function isNotThere(failure: unknown): boolean {
  const { code } = failure as NodeJS.ErrnoException;
  return code === 'ENOTFOUND' || code === 'ENODATA';
}

/** Where one part brought something, the failure of another is none. A failure that may pass counts more than one that may not. */
export function combined<T>(parts: readonly Answer<T>[]): Answer<T> {
  const values = parts.flatMap((part) => part.values);
  const ttl = Math.min(...parts.map((part) => part.ttl));
  const failures = parts.map(({ failure }) => failure).filter((failure) => failure !== undefined);
  if (failures.length < parts.length) return { values, ttl };
  return { values, ttl, failure: failures.find((failure) => !isNotThere(failure)) ?? failures[0] };
}

/** Those names are never asked of a name server (RFC 6761). */
const LOCAL = /^(?:.+\.)?localhost\.?$/i;
/** The system tells no TTL. */
const SYSTEM_TTL_S = 30;

/** The addresses of names, and what they were before. */
export class Addresses {
  private known = new Map<string, readonly string[]>();
  private before: ReadonlyMap<string, readonly string[]> = this.known;

  constructor(private readonly dns: DnsQuestions) {}

  /** From now on other names may be asked for: those that are not asked for again are forgotten. */
  nextRound(): void {
    this.before = this.known;
    this.known = new Map();
  }

  /** A and AAAA records together. Never rejects. */
  async of(name: string): Promise<Answer<string>> {
    const { dns } = this;
    if (dns.system !== undefined && LOCAL.test(name)) return this.bySystem(name, dns.system);
    const answer = combined(
      await Promise.all([
        this.ask(`A ${name}`, () => dns.a(name)),
        this.ask(`AAAA ${name}`, () => dns.aaaa(name)),
      ]),
    );
    const isUnknown = answer.failure !== undefined && isNotThere(answer.failure);
    return dns.system !== undefined && isUnknown ? this.bySystem(name, dns.system) : answer;
  }

  private bySystem(name: string, system: NonNullable<DnsQuestions['system']>): Promise<Answer<string>> {
    return this.ask(`system ${name}`, async () => {
      const found = await system(name);
      return found.map(({ address }) => ({ address, ttl: SYSTEM_TTL_S }));
    });
  }

  private async ask(question: string, ask: () => Promise<readonly AddressRecord[]>): Promise<Answer<string>> {
    try {
      const records = await ask();
      const values = records.map(({ address }) => address);
      this.known.set(question, values);
      return { values, ttl: Math.min(...records.map(({ ttl }) => ttl)) };
    } catch (failure) {
      const values = isNotThere(failure) ? [] : (this.before.get(question) ?? []);
      this.known.set(question, values);
      return { values, ttl: Number.POSITIVE_INFINITY, failure };
    }
  }
}

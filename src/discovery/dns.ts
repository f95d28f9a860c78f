import type { Clock } from '../core/clock.js';
import { type Endpoint, endpointOf } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { pause } from '../core/pause.js';
import { reasonOf } from '../core/reason.js';
import {
  Addresses,
  type Answer,
  askDns,
  combined,
  type DnsQuestions,
  isNotThere,
  type ServiceRecord,
} from './dns-answers.js';
import { type DnsUrl, invalid, parseDnsUrl } from './dns-url.js';
import type { Resolver } from './resolver.js';

export interface DnsEnv {
  readonly clock: Clock;
  /** Who is asked, given the servers of the URL. Default: node:dns. */
  readonly ask?: (servers: readonly string[]) => DnsQuestions;
}

/** However short a TTL is, a name is not asked for more often; however long, a change is noticed by then. */
const MIN_TTL_S = 1;
const MAX_TTL_S = 300;
/** node:dns does not tell the TTL of SRV records. */
const MAX_SRV_TTL_S = 30;

/**
 * Endpoints by DNS, the same for every service:
 *
 * - `dns://name:port` (12200 if left out): every address of the name, A and AAAA.
 * - `dns+srv://_bolt._tcp.example.com`: the targets of the SRV records (RFC 2782) of the lowest priority that has an
 *   address, with the records' ports; each address has its record's weight as the attribute `weight`.
 * - `?server=10.0.0.2` or `?server=10.0.0.2:5353`, once or more: name servers to ask instead of the machine's.
 *
 * A name is asked for again when the shortest TTL of its answer is over, but not before 1 s and not after 300 s. Node.js does
 * not tell the TTL of SRV records: for these it is the shortest of their targets', and 30 s at most. A name that the
 * machine's name servers do not know, but its hosts file or search domains do, is asked for every 30 s.
 *
 * Where nothing can be learnt, `watch` throws NO_ENDPOINT. A name that is gone is such a failure, and no empty list: the
 * endpoints known last stay in use. A part that fails, such as AAAA alone or one of several targets, keeps its own.
 *
 * @throws MeshError INVALID_ARGUMENT for any other URL.
 */
export function dnsResolver(url: string, env: DnsEnv): Resolver & { close(): Promise<void> } {
  const parsed = parseDnsUrl(url);
  try {
    return new DnsResolver(parsed, (env.ask ?? askDns)(parsed.servers), env.clock);
  } catch (cause) {
    throw invalid(url, `server must be ip or ip:port: ${reasonOf(cause)}`, cause);
  }
}

/** What is known, and until when it holds. */
interface Listing {
  readonly endpoints: readonly Endpoint[];
  readonly until: number;
}

class DnsResolver implements Resolver {
  private readonly addresses: Addresses;
  private listing: Listing | undefined;
  /** The question that is out: one for all services. */
  private asking: Promise<Listing> | undefined;

  constructor(
    private readonly url: DnsUrl,
    private readonly questions: DnsQuestions,
    private readonly clock: Clock,
  ) {
    this.addresses = new Addresses(questions);
  }

  async *watch(_service: string, signal: AbortSignal): AsyncGenerator<readonly Endpoint[]> {
    const { clock } = this;
    while (!signal.aborted) {
      const { endpoints, until } = await this.current();
      if (signal.aborted) return;
      yield endpoints;
      await pause(clock, until - clock.now(), signal, { isIdle: true });
    }
  }

  async close(): Promise<void> {
    this.questions.cancel();
  }

  private async current(): Promise<Listing> {
    if (this.listing !== undefined && this.clock.now() < this.listing.until) return this.listing;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(): Promise<Listing> {
    const { name, port } = this.url;
    const answer = port === undefined ? await this.targets(name) : await this.host(name, port);
    if (answer.failure !== undefined) throw cannotResolve(name, answer.failure);
    const holdsS = Math.min(Math.max(answer.ttl, MIN_TTL_S), MAX_TTL_S);
    this.listing = { endpoints: answer.values, until: this.clock.now() + holdsS * 1_000 };
    return this.listing;
  }

  private async host(
    name: string,
    port: number,
    attributes: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Endpoint>> {
    const answer = await this.addresses.of(name);
    return { ...answer, values: answer.values.map((address) => endpointOf(address, port, attributes)) };
  }

  private async targets(name: string): Promise<Answer<Endpoint>> {
    let records: readonly ServiceRecord[];
    try {
      records = await this.questions.srv(name);
    } catch (failure) {
      return { values: [], ttl: MAX_SRV_TTL_S, failure };
    }
    this.addresses.nextRound();
    let answer: Answer<Endpoint> = { values: [], ttl: MAX_SRV_TTL_S };
    for (const group of byPriority(records.filter((record) => record.name !== ''))) {
      answer = combined(
        await Promise.all(
          group.map((record) => this.host(record.name, record.port, weightOf(record, group))),
        ),
      );
      // Those of the next priority are for when these are not there, and not for when nobody can tell.
      if (answer.failure === undefined || !isNotThere(answer.failure)) break;
    }
    return { ...answer, ttl: Math.min(answer.ttl, MAX_SRV_TTL_S) };
  }
}

/** Groups of one priority each, the lowest first. */
function byPriority(records: readonly ServiceRecord[]): ServiceRecord[][] {
  const groups = new Map<number, ServiceRecord[]>();
  for (const record of records.toSorted((a, b) => a.priority - b.priority)) {
    const group = groups.get(record.priority);
    if (group === undefined) groups.set(record.priority, [record]);
    else group.push(record);
  }
  return [...groups.values()];
}

/**
 * Where all weights are 0 there is nothing to choose by. A 0 among others is chosen once in (sum of the others + 1) times by
 * the algorithm of RFC 2782: that is a weight of 1. Java's weight 0 would mean never.
 */
function weightOf(record: ServiceRecord, group: readonly ServiceRecord[]): Record<string, string> {
  if (group.every(({ weight }) => weight === 0)) return {};
  return { weight: String(Math.max(record.weight, 1)) };
}

const REASONS: Record<string, string> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'the name has no such record',
  ESERVFAIL: 'the name server has failed',
  EREFUSED: 'the name server refuses to tell',
  ETIMEOUT: 'no name server answered in time',
  ECONNREFUSED: 'no name server listens there',
  ECANCELLED: 'the client was closed',
};

function cannotResolve(name: string, cause: unknown): MeshError {
  const { code = 'no code' } = cause as NodeJS.ErrnoException;
  return new MeshError(
    'NO_ENDPOINT',
    `cannot resolve ${name}: ${REASONS[code] ?? reasonOf(cause)} (${code})`,
    { cause },
  );
}

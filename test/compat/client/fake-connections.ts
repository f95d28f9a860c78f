import type { Address } from '../../../src/compat/client/address.js';
import { parseAddress } from '../../../src/compat/client/address.js';
import type { ConnectionSource } from '../../../src/compat/client/address-group.js';

/** Connections that open or not as a test says, and what was asked for. */
export class FakeConnections implements ConnectionSource {
  readonly asked: string[] = [];
  readonly passed: unknown[] = [];
  /** Hosts that cannot be reached. */
  readonly down = new Set<string>();
  readonly open = new Map<string, { host: string }>();
  /** Thrown instead of connecting. */
  failure: Error | undefined;

  doGetConn({ host }: Address): { host: string } | undefined {
    return this.open.get(host);
  }

  get({ host }: Address): { host: string } | null {
    return (!this.down.has(host) && this.open.get(host)) || null;
  }

  async createAndGet({ host }: Address, ...rest: unknown[]): Promise<{ host: string } | null> {
    this.asked.push(host);
    this.passed.push(rest);
    if (this.failure) throw this.failure;
    if (this.down.has(host)) return null;
    const connection = this.open.get(host) ?? { host };
    this.open.set(host, connection);
    return connection;
  }
}

/** h0:12200, h1:12200, .. */
export function addressesOf(count: number, from = 0): Address[] {
  return Array.from({ length: count }, (_, i) => parseAddress(`h${from + i}`));
}

export const silent = { debug() {}, info() {}, warn() {}, error() {} };

import type { Address } from '../../../../src/compat/client/address.js';
import { DynamicConfig } from '../../../../src/compat/client/dynamic-config.js';
import {
  type BalancedGroup,
  DEFAULT_WEIGHT,
  type LoadBalancer,
} from '../../../../src/compat/client/load-balancer/load-balancer.js';
import type { Random } from '../../../../src/core/random.js';
import { seededRandom } from '../../../../src/testing/seeded-random.js';
import { silent } from '../fake-connections.js';

/** A group that does nothing by itself. */
export class FakeGroup implements BalancedGroup {
  readonly key = 'com.acme.S:1.0@SOFA';
  readonly lines: string[] = [];
  readonly logger = {
    ...silent,
    info: (text: unknown) => this.lines.push(`info ${text}`),
    warn: (text: unknown) => this.lines.push(`warn ${text}`),
  };
  addressList: Address[] | null = null;
  allAddressList: Address[] | null = null;
  connectionPoolSize = 6;
  connectionPoolConfig = { ...DynamicConfig.instance.connectionPoolConfig };
  random: Random = seededRandom(7);
  /** By host; 100 and 0 where there is none. */
  readonly weights = new Map<string, number>();
  readonly healths = new Map<string, number>();

  get choosedSize(): number {
    return this.addressList?.length ?? 0;
  }

  checkHealthy({ host }: Address): number {
    return this.healths.get(host) ?? 0;
  }

  getWeight({ host }: Address): number {
    return this.weights.get(host) ?? DEFAULT_WEIGHT;
  }

  /** Gives the addresses to a load balancer, as a group does. */
  use(balancer: LoadBalancer, addresses: Address[]): string[] {
    this.addressList = balancer.reset(addresses);
    return hostsOf(this.addressList);
  }
}

export function hostsOf(addresses: readonly Address[] | null): string[] {
  return (addresses ?? []).map(({ hostname }) => hostname);
}

/** How often each host is chosen in `count` requests. */
export function counted(balancer: LoadBalancer, count: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const host = balancer.select({ args: [] })?.hostname ?? 'none';
    counts[host] = (counts[host] ?? 0) + 1;
  }
  return counts;
}

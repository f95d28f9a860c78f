import { type Random, systemRandom } from '../../../core/random.js';
import { Base } from '../../base.js';
import type { Logger } from '../../logger.js';
import { type Address, printAddresses } from '../address.js';
import type { ConnectionPoolConfig } from '../dynamic-config.js';

/** The weight of an address that is to be used as any other; the highest there is. */
export const DEFAULT_WEIGHT = 100;

/** What a load balancer reads of the request it chooses an address for. */
export interface BalancedRequest {
  readonly args: readonly unknown[];
}

/** What a load balancer reads and sets of its AddressGroup. */
export interface BalancedGroup {
  readonly key: string;
  readonly logger: Logger;
  /** The addresses in use, which are balanced over. */
  readonly addressList: readonly Address[] | null;
  /** All that are known. */
  allAddressList: Address[] | null;
  /** The length of `addressList`. */
  readonly choosedSize: number;
  /** How many addresses are to be in use where there are many. */
  connectionPoolSize: number;
  readonly connectionPoolConfig: ConnectionPoolConfig | undefined;
  readonly random?: Random;
  /** 1: connected; -1: known to fail; 0: not known. */
  checkHealthy(address: Address): number;
  getWeight(address: Address): number;
}

/**
 * Chooses the address of each request, and which addresses are in use where there are many. One of your own extends this
 * and has a `_doSelect`.
 */
export class LoadBalancer extends Base {
  readonly addressGroup: BalancedGroup;

  constructor(addressGroup: BalancedGroup) {
    super();
    this.addressGroup = addressGroup;
    this.reset(addressGroup.addressList as Address[] | null);
    this.ready(true);
  }

  /** The number of addresses in use. */
  get size(): number {
    return this.addressGroup.choosedSize;
  }

  /** The addresses in use. */
  get addressList(): readonly Address[] {
    return this.addressGroup.addressList as readonly Address[];
  }

  get logger(): Logger {
    return this.addressGroup.logger;
  }

  /** The address for a request; null where there is none. With only one there is nothing to choose. */
  select(request: BalancedRequest): Address | null {
    const { size } = this;
    if (size === 0) return null;
    if (size === 1) return this.addressList[0];
    return this._doSelect(request, this.addressList);
  }

  /** Chooses one of two addresses or more. */
  protected _doSelect(_request: BalancedRequest, _addressList: readonly Address[]): Address | null {
    throw new Error('not implement');
  }

  /**
   * Takes a list of addresses and returns those to use. It is called in the constructor too: a field that it sets must have
   * no initializer.
   */
  reset(addressList: Address[] | null): Address[] | null {
    if (!addressList) return null;
    const { addressGroup } = this;
    const known = addressGroup.allAddressList;
    const added = new Set<string>();
    // The same list again is a choice anew among addresses that have not changed: their order stays.
    if (known !== addressList) {
      const before = new Set(known?.map(({ host }) => host));
      for (const { host } of addressList) {
        if (!before.has(host)) added.add(host);
      }
      addressGroup.allAddressList = this._sortAddresses(addressList);
    }
    return this._chooseAddresses(addressGroup.allAddressList as Address[], added);
  }

  /** Told from time to time how many requests there were in the last window. */
  adjustConnectionPoolSize(requestCount: number): void {
    const config = this.addressGroup.connectionPoolConfig;
    if (!config?.elasticControl) return;
    const needed = Math.ceil(requestCount / config.capacityPerConnection);
    this.addressGroup.connectionPoolSize = Math.min(
      Math.max(needed, config.minAddressCount),
      config.maxAddressCount,
    );
  }

  /** 0 to 100. */
  getWeight(address: Address): number {
    return this.addressGroup.getWeight(address);
  }

  /** In place, and by chance: clients must not all begin with the same address. */
  protected _sortAddresses(addressList: Address[]): Address[] {
    for (let left = addressList.length; left > 1; left--) {
      const at = this.randomBelow(left);
      [addressList[left - 1], addressList[at]] = [addressList[at], addressList[left - 1]];
    }
    return addressList;
  }

  protected _needElasticControl(addressCount: number): boolean {
    const config = this.addressGroup.connectionPoolConfig;
    if (!config?.elasticControl || addressCount < config.minAddressCount) return false;
    return addressCount > (config.enableThreshold || 50);
  }

  /** Those that are connected or new first: a provider that was added must get its share from those who call little too. */
  protected _chooseAddresses(addressList: Address[], added: ReadonlySet<string>): Address[] {
    if (!this._needElasticControl(addressList.length)) return addressList;
    const { addressGroup, logger } = this;
    const { key, connectionPoolSize } = addressGroup;
    const { maxAddressCount } = addressGroup.connectionPoolConfig as ConnectionPoolConfig;
    const total = addressList.length;
    if (connectionPoolSize > total) {
      logger.warn(
        `[AddressGroup] group ${key} needs ${connectionPoolSize} addresses, and there are ${total}`,
      );
      return addressList;
    }
    if (connectionPoolSize > maxAddressCount)
      logger.info(
        `[AddressGroup] group ${key} uses ${maxAddressCount} of ${total} addresses: that is the most`,
      );
    const wanted = Math.min(connectionPoolSize, maxAddressCount);

    const chosen: Address[] = [];
    const unknown: Address[] = [];
    const failing: Address[] = [];
    for (const address of addressList) {
      const health = addressGroup.checkHealthy(address);
      if (chosen.length < wanted && (health > 0 || added.has(address.host))) chosen.push(address);
      else (health < 0 ? failing : unknown).push(address);
    }
    // The last of the unknown first, then the first of the failing.
    const others = unknown.reverse().concat(failing);
    const rest = others.splice(Math.max(wanted - chosen.length, 0));
    chosen.push(...others);

    logger.debug(
      `[AddressGroup] group ${key} uses ${chosen.length} of ${total} addresses:${printAddresses(chosen)}\nand not:${printAddresses(rest)}`,
    );
    return chosen;
  }

  /** A whole number from 0 to `limit` - 1. */
  protected randomBelow(limit: number): number {
    return Math.floor((this.addressGroup.random ?? systemRandom)() * limit);
  }
}

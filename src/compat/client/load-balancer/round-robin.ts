import type { Address } from '../address.js';
import { type BalancedRequest, DEFAULT_WEIGHT, LoadBalancer } from './load-balancer.js';

/** Each address in turn. One of the weight 0 is passed over; a lower one than 100 is by so much of chance. */
export class RoundRobinLoadBalancer extends LoadBalancer {
  /** Declared, not initialized: reset() sets it in the constructor of the base class. */
  declare protected _offset: number;

  override reset(addressList: Address[] | null): Address[] | null {
    const chosen = super.reset(addressList);
    if (chosen) this._offset = this.randomBelow(chosen.length);
    return chosen;
  }

  protected override _doSelect(_request: BalancedRequest, addressList: readonly Address[]): Address {
    const count = addressList.length;
    for (let tried = 0; tried < count; tried++) {
      const address = addressList[this._offset];
      this._offset = (this._offset + 1) % count;
      const weight = this.getWeight(address);
      if (weight === DEFAULT_WEIGHT) return address;
      if (weight !== 0 && weight >= this.randomBelow(DEFAULT_WEIGHT)) return address;
    }
    // Where none is any good, one of them has to do.
    return addressList[this._offset];
  }
}

import type { Address } from '../address.js';
import { type BalancedRequest, DEFAULT_WEIGHT, LoadBalancer } from './load-balancer.js';

/** Any address, each as often as its weight says. */
export class RandomLoadBalancer extends LoadBalancer {
  protected override _doSelect(_request: BalancedRequest, addressList: readonly Address[]): Address {
    // Nearly always the first one drawn is as good as any, and the others need not be weighed. What is turned down here
    // is drawn by weight below: together that is as if it had been drawn by weight at once.
    const drawn = addressList[this.randomBelow(addressList.length)];
    const weight = this.getWeight(drawn);
    if (weight === DEFAULT_WEIGHT || weight > this.randomBelow(DEFAULT_WEIGHT)) return drawn;
    return this.drawByWeight(addressList);
  }

  private drawByWeight(addressList: readonly Address[]): Address {
    let total = 0;
    for (const address of addressList) total += this.getWeight(address);
    let left = this.randomBelow(total);
    for (const address of addressList) {
      left -= this.getWeight(address);
      if (left < 0) return address;
    }
    return addressList[this.randomBelow(addressList.length)];
  }
}

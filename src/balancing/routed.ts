import type { Call } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import type { Candidate } from './candidate.js';
import type { Lease } from './lease.js';
import type { Balancer, BalancerEnv, Picker } from './picker.js';

/**
 * Narrows the endpoints of a call. It is asked for every attempt: it should be quick, and not wait. An empty list refuses
 * the call. What it names that is not among `endpoints` is ignored.
 */
export type RoutingFunction = (call: Call, endpoints: readonly Endpoint[]) => readonly Endpoint[];

/** Lists that were named before, for which a picker is kept. */
const KEPT_LISTS = 64;

/** Picks by `inner` among the endpoints that `route` names for the call. */
export function routed(route: RoutingFunction, inner: Balancer): Balancer {
  return (candidates, env) => new RoutedPicker(candidates, env, route, inner);
}

/** A list that was named, and its picker. */
interface Named {
  readonly endpoints: readonly Endpoint[];
  readonly picker: Picker;
}

class RoutedPicker implements Picker {
  private readonly endpoints: readonly Endpoint[];
  private readonly anywhere: Picker;
  /** The latest first. */
  private readonly named: Named[] = [];

  constructor(
    private readonly all: readonly Candidate[],
    private readonly env: BalancerEnv,
    private readonly route: RoutingFunction,
    private readonly inner: Balancer,
  ) {
    this.endpoints = Object.freeze(all.map(({ endpoint }) => endpoint));
    this.anywhere = inner(all, env);
  }

  pick(call: Call): Lease | undefined {
    return this.pickerFor(call).pick(call);
  }

  targets(call: Call): readonly Candidate[] {
    return this.pickerFor(call).targets(call);
  }

  private pickerFor(call: Call): Picker {
    const endpoints = this.ask(call);
    if (endpoints === this.endpoints) return this.anywhere;
    const { named } = this;
    const place = named.findIndex((one) => isSame(one.endpoints, endpoints));
    if (place === 0) return named[0].picker;
    const [known] = place > 0 ? named.splice(place, 1) : [];
    const latest = known ?? {
      endpoints: [...endpoints],
      picker: this.inner(this.among(endpoints), this.env),
    };
    named.unshift(latest);
    if (named.length > KEPT_LISTS) named.pop();
    return latest.picker;
  }

  private ask(call: Call): readonly Endpoint[] {
    const { route } = this;
    let problem = 'it did not return an array of endpoints';
    let cause: unknown;
    try {
      const endpoints = route(call, this.endpoints);
      if (Array.isArray(endpoints)) return endpoints;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      cause = error;
    }
    const { service, method } = call;
    const name = route.name ? `routing function ${route.name}` : 'routing function';
    throw new MeshError('INVALID_ARGUMENT', `the ${name} failed for ${service} ${method}: ${problem}`, {
      service,
      method,
      cause,
    });
  }

  private among(endpoints: readonly Endpoint[]): readonly Candidate[] {
    const addresses = new Set(endpoints.map(({ address }) => address));
    return this.all.filter(({ endpoint }) => addresses.has(endpoint.address));
  }
}

function isSame(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && a[i].address !== b[i].address) return false;
  return true;
}

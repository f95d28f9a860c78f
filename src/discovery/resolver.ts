import type { Endpoint } from '../core/endpoint.js';

/** Finds the endpoints of a service and goes on telling of changes. */
export interface Resolver {
  /**
   * Yields the whole list of a service's endpoints, first as soon as it is known, then on every change, until `signal`
   * is aborted. `service` is `interface:version[:uniqueId]`.
   */
  watch(service: string, signal: AbortSignal): AsyncIterable<readonly Endpoint[]>;
}

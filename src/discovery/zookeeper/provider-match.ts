import type { Endpoint } from '../../core/endpoint.js';
import type { ProviderNode } from './provider-node.js';
import { DEFAULT_VERSION, type ServiceParts } from './service.js';

/**
 * The endpoints among an interface's provider nodes that serve one service. All versions and uniqueIds of an interface
 * share one directory, and so do other protocols.
 *
 * A node that does not state its version (Java's nodes never do) is taken for 1.0. For another version it is taken only
 * where no node states that version: a Java provider of 2.0 is found, as Java's consumers find it, and yet a Java
 * provider of 1.0 gets no calls for the 2.0 that others announce.
 */
export function providersOf(service: ServiceParts, nodes: Iterable<ProviderNode>): Endpoint[] {
  const stated = new Map<string, Endpoint>();
  const unstated = new Map<string, Endpoint>();
  for (const node of nodes) {
    if (node.scheme !== 'bolt' || node.uniqueId !== service.uniqueId) continue;
    const version = node.version ?? (service.version === DEFAULT_VERSION ? DEFAULT_VERSION : undefined);
    if (version === service.version) keepNewest(stated, node.endpoint);
    else if (version === undefined) keepNewest(unstated, node.endpoint);
  }
  return [...(stated.size > 0 ? stated : unstated).values()];
}

/** A server that was killed and started again is there twice, until its first session expires. */
function keepNewest(endpoints: Map<string, Endpoint>, endpoint: Endpoint): void {
  const known = endpoints.get(endpoint.address);
  if (known === undefined || startTimeOf(known) < startTimeOf(endpoint))
    endpoints.set(endpoint.address, endpoint);
}

function startTimeOf(endpoint: Endpoint): number {
  return Number(endpoint.attributes.startTime) || 0;
}

import type { Endpoint } from '../core/endpoint.js';

/**
 * Each instance once. An app may be listed by itself and by its sidecar, and twice where it was started again before the
 * registry noticed: the later start counts, then the sidecar.
 */
export function offered(listed: readonly Endpoint[]): readonly Endpoint[] {
  const best = new Map<string, Endpoint>();
  for (const endpoint of listed) {
    const instance = `${endpoint.host} ${ownPort(endpoint)}`;
    const known = best.get(instance);
    if (known === undefined || replaces(endpoint, known)) best.set(instance, endpoint);
  }
  return [...best.values()];
}

/** The port of the app itself: an ingress says it in an attribute. */
function ownPort({ attributes, port }: Endpoint): string {
  return attributes.port ?? String(port);
}

function isIngress(endpoint: Endpoint): boolean {
  return ownPort(endpoint) !== String(endpoint.port);
}

function startTime({ attributes }: Endpoint): number {
  return Number(attributes.startTime) || 0;
}

function replaces(endpoint: Endpoint, known: Endpoint): boolean {
  const [mine, theirs] = [startTime(endpoint), startTime(known)];
  if (mine !== 0 && theirs !== 0 && mine !== theirs) return mine > theirs;
  return isIngress(endpoint) && !isIngress(known);
}

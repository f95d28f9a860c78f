import { type Endpoint, endpointOf } from '../core/endpoint.js';

/** An instance, where a sidecar announced its own address for it. */
export interface FrontedInstance {
  /** The address of the instance itself: the sidecar announces its host, and as the attribute `port` its own port. */
  readonly address: string;
  /** The attribute `startTime`: an instance that came later has another one. */
  readonly startTime: string;
}

/**
 * The instance behind an endpoint, where that is the address of the sidecar in front of it: it has the attributes
 * `startTime` and `port`, and the port is another one than the endpoint's. Undefined for every other endpoint.
 */
export function instanceBehind({ host, port, attributes }: Endpoint): FrontedInstance | undefined {
  const { port: text, startTime } = attributes;
  if (text === undefined || startTime === undefined) return undefined;
  const own = Number(text);
  if (own === port || !(own > 0 && own <= 65_535 && Number.isInteger(own))) return undefined;
  return { address: endpointOf(host, own).address, startTime };
}

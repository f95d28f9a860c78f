import { channel } from 'node:diagnostics_channel';

/**
 * What is told to whoever listens (telemetry, tests, an APM agent), through node:diagnostics_channel.
 * Publishing costs one property read while nobody listens.
 */
export interface EventMessages {
  'connection.opened': { side: 'client' | 'server'; remote: string };
  'connection.closed': { side: 'client' | 'server'; remote: string; reason: string };
  /** A response that no call waits for: its call timed out, was cancelled, or was answered before. */
  'response.late': { remote: string; requestId: number };
  /** The other side sent go-away: no new calls on that connection. */
  'connection.draining': { remote: string };
}

const channels = {
  'connection.opened': channel('sofa-mesh-sdk:connection.opened'),
  'connection.closed': channel('sofa-mesh-sdk:connection.closed'),
  'response.late': channel('sofa-mesh-sdk:response.late'),
  'connection.draining': channel('sofa-mesh-sdk:connection.draining'),
};

/** Publishes to `sofa-mesh-sdk:<name>`. */
export function publish<K extends keyof EventMessages>(name: K, message: EventMessages[K]): void {
  const target = channels[name];
  if (target.hasSubscribers) target.publish(message);
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';
import type { EventMessages } from '../../src/core/events.js';

/** What is published under these names until the test ends, as [name, message]. */
export function heard<K extends keyof EventMessages>(...names: K[]): [K, EventMessages[K]][] {
  const seen: [K, EventMessages[K]][] = [];
  for (const name of names) {
    const listen = (message: unknown) => {
      seen.push([name, message as EventMessages[K]]);
    };
    subscribe(`sofa-mesh-sdk:${name}`, listen);
    onTestFinished(() => {
      unsubscribe(`sofa-mesh-sdk:${name}`, listen);
    });
  }
  return seen;
}

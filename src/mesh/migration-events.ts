import { EventEmitter } from 'eventemitter3';
import type { DifferentValues } from '../comparison/difference.js';
import { publish } from '../core/events.js';

/** What `mesh.on(name, listener)` tells; each is published on node:diagnostics_channel as well (`sofa-mesh-sdk:mesh.*`). */
export interface MigrationEvents {
  /** A service's calls go another way from now on; `from` and `to` are percent of them that go through the sidecar. */
  switch: { readonly service: string; readonly from: number; readonly to: number; readonly reason: string };
  /** The sidecar, or one service through it (`service`), gets no calls for a while. */
  degraded: { readonly service: string | undefined; readonly reason: string };
  /** It gets all calls again that the policy sends there. */
  recovered: { readonly service: string | undefined; readonly reason: string };
  /** The guard took a service off the sidecar. It stays off until the policy says something about it. */
  rolledBack: { readonly service: string; readonly reason: string };
  /** A compared call was answered differently by the two ways. */
  difference: {
    readonly service: string;
    readonly method: string;
    /** Where, as `$.items[3].name`. */
    readonly paths: readonly string[];
    /** What differs there, where the policy asks for values. */
    readonly values?: readonly DifferentValues[];
  };
}

export type MigrationListener<K extends keyof MigrationEvents> = (event: MigrationEvents[K]) => void;

/** Tells of what becomes of the services of one client. */
export class MigrationEmitter {
  private readonly listeners = new EventEmitter();

  constructor(private readonly warn: (message: string) => void) {}

  /** The returned function ends it. */
  on<K extends keyof MigrationEvents>(name: K, listener: MigrationListener<K>): () => void {
    // A wrapper each time: the same function may listen twice, and each is ended by itself. A listener that throws must
    // not take the call with it in whose course it was told.
    const told = (event: MigrationEvents[K]) => {
      try {
        listener(event);
      } catch (error) {
        this.warn(`a listener of ${name} threw: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    this.listeners.on(name, told);
    return () => this.listeners.off(name, told);
  }

  emit<K extends keyof MigrationEvents>(name: K, event: MigrationEvents[K]): void {
    this.listeners.emit(name, event);
  }

  switched(event: MigrationEvents['switch']): void {
    publish('mesh.switched', event);
    this.emit('switch', event);
  }

  degraded(service: string | undefined, reason: string): void {
    publish('mesh.degraded', { service, reason });
    this.emit('degraded', { service, reason });
  }

  recovered(service: string | undefined, reason: string): void {
    publish('mesh.recovered', { service, reason });
    this.emit('recovered', { service, reason });
  }

  rolledBack(event: MigrationEvents['rolledBack']): void {
    publish('mesh.rolled-back', event);
    this.emit('rolledBack', event);
  }

  difference(event: MigrationEvents['difference']): void {
    const { service, method, paths } = event;
    publish('mesh.difference', { service, method, paths });
    this.emit('difference', event);
  }
}

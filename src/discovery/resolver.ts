import type { Endpoint } from '../core/endpoint.js';

/** Finds the endpoints of a service and goes on telling of changes. */
export interface Resolver {
  /**
   * Yields the whole list of a service's endpoints, first as soon as it is known, then on every change, until `signal`
   * is aborted. `service` is `interface:version[:uniqueId]`. It throws where it cannot tell (the registry is down): the
   * caller keeps the last list and asks again, with backoff. Where it ends after a list, that list is final.
   */
  watch(service: string, signal: AbortSignal): AsyncIterable<readonly Endpoint[]>;
  /**
   * Frees what is shared by all watches: a session, sockets. Called once, when the client or server that opened it by its
   * URL is closed; an object that you passed is yours to close.
   */
  close?(): Promise<void>;
}

/** Tells others where a service is served. */
export interface Publisher {
  /**
   * Announces that `self` serves `service` (`interface:version[:uniqueId]`) and resolves when others can see it. From
   * then on the publisher keeps it announced by itself, whatever happens to the registry, until the returned function
   * is called or `signal` is aborted; that function resolves when the announcement is gone, and may be called more than once.
   * It rejects where the first announcement fails: the caller tries again, with backoff.
   *
   * Each announcement is one of its own: where two processes announce the same `self`, as the workers of a cluster do for a
   * moment when one takes over from another, the one that is taken back must not take the other along.
   */
  publish(service: string, self: Endpoint, signal: AbortSignal): Promise<() => Promise<void>>;
  /** A host of the registry, where there is one: the address of this machine that leads there is the one to publish. */
  readonly towards?: string;
  /** As {@link Resolver.close}. */
  close?(): Promise<void>;
}

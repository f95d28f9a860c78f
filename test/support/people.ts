import { defineClass } from '../../src/contract/define-class.js';
import { defineError } from '../../src/contract/define-error.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import type { Handlers } from '../../src/contract/types.js';

export const Person = defineClass('com.acme.Person', {
  id: t.long,
  name: t.String,
  get manager() {
    return Person;
  },
});

export const NotFound = defineError('com.acme.NotFoundException', { id: t.long });

/** The service that the tests of the call path call. */
export const People = defineService('com.acme.PersonService', {
  echo: { args: [t.String], returns: t.String, idempotent: true },
  add: { args: [t.int, t.int], returns: t.int },
  find: { args: [t.long], returns: Person, throws: [NotFound] },
  bytes: { args: [t.bytes], returns: t.bytes },
  any: { args: [t.Object], returns: t.Object },
  ping: { args: [], returns: t.void },
  note: { args: [t.String], returns: t.void, oneway: true },
  slow: { args: [t.String], returns: t.String, timeoutMs: 700 },
});

/** Simple implementations; a test replaces the ones it is about. */
export function people(own: Partial<Handlers<typeof People>> = {}): Handlers<typeof People> {
  return {
    echo: (text) => text,
    add: (a, b) => a + b,
    find: (id) => {
      if (id === 404n) throw new NotFound({ id, message: 'no such person' });
      return { id, name: `person ${id}`, manager: { id: 1n, name: 'boss' } };
    },
    bytes: (bytes) => bytes,
    any: (value) => value,
    ping: () => undefined,
    note: () => undefined,
    slow: (text) => text,
    ...own,
  };
}

/** A promise that a test settles when it wants to. */
export interface Later<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function later<T>(): Later<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

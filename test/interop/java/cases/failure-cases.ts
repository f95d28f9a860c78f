import { CLASS_NAME, java } from 'sofa-mesh-sdk';
import { expect } from 'vitest';
import { Believed, NotFound, Quota, Rejected } from '../contracts.js';
import { person } from '../values.js';
import { type Cases, failureOf, remoteFailureOf } from './support.js';

export const FAILURES: Cases = {
  'throws a checked exception as the class of the contract, with message and fields': async ({ people }) => {
    const error = await failureOf(people.find(404n));
    expect(error).toBeInstanceOf(NotFound);
    if (!NotFound.is(error)) throw error;
    expect([error.message, error.id, error.kind]).toEqual(['no person 404', 404n, 'person']);
  },

  'reads CJK and emoji in an exception message, and a long field at its limit': async ({ faults }) => {
    const error = await failureOf(faults.checked(9223372036854775807n));
    if (!NotFound.is(error)) throw error;
    expect([error.message, error.id]).toEqual([
      'no thing 9223372036854775807 找不到😀',
      9223372036854775807n,
    ]);
  },

  'throws an unchecked exception with a Map and a POJO in its fields': async ({ faults }) => {
    const error = await failureOf(faults.unchecked('me'));
    if (!Rejected.is(error)) throw error;
    expect(error.message).toBe('rejected me');
    expect(error.fields.code).toBe(42);
    expect(error.details).toEqual(
      new Map([
        ['reason', '策略'],
        ['rule', 'r-7'],
      ]),
    );
    expect(error.who).toEqual(person('full'));
  },

  'throws a subclass of an exception as its own class, and as the base': async ({ faults }) => {
    const error = await failureOf(faults.quota(1n << 40n));
    if (!Quota.is(error)) throw error;
    expect(Rejected.is(error)).toBe(true);
    expect([error.message, error.fields.code, error.limit]).toEqual(['over 1099511627776', 7, 1n << 40n]);
  },

  'throws what a void method threw': async ({ faults }) => {
    const error = await failureOf(faults.voidFault());
    expect(NotFound.is(error) && error.kind).toBe('void');
  },

  'fails with METHOD_NOT_FOUND where the provider has no such method': async ({ client }) => {
    const error = await failureOf(client.service(Believed).vanished('x'));
    expect(error.code).toBe('METHOD_NOT_FOUND');
    expect(error.message).toContain('vanished');
  },

  'fails with METHOD_NOT_FOUND where no overload has these argument types': async ({ client }) => {
    const error = await failureOf(client.invoke('com.lab.PeopleService:1.0', 'which', [java.double(1.5)]));
    expect(error.code).toBe('METHOD_NOT_FOUND');
  },

  'fails with CANCELLED when the signal of the call is aborted': async ({ slow }) => {
    const abort = new AbortController();
    const call = slow.gate('cancelled', { signal: abort.signal });
    while ((await slow.waiting('cancelled')) === 0);
    abort.abort();
    expect((await failureOf(call)).code).toBe('CANCELLED');
    await slow.open('cancelled');
  },

  'refuses a wrong value before a byte is sent, with its path': async ({ people }) => {
    const bad = { ...person('full'), tags: ['a', 7 as unknown as string] };
    const error = await failureOf(people.describe(bad));
    expect([error.code, error.sent]).toEqual(['ENCODE_FAILED', false]);
    expect(error.message).toContain('args[0].tags[1]');
  },
};

export const JAVA_FAILURES: Cases = {
  'throws an exception that no contract names with its Java class, message and fields': async ({
    faults,
  }) => {
    const error = await remoteFailureOf(faults.unlisted());
    expect(error.className).toBe('com.lab.UnlistedException');
    expect(error.message).toBe('not in the contract');
    expect(error.fields).toEqual({ hint: 'look elsewhere' });
  },

  "throws one of Java's own exceptions with its message": async ({ faults }) => {
    const error = await remoteFailureOf(faults.illegal('坏 state'));
    expect([error.className, error.message]).toEqual(['java.lang.IllegalStateException', '坏 state']);
  },

  'throws an exception without a message': async ({ faults }) => {
    const error = await remoteFailureOf(faults.nullMessage());
    expect([error.className, error.message]).toEqual(['java.lang.UnsupportedOperationException', '']);
  },

  'throws a java.lang.Error': async ({ faults }) => {
    const error = await remoteFailureOf(faults.error());
    expect([error.className, error.message]).toEqual([
      'java.lang.AssertionError',
      'an Error, not an Exception',
    ]);
  },

  'takes an exception whose cause Java has cut off': async ({ faults }) => {
    const error = await remoteFailureOf(faults.caused());
    expect([error.className, error.message, error.cause]).toEqual([
      'java.lang.IllegalArgumentException',
      'outer',
      undefined,
    ]);
  },

  'reads an object that no contract knows in the fields of an exception': async ({ faults }) => {
    const error = await remoteFailureOf(faults.laden());
    expect([error.className, error.message]).toEqual([
      'com.lab.run.Faults$LadenException',
      'carries a cargo',
    ]);
    expect(error.fields).toEqual({ cargo: { text: 'tea', [CLASS_NAME]: 'com.lab.run.Faults$Cargo' } });
  },

  'fails with a typed error where Java cannot write its answer': async ({ faults }) => {
    const error = await failureOf(faults.unwritable());
    expect(error.code).toBe('REMOTE_FAILURE');
    expect(error.message).toContain('the bomb cannot be written');
    expect(await faults.fine('after the bomb')).toBe('fine after the bomb');
  },
};

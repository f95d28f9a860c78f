import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { defineError } from '../../src/contract/define-error.js';
import { defineService, type ServiceOptions } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import type { MethodSpec } from '../../src/contract/types.js';

const Person = defineClass('com.acme.Person', { id: t.long });
const NotFound = defineError('com.acme.NotFound', { id: t.long });
const People = defineService(
  'com.acme.PersonService',
  {
    find: { args: [t.long], returns: Person, throws: [NotFound], idempotent: true, timeoutMs: 100 },
    save: { args: [Person], returns: t.void },
    saveAll: { name: 'save', args: [t.List(Person)], returns: t.void },
    ping: { args: [], returns: t.void, oneway: true },
  },
  { timeoutMs: 500 },
);
const ping: MethodSpec = { args: [], returns: t.void };
const Message = t.message<{ id: number }>('acme.Message');

describe('defineService', () => {
  it('has an id of interface, version and uniqueId', () => {
    expect(People.id).toBe('com.acme.PersonService:1.0');
    const other = defineService(
      'com.acme.PersonService',
      { ping },
      { version: '2.0', uniqueId: 'blue', group: 'g' },
    );
    expect(other).toMatchObject({
      id: 'com.acme.PersonService:2.0:blue',
      version: '2.0',
      uniqueId: 'blue',
      group: 'g',
    });
  });

  it("is SOFARPC's own Hessian unless it says otherwise", () => {
    expect(People).toMatchObject({ serialization: 'hessian2', grammar: 'sofa' });
    const other = defineService('com.acme.S', { ping }, { serialization: 'json', grammar: 'final' });
    expect(other).toMatchObject({ serialization: 'json', grammar: 'final' });
  });

  it('describes its methods by key', () => {
    expect(People.methods.find).toEqual({
      key: 'find',
      name: 'find',
      args: [t.long.node],
      returns: Person.node,
      throws: [NotFound.node],
      idempotent: true,
      oneway: false,
      timeoutMs: 100,
    });
    expect(People.methods.save).toMatchObject({ throws: [], idempotent: false, timeoutMs: 500 });
    expect(People.methods.saveAll).toMatchObject({ key: 'saveAll', name: 'save' });
    expect(People.methods.ping).toMatchObject({ oneway: true, returns: t.void.node });
  });

  it('cannot be changed', () => {
    expect(
      Object.isFrozen(People) && Object.isFrozen(People.methods) && Object.isFrozen(People.methods.find),
    ).toBe(true);
  });

  const faults: [why: RegExp, methods: Record<string, unknown>, options?: ServiceOptions][] = [
    [/at least one method/, {}],
    [
      /a and b are both save\(com\.acme\.Person\)/,
      {
        a: { ...ping, name: 'save', args: [Person] },
        b: { ...ping, name: 'save', args: [Person.notNull()] },
      },
    ],
    [/oneway.*t\.void/, { find: { args: [], returns: t.int, oneway: true } }],
    [/find: args must be a list/, { find: { returns: t.int } }],
    [
      /find: args\[1\]: expected a type.*Use a getter/,
      { find: { args: [t.int, undefined], returns: t.int } },
    ],
    [/find: args\[0\]: t\.void/, { find: { args: [t.void], returns: t.int } }],
    [/find: returns: expected a type/, { find: { args: [] } }],
    [/find: throws\[0\]: expected a class made by defineError/, { find: { ...ping, throws: [Error] } }],
    [/timeoutMs must be above 0/, { find: { ...ping, timeoutMs: 0 } }],
    [/timeoutMs must be above 0/, { find: { ...ping, timeoutMs: Number.NaN } }],
    [/timeoutMs must be above 0/, { ping }, { timeoutMs: 2 ** 31 }],
    [/"find-it" is not a Java name/, { 'find-it': ping }],
    [/"then" cannot be a key/, Object.fromEntries([['then', ping]])],
    [/version: expected text/, { ping }, { version: '' }],
    [/uniqueId: expected text/, { ping }, { uniqueId: 'a:b' }],
    [/t\.message needs/, { find: { args: [Message], returns: Message } }],
    [
      /one t\.message/,
      { find: { args: [t.long], returns: Message } },
      { serialization: { codec: 'protobuf' } },
    ],
    [
      /one t\.message/,
      { find: { args: [Message, Message], returns: Message } },
      { serialization: { codec: 'protobuf' } },
    ],
    [
      /one t\.message/,
      { find: { args: [Message], returns: t.void } },
      { serialization: { codec: 'protobuf' } },
    ],
  ];
  it.each(faults)('refuses a contract: %s', (why, methods, options) => {
    const define = () => defineService('com.acme.S', methods as Record<string, MethodSpec>, options);
    expect(define).toThrow(why);
    expect(define).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('refuses unknown serializations and grammars', () => {
    // @ts-expect-error no such serialization
    expect(() => defineService('com.acme.S', { ping }, { serialization: 'xml' })).toThrow(
      /serialization must be/,
    );
    // @ts-expect-error no such grammar
    expect(() => defineService('com.acme.S', { ping }, { grammar: 'draft' })).toThrow(/grammar must be/);
    expect(() => defineService('com acme', { ping })).toThrow(/not a Java class name/);
  });

  it('takes messages over protobuf, and t.void from a oneway method', () => {
    const service = defineService(
      'com.acme.S',
      {
        find: { args: [Message], returns: Message },
        tell: { args: [Message], returns: t.void, oneway: true },
      },
      { serialization: { codec: 'protobuf' } },
    );
    expect(service.methods.find.args).toEqual([Message.node]);
  });
});

// Clients and handlers of a service. The compiler is the judge; at run time nothing is asked.
import { describe, expectTypeOf, test } from 'vitest';
import {
  defineService,
  type MethodContract,
  type ServiceContract,
} from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import type { Client, Handlers, InputOf, TypeOf } from '../../src/contract/types.js';
import type { CallOptions, HandlerContext, Reply } from '../../src/core/call.js';
import type { Color, People, Person } from './model.js';

type C = Client<typeof People>;
type H = Handlers<typeof People>;
type PersonRead = TypeOf<typeof Person>;
type PersonWrite = InputOf<typeof Person>;

describe('a client', () => {
  test('has the methods of the contract and no others', () => {
    expectTypeOf<keyof C>().toEqualTypeOf<
      'find' | 'findAll' | 'save' | 'saveAll' | 'page' | 'count' | 'any' | 'tell'
    >();
    expectTypeOf<C>().not.toBeAny();
  });

  test('takes what may be written, then options', () => {
    expectTypeOf<Parameters<C['find']>>().toEqualTypeOf<[id: bigint | number, options?: CallOptions]>();
    expectTypeOf<Parameters<C['count']>>().toEqualTypeOf<[options?: CallOptions]>();
    expectTypeOf<Parameters<C['findAll']>>().toEqualTypeOf<
      [readonly (bigint | number)[] | null | undefined, TypeOf<typeof Color>, options?: CallOptions]
    >();
    expectTypeOf<Parameters<C['save']>[0]>().toEqualTypeOf<PersonWrite | null | undefined>();
    expectTypeOf<Parameters<C['saveAll']>[0]>().toEqualTypeOf<
      readonly (PersonWrite | null | undefined)[] | null | undefined
    >();
  });

  test('gives what is read', () => {
    expectTypeOf<ReturnType<C['find']>>().toEqualTypeOf<Promise<PersonRead | null>>();
    expectTypeOf<ReturnType<C['findAll']>>().toEqualTypeOf<Promise<PersonRead[]>>();
    expectTypeOf<ReturnType<C['save']>>().toEqualTypeOf<Promise<void>>();
    expectTypeOf<ReturnType<C['count']>>().toEqualTypeOf<Promise<bigint>>();
    expectTypeOf<ReturnType<C['any']>>().toEqualTypeOf<Promise<unknown>>();
    type Page = NonNullable<Awaited<ReturnType<C['page']>>>;
    expectTypeOf<Page['items']>().toEqualTypeOf<(PersonRead | null)[]>();
  });

  test('gives the reply too, with withReply', () => {
    expectTypeOf<Parameters<C['find']['withReply']>>().toEqualTypeOf<Parameters<C['find']>>();
    expectTypeOf<ReturnType<C['find']['withReply']>>().toEqualTypeOf<
      Promise<{ value: PersonRead | null; reply: Reply }>
    >();
  });

  test('refuses wrong calls', () => {
    const wrong = (people: C) => {
      // @ts-expect-error an id is missing
      people.find();
      // @ts-expect-error an id is not text
      people.find('42');
      // @ts-expect-error one argument too many
      people.find(1n, {}, 2);
      // @ts-expect-error no such option
      people.find(1n, { timeout: 5 });
      // @ts-expect-error options are not an argument
      people.find({ timeoutMs: 5 });
      // @ts-expect-error a person needs a name
      people.save({ id: 1n, reports: [] });
      // @ts-expect-error no such method
      people.remove(1n);
      // @ts-expect-error a page needs two numbers
      people.page(1);
    };
    expectTypeOf(wrong).toBeFunction();
  });
});

describe('a function over any service', () => {
  test('keeps what it is given', () => {
    const client = <S extends ServiceContract>(_: S): Client<S> => ({}) as Client<S>;
    expectTypeOf(client<typeof People>).returns.toEqualTypeOf<C>();
    expectTypeOf<typeof People>().toExtend<ServiceContract>();
    expectTypeOf<typeof People.methods.find>().toEqualTypeOf<MethodContract>();
  });
});

describe('handlers', () => {
  test('take what is read, then the context', () => {
    expectTypeOf<Parameters<H['find']>>().toEqualTypeOf<[id: bigint, ctx: HandlerContext]>();
    expectTypeOf<Parameters<H['save']>>().toEqualTypeOf<[PersonRead | null, ctx: HandlerContext]>();
    expectTypeOf<Parameters<H['count']>>().toEqualTypeOf<[ctx: HandlerContext]>();
  });

  test('give what may be written, now or later', () => {
    type Found = PersonWrite | null | undefined;
    expectTypeOf<ReturnType<H['find']>>().toEqualTypeOf<Promise<Found> | Found>();
    expectTypeOf<ReturnType<H['count']>>().toEqualTypeOf<Promise<bigint | number> | bigint | number>();
    expectTypeOf<ReturnType<H['save']>>().toEqualTypeOf<Promise<void> | void>();
  });

  const base = {} as H;

  test('infer their parameters', () => {
    const handlers: H = {
      ...base,
      async find(id, ctx) {
        expectTypeOf(id).toEqualTypeOf<bigint>();
        expectTypeOf(ctx).toEqualTypeOf<HandlerContext>();
        return { id: 3, name: 'x', reports: [] };
      },
      async save(person) {
        expectTypeOf(person).toEqualTypeOf<PersonRead | null>();
      },
      count: () => 3,
    };
    void handlers;
  });

  test('may be a class', () => {
    class Implementation {
      async find(id: bigint) {
        return id === 0n ? null : { id, name: 'x', reports: [] };
      }
      count(): number {
        return 1;
      }
    }
    expectTypeOf<Implementation>().toExtend<Pick<H, 'find' | 'count'>>();
  });

  test('refuse wrong implementations', () => {
    // @ts-expect-error a person needs a name
    const nameless: H = { ...base, find: async () => ({ id: 3n, reports: [] }) };
    // @ts-expect-error an id is a bigint
    const text: H = { ...base, find: async (_id: string) => null };
    // @ts-expect-error a count cannot be null
    const nothing: H = { ...base, count: () => null };
    // @ts-expect-error save is missing
    const missing: Pick<H, 'find' | 'save'> = { find: base.find };
    void [nameless, text, nothing, missing];
  });
});

describe('a definition', () => {
  test('refuses what is not a type, an error class or an option', () => {
    const wrong = () => {
      // @ts-expect-error a string is not a type
      defineService('com.acme.S', { find: { args: ['long'], returns: t.int } });
      // @ts-expect-error returns is missing
      defineService('com.acme.S', { find: { args: [] } });
      // @ts-expect-error Error was not made by defineError
      defineService('com.acme.S', { find: { args: [], returns: t.int, throws: [Error] } });
      // @ts-expect-error no such serialization
      defineService('com.acme.S', { find: { args: [], returns: t.int } }, { serialization: 'xml' });
    };
    expectTypeOf(wrong).toBeFunction();
  });

  test('carries protobuf messages by their shape', () => {
    const Hello = t.message<{ name: string }>('acme.Hello');
    const service = () =>
      defineService(
        'com.acme.S',
        { hi: { args: [Hello], returns: Hello } },
        { serialization: { codec: 'protobuf' } },
      );
    type Hi = Client<ReturnType<typeof service>>['hi'];
    expectTypeOf<Parameters<Hi>[0]>().toEqualTypeOf<{ name: string }>();
    expectTypeOf<Awaited<ReturnType<Hi>>>().toEqualTypeOf<{ name: string }>();
  });
});

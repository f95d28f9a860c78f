import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { defineClass } from '../../src/contract/define-class.js';
import { defineEnum } from '../../src/contract/define-enum.js';
import { defineError } from '../../src/contract/define-error.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { fromJson } from '../../src/serialization/json-read.js';
import { parseJson } from '../../src/serialization/json-text.js';
import { toJson } from '../../src/serialization/json-write.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { Decimal } from '../../src/values/decimal.js';
import type { SchemaNode } from '../../src/values/schema.js';
import { Network, watched } from '../support/network.js';
import { frameOf, RawPeer, REQUEST, RESPONSE, SERVER_EXCEPTION, type Seen } from '../support/raw-peer.js';

const Color = defineEnum('com.acme.Color', ['RED', 'GREEN']);
const Person = defineClass('com.acme.Person', {
  id: t.long,
  name: t.String,
  color: Color,
  tags: t.List(t.String),
  get manager() {
    return Person;
  },
});
const Quota = defineError('com.acme.QuotaException', { left: t.int });
const Json = defineService(
  'com.lab.JsonService',
  {
    greet: { args: [t.String], returns: t.String, throws: [Quota] },
    none: { args: [], returns: t.int },
    many: { args: [t.String, t.int, t.List(t.String)], returns: t.String },
    list: { args: [t.List(t.String)], returns: t.List(t.String) },
    person: { args: [Person], returns: Person },
    long: { args: [t.long], returns: t.long },
  },
  { serialization: 'json' },
);

const handlers = {
  greet: (name: string | null) => {
    if (name === 'quota') throw new Quota({ left: 0, message: 'oops "q"' });
    return `hello ${name}`;
  },
  none: () => 7,
  many: (text: string | null, n: number, list: readonly (string | null)[] | null) =>
    `${text} ${n} ${list?.join()}`,
  list: (list: (string | null)[] | null) => list,
  person: (person: never) => person,
  long: (value: bigint) => value + 1n,
};

async function requestOf(call: (service: ReturnType<MeshClient['service']>) => Promise<unknown>) {
  const network = new Network();
  const peers = network.raw('a:1');
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: 'bolt://a:1',
    connect: network.connect,
  });
  const seen = watched(call(client.service(Json) as never));
  await settled();
  return { frame: peers[0].frames[0], peer: peers[0], seen };
}

function jsonRequest(content: string, method = 'greet', service = Json.id): Buffer {
  return frameOf(
    { proto: 1, type: 1, cmdCode: 1, requestId: 1, codec: 12, timeout: 3000 },
    REQUEST,
    [
      ['service', service],
      ['sofa_head_target_service', service],
      ['sofa_head_method_name', method],
    ],
    Buffer.from(content),
  );
}

async function answerTo(bytes: Buffer): Promise<Seen> {
  const server = new MeshServer({ app: 'test' }).add(Json, handlers as never);
  const [near, far] = duplexPair();
  server.accept(near, 'raw:1');
  const peer = new RawPeer(far);
  peer.write(bytes);
  return (await peer.received(1))[0];
}

describe('a request', () => {
  test.each<[string, string, unknown[], string]>([
    ['one argument is the bare value', 'greet', ['二 "q"'], '"二 \\"q\\""'],
    ['none is an empty array', 'none', [], '[]'],
    ['several are an array of them', 'many', ['a', 1, ['x', '二']], '["a",1,["x","二"]]'],
    ['a list as the one argument is the bare array', 'list', [['a', 'b']], '["a","b"]'],
    ['a long has all its digits', 'long', [9007199254740993n], '9007199254740993'],
    [
      'an object has its nulls, and nothing that the contract does not declare',
      'person',
      [{ id: 1n, name: 'a', color: 'RED', tags: null, extra: 1 }],
      '{"id":1,"name":"a","color":"RED","tags":null,"manager":null}',
    ],
  ])('%s', async (_what, method, args, body) => {
    const { frame } = await requestOf((service) =>
      (service as unknown as Record<string, (...all: unknown[]) => Promise<unknown>>)[method](...args),
    );
    expect(frame).toMatchObject({ codec: 12, className: REQUEST });
    expect(frame.content.toString()).toBe(body);
    expect(Object.fromEntries(frame.header)).toMatchObject({
      service: Json.id,
      sofa_head_target_service: Json.id,
      sofa_head_method_name: method,
    });
  });
});

describe('a response', () => {
  test('of ours is the bare value, with no header', async () => {
    expect(await answerTo(jsonRequest('"you"'))).toMatchObject({
      codec: 12,
      status: 0,
      className: RESPONSE,
      header: [],
      content: Buffer.from('"hello you"'),
    });
    expect((await answerTo(jsonRequest('[]', 'none'))).content.toString()).toBe('7');
    expect((await answerTo(jsonRequest('["a",1,["x"]]', 'many'))).content.toString()).toBe('"a 1 x"');
    expect((await answerTo(jsonRequest('9007199254740993', 'long'))).content.toString()).toBe(
      '9007199254740994',
    );
    expect((await answerTo(jsonRequest('null', 'list'))).content.toString()).toBe('null');
  });

  test('an exception is its message alone, marked in the header', async () => {
    expect(await answerTo(jsonRequest('"quota"'))).toMatchObject({
      codec: 12,
      status: 0,
      header: [['sofa_head_response_error', 'true']],
      content: Buffer.from('"oops \\"q\\""'),
    });
  });

  test('an unknown service is a marked text', async () => {
    const answer = await answerTo(jsonRequest('"x"', 'greet', 'com.lab.Nobody:1.0'));
    expect(answer).toMatchObject({ codec: 12, status: 0, header: [['sofa_head_response_error', 'true']] });
    expect(JSON.parse(answer.content.toString())).toMatch(
      /^RPC-020100010: RPC cannot find service: \[com\.lab\.Nobody:1\.0\]/,
    );
  });

  test.each([
    ['an unknown method', jsonRequest('"x"', 'nope')],
    ['a wrong number of arguments', jsonRequest('["a"]', 'many')],
    ['text that is no JSON', jsonRequest('{')],
    ['an empty content', jsonRequest('')],
    ['a value of another type', jsonRequest('5')],
  ])('%s is status 18 with a Hessian body, whatever the request was in', async (_what, bytes) => {
    expect(await answerTo(bytes)).toMatchObject({ codec: 1, status: 18, className: SERVER_EXCEPTION });
  });

  test('a Hessian failure is read by a client that asked in JSON', async () => {
    const pair = memoryPair();
    pair.server.add(Json, handlers as never);
    const other = defineService(
      'com.lab.JsonService',
      { nope: { args: [t.String], returns: t.String } },
      { serialization: 'json' },
    );
    await expect(pair.client.service(other).nope('x')).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      message: expect.stringMatching(/Bolt status 18: .*\[com\.lab\.JsonService\]\.\[nope\]/),
    });
  });

  test('an exception without a message is null, and no message here', async () => {
    const { frame, peer, seen } = await requestOf((service) =>
      (service as unknown as { greet(name: string): Promise<string> }).greet('x'),
    );
    peer.write(
      frameOf(
        { proto: 1, type: 0, cmdCode: 2, requestId: frame.requestId, codec: 12, status: 0 },
        RESPONSE,
        [['sofa_head_response_error', 'true']],
        Buffer.from('null'),
      ),
    );
    await settled();
    expect(seen.error).toMatchObject({
      code: 'REMOTE_FAILURE',
      message: '',
      className: 'com.alipay.sofa.rpc.core.exception.SofaRpcException',
    });
  });

  test('that is no JSON fails its own call', async () => {
    const { frame, peer, seen } = await requestOf((service) =>
      (service as unknown as { greet(name: string): Promise<string> }).greet('x'),
    );
    peer.write(
      frameOf(
        { proto: 1, type: 0, cmdCode: 2, requestId: frame.requestId, codec: 12, status: 0 },
        RESPONSE,
        [],
        Buffer.from('<html>'),
      ),
    );
    await settled();
    expect(seen.error).toMatchObject({ code: 'DECODE_FAILED', sent: true, service: Json.id });
  });
});

test('there and back through memory', async () => {
  const pair = memoryPair();
  pair.server.add(Json, handlers as never);
  const service = pair.client.service(Json);
  expect(await service.greet('you')).toBe('hello you');
  expect(await service.none()).toBe(7);
  expect(await service.long(9007199254740993n)).toBe(9007199254740994n);
  const person = {
    id: 2n ** 62n,
    name: '😀',
    color: 'GREEN' as const,
    tags: ['a', null],
    manager: { id: 1n, name: null, color: null, tags: null, manager: null },
  };
  expect(await service.person(person)).toEqual(person);
  await expect(service.greet('quota')).rejects.toMatchObject({ code: 'REMOTE_FAILURE', message: 'oops "q"' });
});

const node = (type: { node: unknown }): SchemaNode => type.node as SchemaNode;

describe('values', () => {
  test.each<[string, { node: unknown }, unknown, string]>([
    ['boolean', t.boolean, true, 'true'],
    ['int', t.int, -5, '-5'],
    ['long', t.long, 2n ** 63n - 1n, '9223372036854775807'],
    ['double', t.double, 1.5, '1.5'],
    ['NaN', t.double, Number.NaN, '"NaN"'],
    ['Infinity', t.double, Number.NEGATIVE_INFINITY, '"-Infinity"'],
    ['char', t.char, '二', '"二"'],
    ['Date', t.Date, new Date(1_700_000_000_000), '1700000000000'],
    ['bytes', t.bytes, Buffer.from([0, 255, 1]), '"AP8B"'],
    ['BigDecimal', t.BigDecimal, new Decimal('1234567890123456789.0100'), '1234567890123456789.0100'],
    ['BigDecimal with zeros at its end', t.BigDecimal, new Decimal('1.10'), '1.10'],
    ['BigInteger', t.BigInteger, 2n ** 100n, '1267650600228229401496703205376'],
    ['enum', Color, 'RED', '"RED"'],
    ['map', t.Map(t.String, t.long), new Map([['a', 1n]]), '{"a":1}'],
    [
      'map with long keys',
      t.Map(t.long, t.String),
      new Map([[9007199254740993n, 'x']]),
      '{"9007199254740993":"x"}',
    ],
    ['set', t.Set(t.int), new Set([1, 2]), '[1,2]'],
    ['optional', t.Optional(t.int), null, 'null'],
    ['nested array', t.array(t.array(t.int)), [[1], []], '[[1],[]]'],
    ['a key named __proto__', t.Map(t.String, t.int), new Map([['__proto__', 1]]), '{"__proto__":1}'],
  ])('%s is written as Jackson writes it, and read back', (_what, type, value, text) => {
    expect(toJson(node(type), value, 'x')).toBe(text);
    expect(fromJson(node(type), parseJson(text), 'x')).toEqual(
      Buffer.isBuffer(value) ? new Uint8Array(value) : value,
    );
  });

  test.each<[string, { node: unknown }, unknown, string]>([
    ['a string for an int', t.int, '5', 'x: expected int, got string'],
    ['an int out of range', t.int, 2 ** 31, 'x: expected int, got number'],
    ['a byte out of range', t.byte, 128, 'x: expected byte, got number'],
    ['a fraction as a long', t.long, 1.5, 'x: expected bigint or safe integer, got number'],
    ['a long out of range', t.long, 2n ** 63n, 'x: expected a 64-bit integer, got bigint'],
    ['null for a primitive', t.int, null, 'x: expected int, got null'],
    ['an unknown constant', Color, 'BLUE', 'x: expected a constant of com.acme.Color, got string'],
    ['a wrong item', t.List(t.String), ['a', 5], 'x[1]: expected string, got number'],
    ['a wrong field', Person, { id: 1, name: 5 }, 'x.name: expected string, got number'],
    ['a wrong map value', t.Map(t.String, t.int), new Map([['a', 'b']]), 'x[a]: expected int, got string'],
    ['an invalid date', t.Date, new Date(Number.NaN), 'x: expected a valid Date, got object'],
    ['an array for an object', Person, [], 'x: expected com.acme.Person, got an array'],
  ])('%s is refused with its path', (_what, type, value, message) => {
    expect(() => toJson(node(type), value, 'x')).toThrow(
      expect.objectContaining({ code: 'ENCODE_FAILED', message }),
    );
  });

  test.each<[string, { node: unknown }, string, string]>([
    ['a string for an int', t.int, '"5"', 'x: expected int, got string'],
    ['a fraction for an int', t.int, '1.5', 'x: expected int, got number'],
    ['an int out of range', t.int, '2147483648', 'x: expected int, got number'],
    ['a fraction for a long', t.long, '1.5', 'x: expected an integer, got number'],
    ['a long out of range', t.long, '9223372036854775808', 'x: expected a 64-bit integer, got number'],
    ['null for a primitive', t.int, 'null', 'x: expected int, got null'],
    ['a long number for a string', t.String, '12345678901234567890', 'x: expected string, got number'],
    ['text for a double', t.double, '"abc"', 'x: expected double, got string'],
    ['text for a BigDecimal', t.BigDecimal, '"abc"', 'x: expected BigDecimal, got string'],
    ['an object for a BigDecimal', t.BigDecimal, '{}', 'x: expected BigDecimal, got object'],
    ['an unknown constant', Color, '"BLUE"', 'x: expected a constant of com.acme.Color, got string'],
    ['a wrong field', Person, '{"id":1,"tags":[1]}', 'x.tags[0]: expected string, got number'],
  ])('%s is no value: refused with its path', (_what, type, text, message) => {
    expect(() => fromJson(node(type), parseJson(text), 'x')).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', message }),
    );
  });

  test('a long may be given as a safe integer', () => {
    expect(toJson(node(t.long), 5, 'x')).toBe('5');
  });

  test('unknown fields are left out, missing ones null', () => {
    expect(fromJson(node(Person), parseJson('{"id":1,"later":true,"__proto__":{"a":1}}'), 'x')).toEqual({
      id: 1n,
      name: null,
      color: null,
      tags: null,
      manager: null,
    });
  });

  test('without a schema: long numbers keep their digits, text stays text, __proto__ is a key', () => {
    const value = fromJson(
      node(t.Object),
      parseJson(
        '{"a":9007199254740993,"b":1.5,"c":"12345678901234567890","d":[1],"__proto__":1,"e":"\\u0000123","f":"\\u0000x"}',
      ),
      'x',
    ) as Record<string, unknown>;
    expect(value.a).toBe(9007199254740993n);
    expect([value.b, value.c, value.d]).toEqual([1.5, '12345678901234567890', [1]]);
    expect([value.e, value.f]).toEqual(['\u0000123', '\u0000x']);
    expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toBe(1);
    expect(fromJson(node(t.String), parseJson('"\\u0000123"'), 'x')).toBe('\u0000123');
  });

  test('a string of many megabytes, and one of many escapes', () => {
    const long = 'x'.repeat(10_000_000);
    expect(fromJson(node(t.String), parseJson(JSON.stringify(long)), 'x')).toBe(long);
    const escaped = '"\\\n'.repeat(1_000_000);
    expect(fromJson(node(t.String), parseJson(JSON.stringify(escaped)), 'x')).toBe(escaped);
  });

  test('nesting past 1,024 is refused, both ways, and a cycle too', () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    expect(() => fromJson(node(t.Object), parseJson(deep), 'x')).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining('1024') }),
    );
    const chain = `${'{"id":1,"manager":'.repeat(3_000)}null${'}'.repeat(3_000)}`;
    expect(() => fromJson(node(Person), parseJson(chain), 'x')).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining('1024') }),
    );
    const cycle: Record<string, unknown> = { id: 1n };
    cycle.manager = cycle;
    expect(() => toJson(node(Person), cycle, 'x')).toThrow(
      expect.objectContaining({ code: 'ENCODE_FAILED', message: expect.stringContaining('1024') }),
    );
    const list: unknown[] = [];
    list.push(list);
    expect(() => toJson(node(t.Object), list, 'x')).toThrow(
      expect.objectContaining({ code: 'ENCODE_FAILED', message: expect.stringContaining('1024') }),
    );
  });

  test('a type without a form that Java reads is refused', () => {
    expect(() => toJson(node(t.LocalDate), {}, 'x')).toThrow(
      expect.objectContaining({
        code: 'ENCODE_FAILED',
        message: expect.stringMatching(/java\.time\.LocalDate has no form in JSON/),
      }),
    );
    expect(() => fromJson(node(t.LocalDate), {}, 'x')).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED' }),
    );
  });
});

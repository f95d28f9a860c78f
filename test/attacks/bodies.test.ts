import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../src/hessian/public.js';
import { java } from '../../src/values/java.js';
import { People } from '../support/people.js';
import { bodyOf, request } from '../support/raw-peer.js';
import { Arena, anyRequest, bytes, int, memory } from './arena.js';

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

const string = (text: string) => bytes(text.length, text);

/** `O` name, the number of fields as it says, the fields that are there. */
const definition = (name: string, count: number, fields: Uint8Array = Buffer.alloc(0)) =>
  bytes(0x4f, int(name.length), name, int(count), fields);

describe('a bad body is a typed error on its own id', () => {
  test.each<[string, Buffer]>([
    [
      'a class definition with 100,000 fields',
      definition('com.acme.Huge', 100_000, Buffer.alloc(200_000, '\x01a')),
    ],
    [
      'a class definition with a million fields',
      definition('com.acme.Huge', 1_000_000, Buffer.alloc(2_000_000, '\x01a')),
    ],
    ['a class definition that only says it has a million', definition('com.acme.Huge', 1_000_000)],
    ['1,025 fields', definition('com.acme.Huge', 1_025, Buffer.alloc(2_050, '\x01a'))],
    ['-1 fields', definition('com.acme.Odd', -1)],
    ['a class name of negative length', bytes(0x4f, int(-1))],
    ['an instance of a class that was not defined', bytes(0x6f, int(99))],
    ['nesting of 4,000', Buffer.alloc(4_000 * 3, 'Vn\x01')],
    ['nesting of 100,000', Buffer.alloc(100_000 * 3, 'Vn\x01')],
    ['nesting of maps', Buffer.alloc(4_000 * 3, 'M\x01a')],
    ['a string chunk that never ends', Buffer.alloc(30_000, 's\x00\x01a')],
    ['a string over the end', bytes(0x53, 0xff, 0xff, 'short')],
    ['binary over the end', bytes(0x42, 0xff, 0xff, 'short')],
    ['a binary chunk that never ends', Buffer.alloc(30_000, 'b\x00\x01a')],
    ['a list of length -1', bytes('Vl', 0xff, 0xff, 0xff, 0xff)],
    ['a list of length 2^31', bytes('Vl', 0x80, 0, 0, 0)],
    ['a list of 2^31 - 1 with one item', bytes('Vl', 0x7f, 0xff, 0xff, 0xff, 'Nz')],
    ['a repeated typed list without its type', bytes('v', int(7), int(1), 'N')],
    ['a list that never ends', bytes('VNNN')],
    ['a map with a key and no value', bytes('M', string('k'))],
    ['a map that never ends', bytes('M', string('k'), 'N')],
    ['a reference to nothing', bytes('J', 99)],
    ['a reference beyond all', bytes('R', 0xff, 0xff, 0xff, 0xff)],
    ['an unknown tag', bytes(0x40)],
    ['a date cut short', bytes('d', 0, 0)],
    ['a long cut short', bytes('L', 0, 0)],
    ['broken UTF-8', bytes(0x02, 0xc3, 0x28)],
    ['nothing', bytes()],
  ])('%s', async (_what, argument) => {
    const answer = await arena.refuses(anyRequest(argument));
    const { message } = decode(answer.content) as Error;
    expect(message.length).toBeGreaterThan(10);
    expect(message.length).toBeLessThan(1000);
    expect(message).not.toMatch(/Maximum call stack|undefined|RangeError|TypeError|\.ts/);
  });

  test('a long path is cut in its message, be it deep or of long names', async () => {
    const key = 'k'.repeat(5_000);
    const level = bytes('M', 0x53, key.length >> 8, key.length & 0xff, key);
    const answer = await arena.refuses(anyRequest(bytes(...Array<Buffer>(100).fill(level), 0x40)));
    expect((decode(answer.content) as Error).message.length).toBeLessThan(1000);
  });

  test('1,000 levels of nesting are no attack', async () => {
    const nested = bytes(Buffer.alloc(1_000 * 3, 'Vn\x01'), 'N', Buffer.alloc(1_000, 'z'));
    expect((await arena.answers(anyRequest(nested))).status).toBe(0);
  });

  test('1,024 fields are no attack', async () => {
    const fields = Buffer.concat(Array.from({ length: 1_024 }, (_, i) => string(`f${i}`)));
    const value = bytes(definition('com.acme.Wide', 1_024, fields), 'o', 0x91, Buffer.alloc(1_024, 'N'));
    expect((await arena.answers(anyRequest(value))).status).toBe(0);
  });
});

test('two definitions of one class with different fields in one body are legal', async () => {
  const first = bytes(definition('com.acme.Twice', 1, string('a')), 'o', 0x91, string('1'));
  const second = bytes(
    definition('com.acme.Twice', 2, bytes(string('b'), string('c'))),
    'o',
    0x92,
    string('2'),
    string('3'),
  );
  const answer = await arena.answers(anyRequest(bytes('Vn', 2, first, second, 'z')));
  expect(bodyOf(answer).appResponse).toMatchObject([{ a: '1' }, { b: '2', c: '3' }]);
});

describe('names that JavaScript gives a meaning', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'valueOf'];

  test.each(names)(
    'a field %s is an own property, and a key of that name an entry; nothing is inherited',
    async (name) => {
      const object = bytes(definition('com.acme.Trap', 1, string(name)), 'o', 0x91, string('polluted'));
      const map = bytes('M', string(name), string('polluted'), 'z');
      const answer = await arena.answers(anyRequest(bytes('Vn', 2, object, map, 'z')));
      const [seenObject, seenMap] = bodyOf(answer).appResponse as [
        Record<string, unknown>,
        Map<string, unknown>,
      ];
      expect(Object.getOwnPropertyDescriptor(seenObject, name)?.value).toBe('polluted');
      expect(seenMap.get(name)).toBe('polluted');
      expect(Object.getPrototypeOf(seenObject)).not.toBe('polluted');
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  test.each(names)('a method or service named %s is not found, like any other', async (name) => {
    await expect(arena.client.invoke(People.id, name, [])).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
    });
    await expect(arena.client.invoke(`${name}:1.0`, 'x', [])).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
    });
    await arena.isUnharmed();
  });
});

test('a graph of shared references, two to the sixtieth if it were a tree, is echoed in its own size', async () => {
  let graph: unknown[] = [];
  for (let i = 0; i < 60; i++) graph = [graph, graph];
  const asked = request({ method: 'any', sigs: ['java.lang.Object'], args: [graph] });
  expect(asked.length).toBeLessThan(1000);
  const answer = await arena.answers(asked);
  expect(answer.content.length).toBeLessThan(1000);
  let depth = 0;
  for (let node = bodyOf(answer).appResponse as unknown[]; node.length > 0; node = node[0] as unknown[]) {
    expect(node[0]).toBe(node[1]);
    depth++;
  }
  expect(depth).toBe(60);
});

test('a graph of shared references where a method wants something else is refused without being written out', async () => {
  let graph: unknown[] = [];
  for (let i = 0; i < 60; i++) graph = [graph, graph];
  await expect(
    arena.client.invoke(People.id, 'add', [java.as('int', graph), java.int(1)]),
  ).rejects.toMatchObject({ code: 'REMOTE_FAILURE', message: expect.stringMatching(/args\[0\]/) });
});

test('30,000 classes on one connection, each seen once: what is kept of them does not grow', async () => {
  const peer = await arena.peer();
  const flood = async (from: number, count: number): Promise<number> => {
    for (let i = from; i < from + count; i += 100) {
      peer.frames.length = 0;
      const batch = Array.from({ length: 100 }, (_, n) => {
        const name = `com.acme.C${i + n}${'x'.repeat(200)}`;
        return anyRequest(bytes(definition(name, 1, string(`f${i + n}`)), 'o', 0x91, 'N'), n + 1);
      });
      peer.write(...batch);
      await peer.received(100);
      expect(peer.frames.filter((frame) => frame.status !== 0)).toEqual([]);
    }
    return memory();
  };
  const first = await flood(0, 10_000);
  const second = await flood(10_000, 10_000);
  const third = await flood(20_000, 10_000);
  // What is kept of a class would show both times; what the test runner itself does with memory shows once.
  expect(Math.min(second - first, third - second)).toBeLessThan(3 * 1024 * 1024);
  await arena.isUnharmed();
});

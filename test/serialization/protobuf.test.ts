import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { loadProtobuf, protobufOf } from '../../src/serialization/protobuf.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { Network, watched } from '../support/network.js';
import { frameOf, RawPeer, REQUEST, RESPONSE, type Seen } from '../support/raw-peer.js';

interface Person {
  id?: bigint | number;
  name?: string;
  color?: string | number;
  tags?: string[];
  manager?: Person;
  scores?: Record<string, number>;
  photo?: Uint8Array;
  weight?: number;
  age?: number;
  active?: boolean;
  colors?: string[];
}

const PROTO = fileURLToPath(new URL('./fixtures/people.proto', import.meta.url));

async function contract() {
  return defineService(
    'lab.People',
    {
      echo: { args: [t.message<Person>('lab.Person')], returns: t.message<Person>('lab.Person') },
      clear: { args: [t.message<Person>('lab.Person')], returns: t.message<object>('lab.Empty') },
      fail: { args: [t.message<object>('lab.Empty')], returns: t.message<object>('lab.Empty') },
    },
    { serialization: await loadProtobuf(PROTO) },
  );
}

let People: Awaited<ReturnType<typeof contract>>;
beforeAll(async () => {
  People = await contract();
});

const handlers = {
  echo: (person: Person) => person,
  clear: () => ({}),
  fail: () => {
    throw new Error('no luck 二');
  },
};

function protoRequest(
  content: Uint8Array,
  method = 'echo',
  header: [string, string][] = [['service', 'lab.People:1.0']],
): Buffer {
  return frameOf(
    { proto: 1, type: 1, cmdCode: 1, requestId: 1, codec: 11, timeout: -1 },
    REQUEST,
    [...header, ['sofa_head_method_name', method], ['target_app', '']],
    content,
  );
}

async function answerTo(bytes: Buffer): Promise<Seen> {
  const server = new MeshServer({ app: 'test' }).add(People, handlers as never);
  const [near, far] = duplexPair();
  server.accept(near, 'raw:1');
  const peer = new RawPeer(far);
  peer.write(bytes);
  return (await peer.received(1))[0];
}

describe('there and back', () => {
  test('every kind of field, one JavaScript type each', async () => {
    const pair = memoryPair();
    pair.server.add(People, handlers as never);
    const person: Person = {
      id: 2n ** 62n + 1n,
      name: '二 😀',
      color: 'GREEN',
      tags: ['a', ''],
      manager: { id: -1n, name: 'boss' },
      scores: { a: -1, __proto__x: 2 },
      photo: Buffer.from([0, 255]),
      weight: 1.5,
      age: 4294967295,
      active: true,
      colors: ['RED', 'GREEN'],
    };
    const back = (await pair.client.service(People).echo(person)) as Person;
    expect(back).toMatchObject({
      id: 2n ** 62n + 1n,
      name: '二 😀',
      color: 'GREEN',
      tags: ['a', ''],
      scores: { a: -1, __proto__x: 2 },
      weight: 1.5,
      age: 4294967295,
      active: true,
      colors: ['RED', 'GREEN'],
    });
    expect(back.manager).toMatchObject({ id: -1n, name: 'boss', color: 'UNKNOWN', active: false });
    expect(Buffer.from(back.photo as Uint8Array)).toEqual(Buffer.from([0, 255]));
  });

  test('absent fields have their defaults; a long may be a safe integer, an enum its number', async () => {
    const pair = memoryPair();
    pair.server.add(People, handlers as never);
    expect(await pair.client.service(People).echo({ id: 5, color: 1 })).toMatchObject({
      id: 5n,
      color: 'RED',
      name: '',
      weight: 0,
      active: false,
      age: 0,
    });
    expect(await pair.client.service(People).echo({})).toMatchObject({ id: 0n, color: 'UNKNOWN' });
    expect(await pair.client.service(People).clear({ name: 'x' })).toEqual({});
  });

  test('on the wire: the bare message, found by the headers', async () => {
    const network = new Network();
    const peers = network.raw('a:1');
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
    });
    const call = watched(client.service(People).echo({ id: 1n, name: 'a' }));
    await settled();
    const [frame] = peers[0].frames;
    expect(frame).toMatchObject({ codec: 11, className: REQUEST });
    expect(frame.content.toString('hex')).toBe('0801120161');
    expect(Object.fromEntries(frame.header)).toMatchObject({
      service: 'lab.People:1.0',
      sofa_head_target_service: 'lab.People:1.0',
      sofa_head_method_name: 'echo',
    });
    peers[0].write(
      frameOf(
        { proto: 1, type: 0, cmdCode: 2, requestId: frame.requestId, codec: 11, status: 0 },
        'any.name.AtAll',
        [],
        frame.content,
      ),
    );
    await settled();
    expect(call.value).toMatchObject({ id: 1n, name: 'a' });
  });

  test('a root that is there already', async () => {
    const { default: protobufjs } = await import('protobufjs');
    const root = protobufjs.parse('syntax = "proto3"; package p; message M { string s = 1; }').root;
    const Service = defineService(
      'p.S',
      { m: { args: [t.message<{ s: string }>('p.M')], returns: t.message<{ s: string }>('p.M') } },
      { serialization: protobufOf(root) },
    );
    const pair = memoryPair();
    pair.server.add(Service, { m: (message) => ({ s: `${message.s}!` }) });
    expect(await pair.client.service(Service).m({ s: 'hi' })).toEqual({ s: 'hi!' });
  });

  test('a root that another copy of protobufjs made, whose classes are not those of the first', async () => {
    const { default: protobufjs } = await import('protobufjs');
    const require = createRequire(import.meta.url);
    for (const path of Object.keys(require.cache))
      if (path.includes('/node_modules/protobufjs/')) delete require.cache[path];
    const other: typeof protobufjs = require('protobufjs');
    expect(other.Enum).not.toBe(protobufjs.Enum);

    const source =
      'syntax = "proto3"; package p; enum Color { NONE = 0; RED = 1; } message M { Color color = 1; }';
    const Service = defineService(
      'p.S',
      { m: { args: [t.message<{ color: string }>('p.M')], returns: t.message<{ color: string }>('p.M') } },
      { serialization: protobufOf(other.parse(source).root) },
    );
    const pair = memoryPair();
    pair.server.add(Service, { m: (message) => message });
    expect(await pair.client.service(Service).m({ color: 'RED' })).toEqual({ color: 'RED' });
    await expect(pair.client.service(Service).m({ color: 'BLUE' })).rejects.toMatchObject({
      message: 'args[0].color: expected a constant of p.Color, got "BLUE"',
    });
  });
});

describe('a wrong value is refused with its path before a byte is sent', () => {
  test.each<[string, unknown, string]>([
    ['a string for an int64', { id: 'abc' }, 'args[0].id: expected int64, got "abc"'],
    ['an unsafe integer', { id: 2 ** 60 }, 'args[0].id: expected int64, got number'],
    ['a bigint beyond 64 bits', { id: 2n ** 63n }, 'args[0].id: expected int64, got bigint'],
    ['a number for a string', { name: 5 }, 'args[0].name: expected string, got number'],
    ['an unknown constant', { color: 'BLUE' }, 'args[0].color: expected a constant of lab.Color, got "BLUE"'],
    [
      'the name of a property of every object',
      { color: 'constructor' },
      'args[0].color: expected a constant of lab.Color, got "constructor"',
    ],
    ['an unknown field', { nick: 'x' }, 'args[0].nick: lab.Person has no such field'],
    [
      'a field named as a property of every object',
      { constructor: 'x' },
      'args[0].constructor: lab.Person has no such field',
    ],
    ['a wrong item', { tags: ['a', 5] }, 'args[0].tags[1]: expected string, got number'],
    ['no array', { tags: 'a' }, 'args[0].tags: expected an array, got "a"'],
    ['a wrong map value', { scores: { a: 1.5 } }, 'args[0].scores["a"]: expected int32, got number'],
    ['a negative uint32', { age: -1 }, 'args[0].age: expected uint32, got number'],
    [
      'a nested one',
      { manager: { manager: { name: true } } },
      'args[0].manager.manager.name: expected string, got boolean',
    ],
    ['a number for a bool', { active: 1 }, 'args[0].active: expected bool, got number'],
    ['a string for bytes', { photo: 'x' }, 'args[0].photo: expected bytes, got "x"'],
    ['null', null, 'args[0]: expected lab.Person, got null'],
    ['an array', [], 'args[0]: expected lab.Person, got an array'],
  ])('%s', async (_what, value, message) => {
    const pair = memoryPair();
    pair.server.add(People, handlers as never);
    await expect(pair.client.service(People).echo(value as Person)).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      sent: false,
      message,
    });
  });

  test('a cycle', async () => {
    const pair = memoryPair();
    pair.server.add(People, handlers as never);
    const person: Person = {};
    person.manager = person;
    await expect(pair.client.service(People).echo(person)).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      sent: false,
    });
    expect(await pair.client.service(People).clear({})).toEqual({});
  });
});

describe('failures', () => {
  test('what a handler throws is its message as bare text, marked in the header', async () => {
    const answer = await answerTo(protoRequest(Buffer.alloc(0), 'fail'));
    expect(answer).toMatchObject({
      codec: 11,
      status: 0,
      className: RESPONSE,
      header: [['sofa_head_response_error', 'true']],
      content: Buffer.from('no luck 二'),
    });
    const pair = memoryPair();
    pair.server.add(People, handlers as never);
    await expect(pair.client.service(People).fail({})).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      message: 'no luck 二',
    });
  });

  test('an unknown method and an unknown service are texts, too', async () => {
    const method = await answerTo(protoRequest(Buffer.alloc(0), 'nothing'));
    expect(method).toMatchObject({ codec: 11, status: 0, header: [['sofa_head_response_error', 'true']] });
    expect(method.content.toString()).toMatch(/^RPC-020100011: .*lab\.People:1\.0.*nothing/);
    const service = await answerTo(protoRequest(Buffer.alloc(0), 'echo', [['service', 'lab.Nobody:1.0']]));
    expect(service.content.toString()).toMatch(
      /^RPC-020100010: RPC cannot find service: \[lab\.Nobody:1\.0\]/,
    );
  });

  test('bytes that are no such message are status 18, and the connection goes on', async () => {
    const answer = await answerTo(protoRequest(Buffer.from([0x0a, 0xff, 0xff])));
    expect(answer).toMatchObject({ codec: 1, status: 18 });
  });

  test('an empty message is a message: all its fields are absent', async () => {
    expect(await answerTo(protoRequest(Buffer.alloc(0)))).toMatchObject({
      status: 0,
      content: Buffer.alloc(0),
    });
  });

  test('a result that is no such message is status 17', async () => {
    const pair = memoryPair();
    pair.server.add(People, { ...handlers, echo: () => ({ id: 'x' }) } as never);
    await expect(pair.client.service(People).echo({})).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      message: expect.stringMatching(/status 17.*result\.id: expected int64/),
    });
  });

  test('messages nested by the thousand are refused, not a stack overflow', async () => {
    let nested = Buffer.alloc(0);
    for (let i = 0; i < 5000; i++) {
      const length: number[] = [];
      for (let rest = nested.length; ; rest >>>= 7) {
        length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
        if (rest <= 0x7f) break;
      }
      nested = Buffer.concat([Buffer.from([0x2a, ...length]), nested]);
    }
    const answer = await answerTo(protoRequest(nested));
    expect(answer).toMatchObject({ codec: 1, status: 18 });
    expect(answer.content.toString('latin1')).not.toContain('Maximum call stack');
  });

  test('python asks with sofa_head_target_service alone: it is served', async () => {
    const answer = await answerTo(
      protoRequest(Buffer.from('0801', 'hex'), 'echo', [['sofa_head_target_service', 'lab.People:1.0']]),
    );
    expect(answer).toMatchObject({ status: 0, content: Buffer.from('0801', 'hex') });
  });

  test('a message that the files do not have, a file that is not there, and one that is wrong', async () => {
    const serialization = await loadProtobuf(PROTO);
    const Wrong = defineService(
      'lab.Wrong',
      { m: { args: [t.message('lab.Nobody')], returns: t.message('lab.Empty') } },
      { serialization },
    );
    expect(() => new MeshServer({ app: 'test' }).add(Wrong, { m: () => ({}) })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('"lab.Nobody"') }),
    );
    await expect(loadProtobuf('/no/such.proto')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('/no/such.proto'),
    });
  });
});

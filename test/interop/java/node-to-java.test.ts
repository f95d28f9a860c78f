// A Node.js client and a real Java provider (sofa-rpc-all 5.13.2).

import { CLASS_NAME, type Client, java, MeshClient, MeshError, RemoteError } from 'sofa-mesh-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Believed,
  Context,
  Faults,
  Graphs,
  Greet,
  GreetBlue,
  GreetSecond,
  Json,
  Notes,
  NotFound,
  Nowhere,
  OpenGraphs,
  Orders,
  People,
  Quota,
  Rejected,
  Slow,
  WrongJson,
} from './contracts.js';
import { type Provider, startProvider, startRelay } from './harness.js';
import {
  chain,
  chainSize,
  digestOf,
  personText,
  ring,
  ringSize,
  summaryOf,
  tree,
  treeSize,
} from './node-services.js';
import { bit, pattern, person, ROWS, rex, text, tom, Values, zoo } from './values.js';

let provider: Provider;
let client: MeshClient;
let people: Client<typeof People>;
let graphs: Client<typeof Graphs>;
let faults: Client<typeof Faults>;
let slow: Client<typeof Slow>;

beforeAll(async () => {
  provider = await startProvider();
  client = new MeshClient({
    app: 'node-consumer',
    registry: `bolt://${provider.address}`,
    timeoutMs: 10_000,
  });
  people = client.service(People);
  graphs = client.service(Graphs);
  faults = client.service(Faults);
  slow = client.service(Slow);
});

afterAll(async () => {
  await client?.close();
  await provider?.jvm.stop();
});

/** A client of its own, for what would disturb the others. */
async function withClient<T>(address: string, use: (own: MeshClient) => Promise<T>): Promise<T> {
  const own = new MeshClient({ app: 'node-consumer', registry: `bolt://${address}` });
  try {
    return await use(own);
  } finally {
    await own.close();
  }
}

async function failureOf(call: Promise<unknown>): Promise<MeshError> {
  try {
    await call;
  } catch (error) {
    if (MeshError.is(error)) return error;
    throw error;
  }
  throw new Error('expected the call to fail');
}

async function remoteFailureOf(call: Promise<unknown>): Promise<RemoteError> {
  const error = await failureOf(call);
  expect(error).toBeInstanceOf(RemoteError);
  return error as RemoteError;
}

describe('types: what Java makes is read, what is written is compared by Java', () => {
  for (const [name, { about, kinds }] of Object.entries(ROWS)) {
    it(about, async () => {
      const values = client.service(Values) as Record<string, (...args: unknown[]) => Promise<unknown>>;
      for (const [kind, make] of Object.entries(kinds)) {
        expect(await values[`make${name}`](kind), `${name}/${kind} made by Java`).toEqual(make());
        expect(await values[`check${name}`](kind, make()), `${name}/${kind} judged by Java`).toBe('ok');
      }
    });
  }
});

describe('calls', () => {
  it('calls a method that the interface inherits', async () => {
    expect(await people.ping()).toBe('pong');
  });

  it('passes all ten fields of a POJO', async () => {
    expect(await people.describe(person('full'))).toBe(
      '9007199254740993|Ann 安|41|1.68|true|1500000000123|GREEN|a,b😀|{chess=-3, go=9}|-',
    );
  });

  it('passes null for every field that may be null', async () => {
    expect(await people.describe({ id: 1n, age: 2, height: 0.5, active: false })).toBe(
      '1|null|2|0.5|false|-|-|-|-|-',
    );
  });

  it('takes a field for left out that every JavaScript object seems to have', async () => {
    const { checkOdd } = client.service(Values) as Record<string, (...args: unknown[]) => Promise<unknown>>;
    expect(await checkOdd('nulls', { $dollar: 0 })).toBe('ok');
  });

  it('passes null for a POJO', async () => {
    expect(await people.describe(null)).toBe('nobody');
  });

  it('takes a safe integer where Java has a long', async () => {
    expect(await people.find(7)).toEqual({ ...person('full'), id: 7n });
  });

  it('reads a POJO that Java made for a long beyond 2^53', async () => {
    expect(await people.find(9007199254740995n)).toEqual({ ...person('full'), id: 9007199254740995n });
  });

  it('reads null where Java returns null', async () => {
    expect(await people.find(0n)).toBeNull();
  });

  it('reads a POJO that Java computed from two others, one nested twice', async () => {
    const boss = person('boss');
    expect(await people.promote(person('full'), boss)).toEqual({
      id: 9007199254740994n,
      name: 'ANN 安',
      age: 42,
      height: 3.36,
      active: false,
      born: new Date(1500000000124),
      color: 'BLUE',
      tags: ['a', 'b😀', 'promoted'],
      scores: new Map([
        ['go', 9],
        ['chess', -3],
        ['rank', 1],
      ]),
      manager: boss,
    });
  });

  it('passes a list of POJOs and reads the list that Java computed', async () => {
    const older = await people.older([person('full'), person('bare')], 30);
    expect(older).toEqual([
      { ...person('bare'), name: 'Ann 安', age: 71 },
      { ...person('bare'), age: 30 },
    ]);
  });

  it('reads a Map of enum constants to lists of POJOs', async () => {
    const of = (color: 'RED' | 'BLUE', age: number) => ({ ...person('bare'), color, age });
    const groups = await people.byColor([of('RED', 0), of('BLUE', 1), of('RED', 2)]);
    expect(groups).toEqual(
      new Map([
        ['RED', [of('RED', 0), of('RED', 2)]],
        ['BLUE', [of('BLUE', 1)]],
      ]),
    );
  });

  it('calls a void method, which resolves to undefined after Java ran it', async () => {
    expect(await people.touch('void mark')).toBeUndefined();
    expect(await people.touched()).toBe('void mark');
  });

  it('chooses an overload by the type of its argument', async () => {
    expect(await people.save(person('bare'))).toBe('person Bob');
    expect(await people.saveAll([person('bare'), null])).toBe('list of 2');
    expect(await people.saveName('Zoe')).toBe('name Zoe');
  });

  it('chooses an overload by the number of its arguments', async () => {
    expect(await people.saveForced(person('bare'), true)).toBe('person Bob by force');
    expect(await people.saveForced(person('bare'), false)).toBe('person Bob gently');
    expect(await people.whichNothing()).toBe('nothing');
  });

  it('tells int from Integer and long from Long', async () => {
    expect(await people.whichInt(5)).toBe('int 5');
    expect(await people.whichInteger(5)).toBe('Integer 5');
    expect(await people.whichLong(5n)).toBe('long 5');
    expect(await people.whichLongBox(5n)).toBe('Long 5');
  });

  it('passes null for a boxed argument', async () => {
    expect(await people.whichInteger(null)).toBe('Integer null');
    expect(await people.whichLongBox(null)).toBe('Long null');
  });

  it('chooses between String, int[], List and Object', async () => {
    expect(await people.whichString('x')).toBe('String x');
    expect(await people.whichArray([1, 2, 3])).toBe('int[] 3');
    expect(await people.whichList(['a', 'b'])).toBe('List 2');
    expect(await people.whichObject(null)).toBe('Object null');
  });

  it('gives a value of no declared type the Java class of its JavaScript type', async () => {
    expect(await people.whichObject(5)).toBe('Object java.lang.Integer 5');
    expect(await people.whichObject(5n)).toBe('Object java.lang.Long 5');
    expect(await people.whichObject(5.5)).toBe('Object java.lang.Double 5.5');
    expect(await people.whichObject('x')).toBe('Object java.lang.String x');
    expect(await people.whichObject([1, 'a'])).toBe('Object java.util.ArrayList [1, a]');
    expect(await people.whichObject(new Map([['k', 1]]))).toBe('Object java.util.HashMap {k=1}');
    expect(await people.whichObject(new Set([1]))).toBe('Object java.util.HashSet [1]');
  });

  it('calls a method of variable arguments with an array', async () => {
    expect(await people.join(['a', 'b', 'c'])).toBe('3:a+b+c');
    expect(await people.join([])).toBe('0:');
  });

  it('passes ten arguments of ten types in their order', async () => {
    const answer = await people.many(
      1,
      -2n,
      1.5,
      true,
      'é',
      person('full'),
      ['g', 'h'],
      new Map([['k', 1]]),
      pattern(4),
      new Date(5),
    );
    expect(answer).toBe('1 -2 1.5 true é Ann 安 [g, h] {k=1} 07264564 5');
  });

  it('passes one object in two arguments as one object, and two equal ones as two', async () => {
    const one = person('full');
    expect(await people.same(one, one)).toBe(true);
    expect(await people.same(one, person('full'))).toBe(false);
  });

  it('passes one object in two fields as one object', async () => {
    const one = person('full');
    expect(await people.samePair({ left: one, right: one })).toBe(true);
    expect(await people.samePair({ left: one, right: person('full') })).toBe(false);
  });

  it('reads one object in two fields as one object', async () => {
    const { left, right } = await people.twins();
    expect(left).toEqual(person('full'));
    expect(left).toBe(right);
  });

  it('passes whole numbers to long and double parameters', async () => {
    expect(await people.widen(3, 2)).toBe(5);
    expect(await people.widen(-3n, 0.25)).toBe(-2.75);
  });

  it('passes text with a surrogate pair on a chunk border unharmed', async () => {
    for (const kind of ['border', 'border1'])
      expect(await people.digest(text(kind))).toBe(digestOf(text(kind)));
  });

  it('reads text with a surrogate pair on a chunk border unharmed', async () => {
    for (const kind of ['border', 'border1']) expect(await people.text(kind)).toBe(text(kind));
  });

  it('passes and reads a lone surrogate', async () => {
    expect(await people.digest(text('lone'))).toBe(digestOf(text('lone')));
    expect(await people.text('lone')).toBe(text('lone'));
  });

  it('passes more than 1 MB of CJK and emoji', async () => {
    const mega = text('mega');
    expect(Buffer.byteLength(mega)).toBeGreaterThan(1 << 20);
    expect(await people.digest(mega)).toBe(digestOf(mega));
  });

  it('reads more than 1 MB of CJK and emoji', async () => {
    expect((await people.text('mega')) === text('mega')).toBe(true);
  });

  it('passes 1 MB of bytes', async () => {
    expect(await people.digestBytes(pattern(1 << 20))).toBe(
      `1048576:${(await import('node:crypto'))
        .createHash('sha256')
        .update(pattern(1 << 20))
        .digest('hex')}`,
    );
  });

  it('reads 1 MB of bytes', async () => {
    expect(Buffer.compare(await people.bytes(1 << 20), pattern(1 << 20))).toBe(0);
  });

  it('reads 300 POJOs that share one of them', async () => {
    const crowd = await people.crowd(300);
    expect(crowd.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, i) => BigInt(i)));
    expect(crowd.slice(1).every(({ manager }) => manager === crowd[0])).toBe(true);
  });

  it('passes 300 POJOs that share one of them', async () => {
    const boss = { ...person('full'), id: 0n };
    const crowd = [
      boss,
      ...Array.from({ length: 299 }, (_, i) => ({ ...person('full'), id: i + 1, manager: boss })),
    ];
    expect(await people.idSum(crowd)).toBe(44_850n);
  });

  it('keeps large answers apart when they are read at the same time', async () => {
    const sizes = Array.from({ length: 40 }, (_, i) => 50_000 + i * 1_000);
    const answers = await Promise.all(sizes.map((size) => people.bytes(size)));
    answers.forEach((bytes, i) => {
      expect(Buffer.compare(bytes, pattern(sizes[i]))).toBe(0);
    });
  });
});

describe('graphs', () => {
  it('passes a subclass, and a subclass of a subclass, where the base is declared', async () => {
    expect(await graphs.animalText(rex())).toBe('Dog Rex 4 Beagle');
    expect(await graphs.animalText(bit())).toBe('Puppy Bit 4 Corgi 7');
    expect(await graphs.animalText(tom())).toBe('Cat Tom 3 true likes Dog Rex 4 Beagle');
  });

  it('reads a list of three subclasses, each as its own class', async () => {
    expect(await graphs.roster()).toEqual([rex(), bit(), tom()]);
  });

  it('reads one subclass object in a field, a List and a Map as one object', async () => {
    const read = await graphs.zoo();
    expect(read).toEqual(zoo());
    expect(read.animals?.[2]).toBe(read.star);
    expect(read.byName?.get('bit')).toBe(read.star);
  });

  it('passes one subclass object in a field, a List and a Map as one object', async () => {
    expect(await graphs.zooText(zoo())).toBe(
      'star Puppy Bit 4 Corgi 7; Dog Rex 4 Beagle; Cat Tom 3 true likes Dog Rex 4 Beagle; ' +
        'Puppy Bit 4 Corgi 7 (star); bit is Puppy Bit 4 Corgi 7 (star)',
    );
  });

  it('reads a ring of objects, of one that holds itself too', async () => {
    for (const size of [1, 3, 50]) expect(ringSize(await graphs.ring(size))).toBe(size);
  });

  it('passes a ring of objects, of one that holds itself too', async () => {
    for (const size of [1, 3, 50]) expect(await graphs.ringSize(ring(size))).toBe(size);
  });

  it('reads a tree whose children know their parent', async () => {
    expect(treeSize(await graphs.tree(3, 4))).toBe(121);
  });

  it('passes a tree whose children know their parent', async () => {
    expect(await graphs.treeSize(tree(3, 4))).toBe(121);
  });

  it('reads 400 objects nested in each other', async () => {
    expect(chainSize(await graphs.chain(400))).toBe(400);
  });

  it('passes 400 objects nested in each other', async () => {
    expect(await graphs.chainSize(chain(400))).toBe(400);
  });

  it('reads and passes a generic class of POJOs whose first item is one of them', async () => {
    const page = await graphs.people(5);
    expect(page.items).toEqual([person('full'), person('bare')]);
    expect(page.first).toBe(page.items?.[0]);
    expect(await graphs.peopleText(page)).toBe(
      `5 false same; ${personText(person('full'))}; ${personText(person('bare'))}`,
    );
  });

  it('reads and passes the same generic class of strings', async () => {
    const page = await graphs.words(9);
    expect(page).toEqual({ total: 9, items: ['one', '二'], first: 'one', last: false });
    expect(await graphs.wordsText({ ...page, last: true })).toBe('9 [one, 二] one true');
  });

  it('reads and passes the generic class nested in itself', async () => {
    const page = await graphs.nested();
    expect(page.items?.[0]?.items).toEqual([1n, 9007199254740993n]);
    expect(await graphs.nestedText(page)).toBe('1 pages, sum 9007199254740994');
  });

  it('refuses a subclass that the contract does not list, with its path', async () => {
    const error = await failureOf(graphs.unlisted());
    expect(error.code).toBe('DECODE_FAILED');
    expect(error.message).toContain('com.lab.Parrot');
  });

  it('keeps a subclass that the contract does not list where it is open', async () => {
    expect(await client.service(OpenGraphs).unlisted()).toEqual({
      name: 'Polly',
      legs: 2,
      phrase: 'hello',
      [CLASS_NAME]: 'com.lab.Parrot',
    });
  });

  it('refuses an enum constant that the contract does not list', async () => {
    expect(await graphs.mood('SAD')).toBe('SAD');
    const error = await failureOf(graphs.mood('CURIOUS'));
    expect(error.code).toBe('DECODE_FAILED');
    expect(error.message).toContain('CURIOUS');
  });

  it('keeps an enum constant that the contract does not list where it is open', async () => {
    expect(await client.service(OpenGraphs).mood('CURIOUS')).toBe('CURIOUS');
  });

  it('passes an enum constant that Java sees as its own', async () => {
    expect(await graphs.moodText('SAD')).toBe('com.lab.Mood.SAD 1');
    expect(await graphs.moodText(null)).toBe('none');
  });
});

describe('failures', () => {
  it('throws a checked exception as the class of the contract, with message and fields', async () => {
    const error = await failureOf(people.find(404n));
    expect(error).toBeInstanceOf(NotFound);
    if (!NotFound.is(error)) throw error;
    expect([error.message, error.id, error.kind]).toEqual(['no person 404', 404n, 'person']);
  });

  it('reads CJK and emoji in an exception message, and a long field at its limit', async () => {
    const error = await failureOf(faults.checked(9223372036854775807n));
    if (!NotFound.is(error)) throw error;
    expect([error.message, error.id]).toEqual([
      'no thing 9223372036854775807 找不到😀',
      9223372036854775807n,
    ]);
  });

  it('throws an unchecked exception with a Map and a POJO in its fields', async () => {
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
  });

  it('throws a subclass of an exception as its own class, and as the base', async () => {
    const error = await failureOf(faults.quota(1n << 40n));
    if (!Quota.is(error)) throw error;
    expect(Rejected.is(error)).toBe(true);
    expect([error.message, error.fields.code, error.limit]).toEqual(['over 1099511627776', 7, 1n << 40n]);
  });

  it('throws an exception that no contract names with its Java class, message and fields', async () => {
    const error = await remoteFailureOf(faults.unlisted());
    expect(error.className).toBe('com.lab.UnlistedException');
    expect(error.message).toBe('not in the contract');
    expect(error.fields).toEqual({ hint: 'look elsewhere' });
  });

  it("throws one of Java's own exceptions with its message", async () => {
    const error = await remoteFailureOf(faults.illegal('坏 state'));
    expect([error.className, error.message]).toEqual(['java.lang.IllegalStateException', '坏 state']);
  });

  it('throws an exception without a message', async () => {
    const error = await remoteFailureOf(faults.nullMessage());
    expect([error.className, error.message]).toEqual(['java.lang.UnsupportedOperationException', '']);
  });

  it('throws a java.lang.Error', async () => {
    const error = await remoteFailureOf(faults.error());
    expect([error.className, error.message]).toEqual([
      'java.lang.AssertionError',
      'an Error, not an Exception',
    ]);
  });

  it("has Java's stack trace beside its own, and knows where the call went", async () => {
    const error = await remoteFailureOf(faults.illegal('where'));
    expect(error.remoteStack).toContain('com.lab.run.Faults.illegal(Faults.java:');
    expect(error.code).toBe('REMOTE_FAILURE');
    expect([error.service, error.method, error.endpoint]).toEqual([
      'com.lab.FaultService:1.0',
      'illegal',
      provider.address,
    ]);
    expect([error.sent, error.retry]).toEqual([true, 'never']);
  });

  it('takes an exception whose cause Java has cut off', async () => {
    const error = await remoteFailureOf(faults.caused());
    expect([error.className, error.message, error.cause]).toEqual([
      'java.lang.IllegalArgumentException',
      'outer',
      undefined,
    ]);
  });

  it('throws what a void method threw', async () => {
    const error = await failureOf(faults.voidFault());
    expect(NotFound.is(error) && error.kind).toBe('void');
  });

  it('reads an object that no contract knows in the fields of an exception', async () => {
    const error = await remoteFailureOf(faults.laden());
    expect([error.className, error.message]).toEqual([
      'com.lab.run.Faults$LadenException',
      'carries a cargo',
    ]);
    expect(error.fields).toEqual({ cargo: { text: 'tea', [CLASS_NAME]: 'com.lab.run.Faults$Cargo' } });
  });

  it('fails with a typed error where Java cannot write its answer', async () => {
    const error = await failureOf(faults.unwritable());
    expect(error.code).toBe('REMOTE_FAILURE');
    expect(error.message).toContain('the bomb cannot be written');
    expect(await faults.fine('after the bomb')).toBe('fine after the bomb');
  });

  it('goes on with the same connection after an exception', async () => {
    await failureOf(faults.checked(1n));
    expect(await faults.fine('again')).toBe('fine again');
    expect(client.stats().connections).toBe(1);
  });

  it('fails with METHOD_NOT_FOUND where Java exports no such method', async () => {
    const error = await failureOf(client.service(Believed).vanished('x'));
    expect(error.code).toBe('METHOD_NOT_FOUND');
    expect(error.message).toContain('vanished');
  });

  it('fails with METHOD_NOT_FOUND where no overload has these argument types', async () => {
    const error = await failureOf(client.invoke('com.lab.PeopleService:1.0', 'which', [java.double(1.5)]));
    expect(error.code).toBe('METHOD_NOT_FOUND');
  });

  it('fails and names the service where Java exports no such service', async () => {
    const error = await failureOf(client.service(Nowhere).any());
    expect(error.message).toContain('com.lab.NowhereService:1.0');
    expect(['METHOD_NOT_FOUND', 'NO_ENDPOINT']).toContain(error.code);
  });

  it('fails with DEADLINE_EXCEEDED at the timeout of the call, and drops the answer that comes late', async () => {
    await withClient(provider.address, async (own) => {
      const mine = own.service(Slow);
      const error = await failureOf(mine.after(400, 'late', { timeoutMs: 60 }));
      expect([error.code, error.sent, error.retry]).toEqual(['DEADLINE_EXCEEDED', true, 'if-idempotent']);
      expect(await mine.after(500, 'on time')).toBe('on time after 500');
      expect(own.stats()).toMatchObject({ connections: 1, pending: 0, lateResponses: 1 });
    });
  });

  it('fails with CANCELLED when the signal of the call is aborted', async () => {
    const abort = new AbortController();
    const call = slow.gate('cancelled', { signal: abort.signal });
    while ((await slow.waiting('cancelled')) === 0);
    abort.abort();
    expect((await failureOf(call)).code).toBe('CANCELLED');
    await slow.open('cancelled');
  });

  it('fails with OVERLOADED where every Java thread is taken', async () => {
    await withClient(provider.busyAddress, async (own) => {
      const mine = own.service(Slow);
      const calls = await Promise.allSettled(Array.from({ length: 8 }, () => mine.after(200, 'x')));
      const codes = calls.map((call) =>
        call.status === 'fulfilled' ? 'ok' : (call.reason as MeshError).code,
      );
      expect(new Set(codes)).toEqual(new Set(['ok', 'OVERLOADED']));
      const refused = calls.find((call) => call.status === 'rejected')?.reason as MeshError;
      expect(refused.retry).toBe('safe');
    });
  });

  it('refuses a wrong value before a byte is sent, with its path', async () => {
    const bad = { ...person('full'), tags: ['a', 7 as unknown as string] };
    const error = await failureOf(people.describe(bad));
    expect([error.code, error.sent]).toEqual(['ENCODE_FAILED', false]);
    expect(error.message).toContain('args[0].tags[1]');
  });

  it('fails with CONNECT_FAILED where nobody listens, and names the address', async () => {
    await withClient('127.0.0.1:1', async (own) => {
      const error = await failureOf(own.service(People).ping());
      expect([error.code, error.sent, error.retry]).toEqual(['CONNECT_FAILED', false, 'safe']);
      expect(error.message).toContain('127.0.0.1:1');
    });
  });
});

describe('services, metadata and one-way calls', () => {
  it('tells services apart by uniqueId and version', async () => {
    expect(await client.service(Greet).greet('a')).toBe('plain greets a');
    expect(await client.service(GreetBlue).greet('b')).toBe('blue greets b');
    expect(await client.service(GreetSecond).greet('c')).toBe('second greets c');
  });

  it('shares one connection between all services', async () => {
    await withClient(provider.address, async (own) => {
      await Promise.all([
        own.service(People).ping(),
        own.service(Greet).greet('x'),
        own.service(Faults).fine('y'),
        own.service(Slow).after(1, 'z'),
      ]);
      expect(own.stats().connections).toBe(1);
    });
  });

  it("sends metadata as Bolt headers that Java's provider sees", async () => {
    const context = client.service(Context);
    expect(await context.header('x-tenant', { metadata: { 'x-tenant': 'acme 甲' } })).toBe('acme 甲');
    expect(await context.header('x-tenant')).toBeNull();
  });

  it("sends metadata as requestProps that a filter of Java's sees", async () => {
    const props = await client.service(Context).props({ metadata: { 'x-tenant': 'acme' } });
    expect(props.get('x-tenant')).toBe('acme');
  });

  it('sends the headers that every SOFARPC client sends', async () => {
    const headers = await client.service(Context).headers();
    expect(Object.fromEntries(headers)).toMatchObject({
      service: 'com.lab.ContextService:1.0',
      sofa_head_target_service: 'com.lab.ContextService:1.0',
      sofa_head_method_name: 'headers',
      app: 'node-consumer',
      protocol: 'bolt',
      type: 'sync',
    });
  });

  it('sends baggage and reads the baggage of the response', async () => {
    const { value, reply } = await client
      .service(Context)
      .baggage.withReply('who', { metadata: { 'rpc_req_baggage.who': 'node' } });
    expect(value).toBe('node');
    expect(reply.metadata['rpc_resp_baggage.answer']).toBe('for node');
    expect([reply.path, reply.endpoint?.address]).toEqual(['direct', provider.address]);
  });

  it('sends one-way calls that Java runs and never answers', async () => {
    const notes = client.service(Notes);
    const before = await notes.count();
    for (const mark of ['a', 'b', 'c']) await notes.note(`one way ${mark}`);
    while ((await notes.count()) < before + 3);
    expect((await notes.notes()).slice(before).sort()).toEqual(['one way a', 'one way b', 'one way c']);
    expect(client.stats().pending).toBe(0);
  });

  it('does not hear of a one-way call that fails in Java', async () => {
    const notes = client.service(Notes);
    const before = await notes.count();
    await notes.failingNote('fails');
    while ((await notes.count()) < before + 1);
    expect(await people.ping()).toBe('pong');
  });
});

describe('without a contract', () => {
  it('invokes with java.* values and reads the plain form', async () => {
    expect(await client.invoke('com.lab.PeopleService:1.0', 'which', [java.int(5)])).toBe('int 5');
    expect(await client.invoke('com.lab.PeopleService:1.0', 'which', [java.long(5n)])).toBe('long 5');
    expect(await client.invoke('com.lab.PeopleService:1.0', 'which', ['x'])).toBe('String x');
  });

  it('reads a POJO as a plain object that knows its class', async () => {
    const found = await client.invoke('com.lab.PeopleService:1.0', 'find', [java.long(8n)]);
    expect(found).toEqual({
      ...person('full'),
      id: 8n,
      color: { name: 'GREEN', [CLASS_NAME]: 'com.lab.Color' },
      [CLASS_NAME]: 'com.lab.Person',
    });
  });

  it('passes a POJO made of java.object', async () => {
    const value = java.object('com.lab.Person', { id: java.long(3n), name: 'Untyped', age: java.int(4) });
    expect(await client.invoke('com.lab.PeopleService:1.0', 'describe', [value])).toBe(
      '3|Untyped|4|0.0|false|-|-|-|-|-',
    );
  });

  it('passes back what it read', async () => {
    const found = await client.invoke('com.lab.PeopleService:1.0', 'find', [java.long(8n)]);
    expect(await client.invoke('com.lab.PeopleService:1.0', 'describe', [found])).toBe(
      personText({ ...person('full'), id: 8n }),
    );
  });

  it('throws what Java threw, with its fields', async () => {
    const error = await remoteFailureOf(
      client.invoke('com.lab.PeopleService:1.0', 'find', [java.long(404n)]),
    );
    expect([error.className, error.message]).toEqual(['com.lab.NotFoundException', 'no person 404']);
    expect(error.fields).toEqual({ id: 404n, kind: 'person' });
  });

  it('invokes a service of another uniqueId', async () => {
    expect(await client.invoke('com.lab.GreetService:1.0:blue', 'greet', ['u'])).toBe('blue greets u');
  });

  it('invokes one way', async () => {
    const notes = client.service(Notes);
    const before = await notes.count();
    await client.invoke('com.lab.NoteService:1.0', 'note', ['untyped one way'], { oneway: true });
    while ((await notes.count()) < before + 1);
    expect((await notes.notes()).at(-1)).toBe('untyped one way');
  });
});

describe('json', () => {
  it('passes one POJO as a bare object', async () => {
    expect(await client.service(Json).describe({ ...person('full'), id: 5n })).toBe(
      personText({ ...person('full'), id: 5n }),
    );
  });

  it('passes several arguments as an array', async () => {
    expect(await client.service(Json).join('a', 1, ['x', '二'])).toBe('a 1 [x, 二]');
  });

  it('passes one list as a bare array and reads a Map', async () => {
    expect(await client.service(Json).count(['a', 'b', 'a'])).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    );
  });

  it('passes no argument', async () => {
    expect(await client.service(Json).none()).toBe('no arguments');
  });

  it('reads a POJO with its long, Date, enum, List and Map as of the contract', async () => {
    expect(await client.service(Json).find(5n)).toEqual({ ...person('full'), id: 5n });
  });

  it('passes and reads a long beyond 2^53 exactly', async () => {
    const beyond = { ...person('full'), id: 9007199254740993n };
    expect(await client.service(Json).describe(beyond)).toBe(personText(beyond));
    expect((await client.service(Json).find(9007199254740993n))?.id).toBe(9007199254740993n);
  });

  it('reads a list of POJOs', async () => {
    const crowd = await client.service(Json).crowd(3);
    expect(crowd).toEqual([0n, 1n, 2n].map((id) => ({ ...person('bare'), id })));
  });

  it("fails with Java's message where the method threw", async () => {
    const error = await remoteFailureOf(client.service(Json).fail('oops "q" 坏'));
    expect(error.message).toBe('oops "q" 坏');
  });

  it('fails with what Java says, in Hessian, of a request that it cannot read', async () => {
    const error = await failureOf(client.service(WrongJson).join('a'));
    expect(error.code).toBe('REMOTE_FAILURE');
    expect(error.message).toContain('JSON data must be json array');
  });

  it('fails where Java finds no method of that name', async () => {
    const error = await failureOf(client.service(WrongJson).vanished());
    expect(error.message).toContain('vanished');
  });
});

describe('protobuf', () => {
  const order = {
    id: 9007199254740993n,
    title: '订单 😀',
    items: [
      { name: 'apple', amount: 3n },
      { name: 'pear', amount: 1n << 40n },
    ],
    level: 'HIGH' as const,
    blob: pattern(5),
    counts: { a: 1, b: -2 },
    price: 1.5,
  };

  it('passes and reads a message with every sort of field', async () => {
    const summary = await client.service(Orders).summarize(order);
    expect(summary).toEqual(summaryOf(order));
    expect(summary.text).toBe('9007199254740993 订单 😀 HIGH apple pear {a=1, b=-2} 1.5');
  });

  it('reads the defaults of fields that were not sent', async () => {
    const summary = await client.service(Orders).summarize({ id: 1n });
    expect(summary).toMatchObject({ text: '1  LOW {} 0.0', total: 0n, level: 'LOW' });
    expect(summary.blob).toHaveLength(0);
  });

  it("fails with Java's message where the method threw", async () => {
    const error = await remoteFailureOf(client.service(Orders).summarize({ id: 13n, fail: true }));
    expect(error.message).toBe('order 13 失败');
  });
});

describe('many calls and changing connections', () => {
  it('takes answers in the order in which Java gives them', async () => {
    const order: string[] = [];
    const keep = (text: string | null) => order.push(text!);
    await Promise.all([slow.after(300, 'slow').then(keep), slow.after(1, 'fast').then(keep)]);
    expect(order).toEqual(['fast after 1', 'slow after 300']);
    expect(client.stats().connections).toBe(1);
  });

  it('matches 10,000 calls at concurrency 128 to answers that overtake each other', async () => {
    let next = 0;
    let latest = -1;
    let overtaken = 0;
    const worker = async () => {
      while (next < 10_000) {
        const n = next;
        next += 1;
        expect(await slow.overtake(n)).toBe(n + 1);
        if (latest > n) overtaken += 1;
        latest = Math.max(latest, n);
      }
    };
    const { lateResponses } = client.stats();
    await Promise.all(Array.from({ length: 128 }, worker));
    expect(overtaken).toBeGreaterThan(100);
    expect(client.stats()).toEqual({ connections: 1, pending: 0, lateResponses });
  });

  it('lets Java finish a call that runs while its server is stopped', async () => {
    const port = (await provider.jvm.value({ cmd: 'start', name: 'stopped' })) as number;
    await withClient(`127.0.0.1:${port}`, async (own) => {
      const running = own.service(Slow).after(700, 'finished');
      while ((await own.service(Slow).overtake(2)) !== 3);
      const stopped = provider.jvm.value({ cmd: 'stop', name: 'stopped' });
      expect(await running).toBe('finished after 700');
      await stopped;
    });
  });

  it('fails, safe to retry, what a stopped Java server refuses on a connection it leaves open', async () => {
    const port = (await provider.jvm.value({ cmd: 'start', name: 'refusing' })) as number;
    await withClient(`127.0.0.1:${port}`, async (own) => {
      expect(await own.service(People).ping()).toBe('pong');
      await provider.jvm.value({ cmd: 'stop', name: 'refusing' });
      const error = await failureOf(own.service(People).ping());
      // Its thread pool is shut down a moment after it says that it has stopped.
      expect(['SHUTTING_DOWN', 'OVERLOADED']).toContain(error.code);
      expect(error.retry).toBe('safe');
    });
  });

  it('says of a call whose connection was cut that it may have run, and connects again', async () => {
    const relay = await startRelay(provider.address);
    try {
      await withClient(relay.address, async (own) => {
        const mine = own.service(Slow);
        const running = failureOf(mine.gate('cut'));
        while ((await slow.waiting('cut')) === 0);
        relay.cut();
        const error = await running;
        expect([error.code, error.sent, error.retry]).toEqual(['CONNECTION_LOST', true, 'if-idempotent']);
        expect(await own.service(People).ping()).toBe('pong');
        await slow.open('cut');
      });
    } finally {
      await relay.close();
    }
  });
});

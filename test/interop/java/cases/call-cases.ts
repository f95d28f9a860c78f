import { expect } from 'vitest';
import { digestOf } from '../node-services.js';
import { pattern, person, text, Values } from '../values.js';
import type { Cases } from './support.js';

export const CALLS: Cases = {
  'calls a method that the interface inherits': async ({ people }) => {
    expect(await people.ping()).toBe('pong');
  },

  'passes all ten fields of a POJO': async ({ people }) => {
    expect(await people.describe(person('full'))).toBe(
      '9007199254740993|Ann 安|41|1.68|true|1500000000123|GREEN|a,b😀|{chess=-3, go=9}|-',
    );
  },

  'passes null for every field that may be null': async ({ people }) => {
    expect(await people.describe({ id: 1n, age: 2, height: 0.5, active: false })).toBe(
      '1|null|2|0.5|false|-|-|-|-|-',
    );
  },

  'takes a field for left out that every JavaScript object seems to have': async ({ client }) => {
    const { checkOdd } = client.service(Values) as Record<string, (...args: unknown[]) => Promise<unknown>>;
    expect(await checkOdd('nulls', { $dollar: 0 })).toBe('ok');
  },

  'passes null for a POJO': async ({ people }) => {
    expect(await people.describe(null)).toBe('nobody');
  },

  'takes a safe integer where the contract has a long': async ({ people }) => {
    expect(await people.find(7)).toEqual({ ...person('full'), id: 7n });
  },

  'reads a POJO that the provider made for a long beyond 2^53': async ({ people }) => {
    expect(await people.find(9007199254740995n)).toEqual({ ...person('full'), id: 9007199254740995n });
  },

  'reads null where the provider returns null': async ({ people }) => {
    expect(await people.find(0n)).toBeNull();
  },

  'reads a POJO that the provider computed from two others, one nested twice': async ({ people }) => {
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
  },

  'passes a list of POJOs and reads the list that the provider computed': async ({ people }) => {
    const older = await people.older([person('full'), person('bare')], 30);
    expect(older).toEqual([
      { ...person('bare'), name: 'Ann 安', age: 71 },
      { ...person('bare'), age: 30 },
    ]);
  },

  'reads a Map of enum constants to lists of POJOs': async ({ people }) => {
    const of = (color: 'RED' | 'BLUE', age: number) => ({ ...person('bare'), color, age });
    const groups = await people.byColor([of('RED', 0), of('BLUE', 1), of('RED', 2)]);
    expect(groups).toEqual(
      new Map([
        ['RED', [of('RED', 0), of('RED', 2)]],
        ['BLUE', [of('BLUE', 1)]],
      ]),
    );
  },

  'calls a void method, which resolves to undefined after it ran': async ({ people }) => {
    expect(await people.touch('void mark')).toBeUndefined();
    expect(await people.touched()).toBe('void mark');
  },

  'chooses an overload by the type of its argument': async ({ people }) => {
    expect(await people.save(person('bare'))).toBe('person Bob');
    expect(await people.saveAll([person('bare'), null])).toBe('list of 2');
    expect(await people.saveName('Zoe')).toBe('name Zoe');
  },

  'chooses an overload by the number of its arguments': async ({ people }) => {
    expect(await people.saveForced(person('bare'), true)).toBe('person Bob by force');
    expect(await people.saveForced(person('bare'), false)).toBe('person Bob gently');
    expect(await people.whichNothing()).toBe('nothing');
  },

  'tells int from Integer and long from Long': async ({ people }) => {
    expect(await people.whichInt(5)).toBe('int 5');
    expect(await people.whichInteger(5)).toBe('Integer 5');
    expect(await people.whichLong(5n)).toBe('long 5');
    expect(await people.whichLongBox(5n)).toBe('Long 5');
  },

  'passes null for a boxed argument': async ({ people }) => {
    expect(await people.whichInteger(null)).toBe('Integer null');
    expect(await people.whichLongBox(null)).toBe('Long null');
  },

  'chooses between String, int[], List and Object': async ({ people }) => {
    expect(await people.whichString('x')).toBe('String x');
    expect(await people.whichArray([1, 2, 3])).toBe('int[] 3');
    expect(await people.whichList(['a', 'b'])).toBe('List 2');
    expect(await people.whichObject(null)).toBe('Object null');
  },

  'calls a method of variable arguments with an array': async ({ people }) => {
    expect(await people.join(['a', 'b', 'c'])).toBe('3:a+b+c');
    expect(await people.join([])).toBe('0:');
  },

  'passes ten arguments of ten types in their order': async ({ people }) => {
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
  },

  'passes one object in two arguments as one object, and two equal ones as two': async ({ people }) => {
    const one = person('full');
    expect(await people.same(one, one)).toBe(true);
    expect(await people.same(one, person('full'))).toBe(false);
  },

  'passes one object in two fields as one object': async ({ people }) => {
    const one = person('full');
    expect(await people.samePair({ left: one, right: one })).toBe(true);
    expect(await people.samePair({ left: one, right: person('full') })).toBe(false);
  },

  'reads one object in two fields as one object': async ({ people }) => {
    const { left, right } = await people.twins();
    expect(left).toEqual(person('full'));
    expect(left).toBe(right);
  },

  'passes whole numbers to long and double parameters': async ({ people }) => {
    expect(await people.widen(3, 2)).toBe(5);
    expect(await people.widen(-3n, 0.25)).toBe(-2.75);
  },

  'passes text with a surrogate pair on a chunk border unharmed': async ({ people }) => {
    for (const kind of ['border', 'border1'])
      expect(await people.digest(text(kind))).toBe(digestOf(text(kind)));
  },

  'reads text with a surrogate pair on a chunk border unharmed': async ({ people }) => {
    for (const kind of ['border', 'border1']) expect(await people.text(kind)).toBe(text(kind));
  },

  'passes and reads a lone surrogate': async ({ people }) => {
    expect(await people.digest(text('lone'))).toBe(digestOf(text('lone')));
    expect(await people.text('lone')).toBe(text('lone'));
  },

  'passes more than 1 MB of CJK and emoji': async ({ people }) => {
    const mega = text('mega');
    expect(Buffer.byteLength(mega)).toBeGreaterThan(1 << 20);
    expect(await people.digest(mega)).toBe(digestOf(mega));
  },

  'reads more than 1 MB of CJK and emoji': async ({ people }) => {
    expect((await people.text('mega')) === text('mega')).toBe(true);
  },

  'passes 1 MB of bytes': async ({ people }) => {
    expect(await people.digestBytes(pattern(1 << 20))).toBe(
      `1048576:${(await import('node:crypto'))
        .createHash('sha256')
        .update(pattern(1 << 20))
        .digest('hex')}`,
    );
  },

  'reads 1 MB of bytes': async ({ people }) => {
    expect(Buffer.compare(await people.bytes(1 << 20), pattern(1 << 20))).toBe(0);
  },

  'reads 300 POJOs that share one of them': async ({ people }) => {
    const crowd = await people.crowd(300);
    expect(crowd.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, i) => BigInt(i)));
    expect(crowd.slice(1).every(({ manager }) => manager === crowd[0])).toBe(true);
  },

  'passes 300 POJOs that share one of them': async ({ people }) => {
    const boss = { ...person('full'), id: 0n };
    const crowd = [
      boss,
      ...Array.from({ length: 299 }, (_, i) => ({ ...person('full'), id: i + 1, manager: boss })),
    ];
    expect(await people.idSum(crowd)).toBe(44_850n);
  },

  'keeps large answers apart when they are read at the same time': async ({ people }) => {
    const sizes = Array.from({ length: 40 }, (_, i) => 50_000 + i * 1_000);
    const answers = await Promise.all(sizes.map((size) => people.bytes(size)));
    answers.forEach((bytes, i) => {
      expect(Buffer.compare(bytes, pattern(sizes[i]))).toBe(0);
    });
  },
};

export const JAVA_CALLS: Cases = {
  'gives a value of no declared type the Java class of its JavaScript type': async ({ people }) => {
    expect(await people.whichObject(5)).toBe('Object java.lang.Integer 5');
    expect(await people.whichObject(5n)).toBe('Object java.lang.Long 5');
    expect(await people.whichObject(5.5)).toBe('Object java.lang.Double 5.5');
    expect(await people.whichObject('x')).toBe('Object java.lang.String x');
    expect(await people.whichObject([1, 'a'])).toBe('Object java.util.ArrayList [1, a]');
    expect(await people.whichObject(new Map([['k', 1]]))).toBe('Object java.util.HashMap {k=1}');
    expect(await people.whichObject(new Set([1]))).toBe('Object java.util.HashSet [1]');
  },
};

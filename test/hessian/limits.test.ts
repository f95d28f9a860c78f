import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { t } from '../../src/contract/t.js';
import { ClassDef } from '../../src/hessian/class-def.js';
import { CodecCache } from '../../src/hessian/compile.js';
import { createReader, type HessianReader } from '../../src/hessian/reader.js';
import { skipValue } from '../../src/hessian/skip.js';
import { writeAny } from '../../src/hessian/untyped-write.js';
import { WireClassCache } from '../../src/hessian/wire-class.js';
import { createWriter, type HessianWriter } from '../../src/hessian/writer.js';
import { read, write } from './typed.js';

const Chain = defineClass('com.acme.Chain', {
  get next() {
    return Chain;
  },
});
const chain = new ClassDef('com.acme.Chain', ['next']);
const Empty = defineClass('com.acme.Empty', { a: t.int });

describe.each(['sofa', 'final'] as const)('limits in the grammar %s', (grammar) => {
  const bytesOf = (build: (w: HessianWriter) => void) => {
    const w = createWriter(grammar);
    build(w);
    return Buffer.from(w.out.written());
  };
  const nested = (depth: number) =>
    bytesOf((w) => {
      for (let i = 0; i < depth; i++) w.writeObjectBegin(chain);
      w.writeNull();
    });
  const defined = (fields: number, declared = fields) =>
    bytesOf((w) => {
      w.writeObjectBegin(
        new ClassDef(
          'com.acme.Empty',
          Array.from({ length: fields }, (_, i) => `f${i}`),
        ),
      );
      expect(declared).toBe(fields);
      for (let i = 0; i < fields; i++) w.writeInt(i);
    });

  it('objects may nest 1,024 deep, typed, untyped and skipped', () => {
    for (const depth of [1024, 1025, 100_000]) {
      const bytes = nested(depth);
      const readers: ((r: HessianReader) => unknown)[] = [
        (r) => new CodecCache(grammar).compile(Chain.node).read(r),
        (r) => new CodecCache(grammar).compile(t.Object.node).read(r),
        skipValue,
      ];
      for (const readIt of readers) {
        const r = createReader(grammar);
        r.reset(bytes);
        if (depth === 1024) readIt(r);
        else expect(() => readIt(r)).toThrow(/^\$.*: values nest deeper than 1024$/);
      }
    }
  });

  it('a class may have 1,024 fields', () => {
    expect(read(Empty, grammar, defined(1024))).toEqual({ a: 0 });
    expect(() => read(Empty, grammar, defined(1025))).toThrow('defined with 1025 fields; the limit is 1024');
  });

  it('a reader remembers a bounded number of classes', () => {
    const known = new WireClassCache();
    const r = createReader(grammar, known);
    const classes = Array.from({ length: 20_000 }, (_, i) =>
      bytesOf((w) => w.writeObjectBegin(new ClassDef(`com.acme.gen.Class${i}`, ['someField', 'otherField']))),
    );
    const readClass = (bytes: Buffer) => {
      r.reset(bytes);
      return r.readClass(r.readTag());
    };
    const first = classes.map(readClass);
    expect(first.map(({ name }) => name)).toEqual(classes.map((_, i) => `com.acme.gen.Class${i}`));
    const kept = classes
      .toReversed()
      .filter((bytes, i) => readClass(bytes) === first[classes.length - 1 - i]);
    expect(kept.length).toBeGreaterThan(50);
    expect(kept.length).toBeLessThanOrEqual(256);
  });

  it('what was skipped is read again for references within a budget', () => {
    // Skipped: lists inside lists, each with some bytes. Then references to all of them, the innermost first.
    const lists: unknown[][] = [];
    let inner: unknown[] = [];
    for (let i = 0; i < 500; i++) {
      lists.push(inner);
      inner = [inner, Buffer.alloc(100)];
    }
    const bytes = bytesOf((w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.acme.Holder', ['unknown', 'list']));
      writeAny(w, inner);
      writeAny(w, lists);
    });
    for (const item of [t.Object, t.List(t.Object)]) {
      const Holder = defineClass('com.acme.Holder', { list: t.List(item as typeof t.Object) });
      expect(() => read(Holder, grammar, bytes)).toThrow(
        /^\$\.list\[\d+\].*: too many references into fields/,
      );
    }
  });

  it('references from one skipped object to the one before may be followed 64 times', () => {
    const objects = (count: number) =>
      bytesOf((w) => {
        w.skipRefs(1);
        w.writeObjectBegin(new ClassDef('com.acme.Holder', ['unknown', 'last']));
        const marked = w.beginList(null, count);
        w.skipRefs(1);
        for (let i = 0; i < count; i++) {
          w.skipRefs(1);
          w.writeObjectBegin(chain);
          if (i === 0) w.writeNull();
          else w.writeRef(1 + i);
        }
        w.endList(marked);
        w.writeRef(1 + count);
      });
    const Holder = defineClass('com.acme.Holder', { last: Chain });
    let value = read(Holder, grammar, objects(64)) as { last: unknown } | null;
    let length = 0;
    for (let next = value?.last as { next: unknown } | null; next !== null; length++)
      next = next.next as typeof next;
    expect(length).toBe(64);
    value = null;
    for (const count of [65, 20_000]) {
      expect(() => read(Holder, grammar, objects(count))).toThrow(/: too many references into fields/);
    }
  });

  it('lengths are not believed before the bytes are there', () => {
    const list = (length: number) =>
      grammar === 'sofa'
        ? Buffer.from([0x56, 0x6c, length >> 24, length >> 16, length >> 8, length, 0x91])
        : Buffer.from([0x58, 0x49, length >> 24, length >> 16, length >> 8, length, 0x91]);
    for (const length of [-1, 2 ** 31 - 1, 1000]) {
      expect(() => read(t.List(t.int), grammar, list(length))).toThrow(/^\$: a list of -?\d+ items/);
      expect(() => read(t.Set(t.int), grammar, list(length))).toThrow(/^\$: a list of/);
    }
    expect(() => read(t.String, grammar, Buffer.from('53ffff61', 'hex'))).toThrow(
      'does not fit in the 1 bytes left',
    );
    expect(() => read(t.bytes, grammar, Buffer.from('42ffff61', 'hex'))).toThrow(
      'the bytes end inside a value',
    );
    const r = createReader(grammar);
    r.reset(Buffer.from('0361626364', 'hex'), 0, 3);
    expect(() => r.readString(r.readTag())).toThrow('does not fit in the 2 bytes left');
    // Continuation bytes that run past the end, into what another message may have left there.
    const memory = Buffer.from('03e4b8ade4b8ade4b8ade4b8ad', 'hex');
    r.reset(memory, 0, 8);
    expect(() => r.readString(r.readTag())).toThrow('the bytes end inside a string');
  });

  it('a class or type that was not defined, a reference to nothing', () => {
    const objects = grammar === 'sofa' ? '6f90' : '60';
    expect(() => read(Empty, grammar, objects)).toThrow('class 0 is used before it is defined');
    const types = grammar === 'sofa' ? '769090' : '7090';
    expect(() => read(t.List(t.int), grammar, types)).toThrow('type 0 is used before it is named');
    const refs = grammar === 'sofa' ? '4a00' : '5190';
    expect(() => read(Empty, grammar, refs)).toThrow('reference 0 points at nothing');
    const own = bytesOf((w) => {
      w.writeObjectBegin(chain);
      w.writeRef(1);
    });
    expect(() => read(Chain, grammar, own)).toThrow(
      '$.next: reference 1 points at nothing: 1 values were read',
    );
  });

  it('a graph that refers to everything twice is read in linear time and stays a graph', () => {
    const Pair = defineClass('com.acme.Pair', {
      get a() {
        return Pair;
      },
      get b() {
        return Pair;
      },
    });
    type Pair = { a: Pair | null; b: Pair | null };
    let root: Pair = { a: null, b: null };
    for (let i = 0; i < 500; i++) root = { a: root, b: root };
    const bytes = write(Pair, grammar, root);
    expect(bytes.length).toBeLessThan(4000);
    let value = read(Pair, grammar, bytes) as Pair;
    for (let i = 0; i < 500; i++) {
      expect(value.a).toBe(value.b);
      value = value.a as Pair;
    }
  });
});

// What the typed encoder writes, decoded by the real Hessian library (3.5.5, with SOFARPC's own serializer factory), and
// what that library writes, decoded by the typed decoder. No RPC: bytes and a judge.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/core/bytes.js';
import { compile } from '../../../src/hessian/compile.js';
import { createReader } from '../../../src/hessian/reader.js';
import { createWriter } from '../../../src/hessian/writer.js';
import type { SchemaNode } from '../../../src/values/schema.js';
import { Node } from './contracts.js';
import { type Jvm, startPeer } from './harness.js';
import { ring, tree } from './node-services.js';
import { arbitraryOf, canonicalOf, type Json, normal } from './schema-values.js';
import { ROWS } from './values.js';

let peer: Jvm;

beforeAll(async () => {
  peer = await startPeer();
});

afterAll(async () => {
  await peer?.stop();
});

const RUNS = 40;
/** Their values have no schema, so that nothing says what Java must make of a number. */
const WITHOUT_SCHEMA = new Set(['Object', 'ObjectArray']);
const TYPES = Object.entries(ROWS).filter(([name]) => !WITHOUT_SCHEMA.has(name));

function encode(node: SchemaNode, value: unknown): string {
  const writer = createWriter('sofa', new ByteWriter(256));
  compile(node, 'sofa').write(writer, value);
  return writer.out.written().toString('hex');
}

function decode(node: SchemaNode, hex: string): unknown {
  const bytes = Buffer.from(hex, 'hex');
  const reader = createReader('sofa');
  reader.reset(bytes, 0, bytes.length);
  const value = compile(node, 'sofa').read(reader);
  expect(reader.atEnd).toBe(true);
  return value;
}

interface Judgement {
  readonly json: Json;
  /** The value as Java writes it again. */
  readonly again: string;
  readonly error?: string;
}

async function judge(items: { hex: string; type?: string }[]): Promise<Judgement[]> {
  const judgements = (await peer.value({ cmd: 'decode', items })) as Judgement[];
  for (const { error } of judgements)
    if (error !== undefined) throw new Error(`Java cannot read it: ${error}`);
  return judgements;
}

describe('random values that the typed encoder writes: Java reads the same value, and what Java writes again is read', () => {
  for (const [name, { about, type }] of TYPES) {
    it(about, async () => {
      const { node } = type;
      const property = fc.asyncProperty(arbitraryOf(node), async (value) => {
        const expected = normal(canonicalOf(node, value));
        const [{ json, again }] = await judge([{ hex: encode(node, value), type: name }]);
        expect(normal(json)).toBe(expected);
        expect(normal(canonicalOf(node, decode(node, again)))).toBe(expected);
      });
      await fc.assert(property, { numRuns: RUNS });
    });
  }
});

describe('random values that Java writes: the typed decoder reads the same value, and Java reads what is written of it', () => {
  for (const [name, { about, type }] of TYPES) {
    it(about, async () => {
      const { node } = type;
      const property = fc.asyncProperty(fc.integer(), async (seed) => {
        const made = (await peer.value({ cmd: 'random', type: name, seed, count: 4 })) as {
          hex: string;
          json: Json;
        }[];
        const values = made.map(({ hex }) => decode(node, hex));
        const judged = await judge(values.map((value) => ({ hex: encode(node, value), type: name })));
        made.forEach(({ json }, i) => {
          const expected = normal(json);
          expect(normal(canonicalOf(node, values[i]))).toBe(expected);
          expect(normal(judged[i].json)).toBe(expected);
        });
      });
      await fc.assert(property, { numRuns: RUNS / 4 });
    });
  }
});

describe('graphs', () => {
  it('reads rings and trees of random size as Java does', async () => {
    const { node } = Node;
    const graph = fc.oneof(
      fc.integer({ min: 1, max: 60 }).map(ring),
      fc.tuple(fc.nat(4), fc.nat(4)).map(([width, depth]) => tree(width, depth)),
    );
    const property = fc.asyncProperty(graph, async (value) => {
      const expected = normal(canonicalOf(node, value));
      const [{ json, again }] = await judge([{ hex: encode(node, value) }]);
      expect(normal(json)).toBe(expected);
      expect(normal(canonicalOf(node, decode(node, again)))).toBe(expected);
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});

describe('the judge', () => {
  it('sees a difference: it is not a yes-man', async () => {
    const { node } = ROWS.Person.type;
    const [{ json }] = await judge([{ hex: encode(node, ROWS.Person.kinds.full()) }]);
    expect(normal(json)).toBe(normal(canonicalOf(node, ROWS.Person.kinds.full())));
    expect(normal(json)).not.toBe(
      normal(canonicalOf(node, { ...(ROWS.Person.kinds.full() as object), age: 42 })),
    );
    expect(normal(json)).not.toBe(normal(canonicalOf(node, ROWS.Person.kinds.boss())));
  });
});

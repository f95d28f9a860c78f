import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { canonical } from '../../packages/cli/src/canonical/canonical.js';
import { at } from '../../scripts/project.mjs';
import { defineClass } from '../../src/contract/define-class.js';
import { t } from '../../src/contract/t.js';
import type { JdkType } from '../../src/hessian/jdk-type.js';
import { JDK_TYPES } from '../../src/hessian/jdk-types.js';
import { decode, encode, LocalDate } from '../../src/hessian/public.js';
import { fromJson } from '../../src/serialization/json-read.js';
import { toJson } from '../../src/serialization/json-write.js';
import type { LeafKind, LeafNode } from '../../src/values/schema.js';
import { read, write } from './typed.js';

/** A class that java.time does not have: its value, and below its row in the table. */
const { Quarter } = await vi.hoisted(async () => {
  const values = await import('../../src/values/value.js');
  class Quarter extends values.Value {
    constructor(
      readonly year: number,
      readonly quarter: number,
      readonly from: LocalDate,
      readonly seconds: bigint,
    ) {
      super();
      values.checkInteger(quarter, 1, 4, 'Quarter: quarter');
    }
    static is(value: unknown): value is Quarter {
      return value instanceof Quarter;
    }
    toString(): string {
      return `${this.year}-Q${this.quarter}`;
    }
  }
  return { Quarter };
});
type Quarter = InstanceType<typeof Quarter>;

const KIND = 'quarter' as LeafKind;

vi.mock('../../src/hessian/jdk-time.js', async (original) => {
  const { JAVA_TIME } = await original<typeof import('../../src/hessian/jdk-time.js')>();
  const { form, int, long, nested } = await import('../../src/hessian/jdk-type.js');
  const localDate = JAVA_TIME.find(({ kind }) => kind === 'localDate') as JdkType<LocalDate>;
  const quarter: JdkType<Quarter> = {
    kind: 'quarter' as LeafKind,
    javaName: 'java.time.Quarter',
    expected: 'Quarter',
    is: Quarter.is,
    form: form(
      'com.caucho.hessian.io.java8.QuarterHandle',
      [int('year'), int('quarter'), nested('from', localDate), long('seconds')],
      (value: Quarter) => [value.year, value.quarter, value.from, value.seconds],
      (year, quarter, from, seconds) => new Quarter(year, quarter, from, seconds),
    ),
  };
  return { JAVA_TIME: [...JAVA_TIME, quarter] };
});

const node: LeafNode = { kind: KIND, javaName: 'java.time.Quarter', nullable: true };
const type = { node };
const value = new Quarter(2024, 2, new LocalDate(2024, 4, 1), 7_862_400n);
const wire = {
  $java: 'object',
  class: 'com.caucho.hessian.io.java8.QuarterHandle',
  fields: [
    ['year', { $java: 'int', value: 2024 }],
    ['quarter', { $java: 'int', value: 2 }],
    ['from', expect.objectContaining({ class: 'com.caucho.hessian.io.java8.LocalDateHandle' })],
    ['seconds', { $java: 'long', value: 7_862_400n }],
  ],
};

describe.each(['sofa', 'final'] as const)('a type with a row in the table, in the %s grammar', (grammar) => {
  const bytes = write(type, grammar, value);

  test('is written and read with a contract', () => {
    const back = read(type, grammar, bytes);
    expect(Quarter.is(back)).toBe(true);
    expect(back).toEqual(value);
    expect(read(type, grammar, write(type, grammar, null))).toBeNull();
  });

  test('is a field of a class', () => {
    const Plan = defineClass('com.acme.Plan', { id: t.int, due: type as unknown as typeof t.Instant });
    expect(read(Plan, grammar, write(Plan, grammar, { id: 1, due: value } as never))).toEqual({
      id: 1,
      due: value,
    });
  });

  test('is written and read without a contract, as the same bytes', () => {
    expect(encode(value, { grammar })).toEqual(bytes);
    expect(decode(bytes, { grammar })).toEqual(value);
    expect(decode(encode([value, value], { grammar }), { grammar })).toEqual([value, value]);
  });

  test('keeps its fields in the lossless form', () => {
    const lossless = decode(bytes, { grammar, lossless: true });
    expect(lossless).toEqual(wire);
    expect(encode(lossless, { grammar })).toEqual(bytes);
  });

  test('is shown by its Java class and text', () => {
    expect(canonical(decode(bytes, { grammar, lossless: true }))).toEqual({
      c: 'java.time.Quarter',
      v: '2024-Q2',
    });
  });

  test('refuses a value and bytes that are none', () => {
    expect(() => write(type, grammar, new LocalDate(2024, 4, 1))).toThrow(
      'expected Quarter, got a LocalDate',
    );
    const wrong = encode({ ...wire, fields: wireWith('quarter', { $java: 'int', value: 5 }) }, { grammar });
    const fault = expect.objectContaining({
      code: 'DECODE_FAILED',
      message: expect.stringContaining('Quarter: quarter: expected an integer from 1 to 4, got 5'),
    });
    expect(() => read(type, grammar, wrong)).toThrow(fault);
    expect(() => decode(wrong, { grammar })).toThrow(fault);
  });

  test.each([
    ['year', 'x', 'field year: expected a number, got string'],
    ['year', 0.5, 'field year: expected int, got number'],
    ['from', 'x', 'field from: expected a LocalDate, got string'],
    ['seconds', true, 'field seconds: expected long, got boolean'],
  ])('without a contract, a wrong %s is told by its name', (field, wrong, message) => {
    const bytes = encode({ ...wire, fields: wireWith(field, wrong) }, { grammar });
    expect(() => decode(bytes, { grammar })).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining(message) }),
    );
  });
});

function wireWith(field: string, value: unknown): unknown[] {
  const fields = [
    ['year', 2024],
    ['quarter', 2],
    ['from', new LocalDate(2024, 4, 1)],
    ['seconds', 1n],
  ];
  return fields.map(([name, good]) => [name, name === field ? value : good]);
}

test('JSON has no form for it until it is given one', () => {
  expect(() => toJson(node, value, 'x')).toThrow('java.time.Quarter has no form in JSON');
  expect(() => fromJson(node, {}, 'x')).toThrow('java.time.Quarter has no form in JSON');
});

describe('the table', () => {
  test('has one row for a kind and for a class on the wire', () => {
    const kinds = JDK_TYPES.flatMap(({ kind }) => kind ?? []);
    const classes = JDK_TYPES.map(({ form }) => form.def.name);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(new Set(classes).size).toBe(classes.length);
  });

  test('calls each class as the contract does', () => {
    const leaves = Object.values(t).flatMap((one) => ('node' in one ? (one.node as LeafNode) : []));
    for (const { kind, javaName } of JDK_TYPES) {
      if (kind === undefined || kind === KIND) continue;
      expect(leaves.find((leaf) => leaf.kind === kind)?.javaName).toBe(javaName);
    }
  });

  test.each(['MonthDay', 'OffsetTime'])('java.time.%s is named in four files of src/', (name) => {
    const files = readdirSync(at('src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const naming = files.filter((file) =>
      new RegExp(`\\b${name}\\b`, 'i').test(readFileSync(at(`src/${file}`), 'utf8')),
    );
    expect(naming.map((file) => file.split('/')[0]).sort()).toEqual([
      'contract',
      'hessian',
      'values',
      'values',
    ]);
  });
});

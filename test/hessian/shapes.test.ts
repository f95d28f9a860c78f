import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withCopies } from '../../scripts/generate-shapes.mjs';
import { at } from '../../scripts/project.mjs';
import { Shapes } from '../../src/hessian/shapes.js';

const source = readFileSync(at('src/hessian/shapes.ts'), 'utf8');

test('the copies in src/hessian/shapes.ts are those that node scripts/generate-shapes.mjs writes', () => {
  expect(withCopies(source) === source).toBe(true);
});

test('a copy that was changed by hand is written anew', () => {
  const changed = source.replace('case 3: return o[n[3]];', 'case 3: return o[n[2]];');
  expect(changed).not.toBe(source);
  expect(withCopies(changed) === source).toBe(true);
  expect(() => withCopies(source.replace('// .. to here.', ''))).toThrow('has lost the marks');
});

test('each copy reads and fills every field, those past its places too; so do the shapes without a copy', () => {
  const shapes = new Shapes();
  const names = Array.from({ length: 20 }, (_, i) => `field${i}`);
  // 16 copies, and two classes that come too late for one.
  for (let i = 0; i < 18; i++) {
    const shape = shapes.of(`com.acme.C${i}`, names);
    const object: Record<string, unknown> = {};
    for (const at of names.keys()) shape.set(object, names, at, at * i);
    expect(object).toEqual(Object.fromEntries(names.map((name, at) => [name, at * i])));
    expect(names.map((_, at) => shape.get(object, names, at))).toEqual(names.map((_, at) => at * i));
  }
});

test('a field named as what every object inherits is an own property', () => {
  const shape = new Shapes().of('com.acme.Odd', ['__proto__', 'constructor']);
  const object: Record<string, unknown> = {};
  expect(shape.get(object, ['constructor'], 0)).toBeUndefined();
  shape.set(object, ['__proto__'], 0, 1);
  expect(Object.getOwnPropertyDescriptor(object, '__proto__')?.value).toBe(1);
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
});

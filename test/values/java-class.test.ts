import { describe, expect, it } from 'vitest';
import { JavaClass } from '../../src/values/java-class.js';

describe('JavaClass', () => {
  it('is its name', () => {
    const type = new JavaClass('[I');
    expect(type.name).toBe('[I');
    expect(`${type}`).toBe('[I');
    expect(JSON.stringify({ type })).toBe('{"type":"[I"}');
    expect(type.equals(new JavaClass('[I'))).toBe(true);
    expect(type.equals(new JavaClass('[J'))).toBe(false);
    expect(JavaClass.is(type)).toBe(true);
    expect(JavaClass.is({ name: '[I' })).toBe(false);
  });

  it('refuses no name', () => {
    expect(() => new JavaClass('')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

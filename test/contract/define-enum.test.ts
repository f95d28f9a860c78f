import { describe, expect, it } from 'vitest';
import { defineEnum } from '../../src/contract/define-enum.js';

const Color = defineEnum('com.acme.Color', ['RED', 'GREEN']);

describe('defineEnum', () => {
  it('is a type of its constants', () => {
    expect(Color.node).toEqual({
      kind: 'enum',
      javaName: 'com.acme.Color',
      nullable: true,
      constants: ['RED', 'GREEN'],
      open: false,
    });
    expect(Color.javaName).toBe('com.acme.Color');
    expect(Color.constants).toEqual(['RED', 'GREEN']);
    expect(Color.notNull().node.nullable).toBe(false);
  });

  it('asks whether a value is one of them', () => {
    expect(Color.is('RED')).toBe(true);
    expect(Color.is('BLUE')).toBe(false);
    expect(Color.is('toString')).toBe(false);
    expect(Color.is(0)).toBe(false);
  });

  it('keeps unknown constants when open', () => {
    expect(Color.open().node).toMatchObject({ kind: 'enum', open: true, constants: ['RED', 'GREEN'] });
    expect(Color.node.open).toBe(false);
  });

  it('does not change with the list it was given', () => {
    const constants = ['A'];
    const type = defineEnum('com.acme.E', constants);
    constants.push('B');
    expect(type.constants).toEqual(['A']);
  });

  it.each([
    ['com.acme.Color', []],
    ['com.acme.Color', ['RED', 'RED']],
    ['com.acme.Color', ['NOT A NAME']],
    ['com.acme.Color', ['']],
    ['', ['RED']],
  ])('refuses %j %j', (name, constants) => {
    expect(() => defineEnum(name, constants)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

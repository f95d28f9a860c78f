import type { Wrapper } from './class-map.js';

const ITEM_NAMES = new Map([
  ['short', 'S'],
  ['int', 'I'],
  ['boolean', 'Z'],
  ['double', 'D'],
  ['long', 'J'],
  ['float', 'F'],
  ['byte', 'B'],
  ['string', 'Ljava.lang.String;'],
  ['object', 'Ljava.lang.Object;'],
]);

/** The Java class of an argument, as a request's signature names it: by its wrapper, or what is written for it. */
export function javaName(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'java.lang.String';
    case 'number':
      return numberName(value);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : objectName(value);
    default:
      return 'java.util.HashMap';
  }
}

function numberName(value: number): string {
  if ((value | 0) === value) return 'int';
  if (Number.isNaN(value)) return 'null';
  return value % 1 === 0 ? 'long' : 'double';
}

function objectName(value: object): string {
  if ((value as Wrapper).$class) return wrapperName(value as Wrapper);
  if (value instanceof Date) return 'java.util.Date';
  if (Buffer.isBuffer(value)) return '[B';
  if (Array.isArray(value)) return 'java.util.ArrayList';
  return value instanceof Error ? 'java.lang.RuntimeException' : 'java.util.HashMap';
}

function wrapperName(wrapper: Wrapper): string {
  const name = Object.hasOwn(wrapper, '$abstractClass') ? (wrapper.$abstractClass as string) : wrapper.$class;
  if (wrapper.isArray) return '['.repeat(wrapper.arrayDepth || 1) + itemName(name);
  if (!name.startsWith('[')) return name;
  const depth = name.search(/[^[]|$/);
  return name.slice(0, depth) + itemName(name.slice(depth));
}

function itemName(name: string): string {
  return ITEM_NAMES.get(name) ?? `L${name};`;
}

import { inspect } from 'node:util';

/** Whatever was thrown, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : shortly(error);
}

/** Any value in one line. */
export function shortly(value: unknown): string {
  return inspect(value, {
    depth: 0,
    maxArrayLength: 3,
    maxStringLength: 100,
    breakLength: Number.POSITIVE_INFINITY,
  });
}

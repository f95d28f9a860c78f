/** What the demos print, and the check of what they show. */
import { inspect, isDeepStrictEqual } from 'node:util';

let checks = 0;

/** How many results were checked. */
export function checked(): number {
  return checks;
}

export function title(text: string, result = '', type = ''): void {
  console.log(`\n${result === '' ? text : `${text.padEnd(25)}${result.padEnd(34)}${type}`}`);
}

export function line(name: string, text: string): void {
  console.log(`   ${name.padEnd(16)}${text}`);
}

/** A call, what it gave, and the type of that. */
export function result(call: string, actual: unknown, wanted: unknown, type: string): void {
  const shown =
    typeof actual === 'object' && actual !== null && !(actual instanceof Map)
      ? String(actual)
      : inspect(actual);
  // A Chinese character is as wide as two others.
  const wide = shown.match(/\p{Script=Han}/gu)?.length ?? 0;
  console.log(`   ${call.padEnd(22)}${shown.padEnd(34 - wide)}${type}`);
  expected(actual, wanted);
}

/** Counts and checks a result. */
export function expected<T>(actual: T, wanted: T): T {
  if (!isDeepStrictEqual(actual, wanted))
    throw new Error(`expected ${inspect(wanted)}, got ${inspect(actual)}`);
  checks++;
  return actual;
}

export function unexpected(value: unknown): never {
  throw new Error(`the call should have failed, but it returned ${inspect(value)}`);
}

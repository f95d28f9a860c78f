import { expect } from 'vitest';

/** Prints how long something took, and fails where that is 3 times what is promised: a busy machine is no failure. */
export function measured(what: string, ms: number, promisedMs: number): void {
  console.log(`measured: ${what}: ${seconds(ms)} (promised: ${seconds(promisedMs)})`);
  expect(ms, what).toBeLessThan(3 * promisedMs);
}

/** Milliseconds from now until the promise resolves. */
export async function timeOf(promise: Promise<unknown>): Promise<number> {
  const since = performance.now();
  await promise;
  return performance.now() - since;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

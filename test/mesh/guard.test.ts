import { expect, test } from 'vitest';
import { Guard } from '../../src/mesh/guard.js';
import type { ResolvedGuard } from '../../src/mesh/resolved-rule.js';
import { FakeClock } from '../../src/testing/fake-clock.js';

const LIMITS = { minCalls: 200, windowMs: 10_000 };

function guardOf(rule: Partial<ResolvedGuard>): Guard {
  return new Guard({ ...LIMITS, ...rule }, new FakeClock());
}

/** `count` calls of which `errors` failed. */
function calls(guard: Guard, path: 'mesh' | 'direct', count: number, { errors = 0, ms = 5 } = {}): void {
  for (let call = 0; call < count; call++) guard.record(path, call < errors, ms, 0);
}

test('says nothing before minCalls of the path through the sidecar, and then why', () => {
  const guard = guardOf({ errorRatio: 0.02 });
  calls(guard, 'mesh', 199, { errors: 199 });
  expect(guard.verdict(0)).toBeUndefined();
  calls(guard, 'mesh', 1);
  expect(guard.verdict(0)).toBe(
    'within 10000 ms 199 of 200 calls (99.5 %) failed through the sidecar, more than the allowed 2 %',
  );
});

test('the error ratio is that above the direct path, once that had 20 calls', () => {
  const guard = guardOf({ errorRatio: 0.02 });
  calls(guard, 'mesh', 1_000, { errors: 50 });
  calls(guard, 'direct', 19, { errors: 10 });
  expect(guard.verdict(0)).toContain('(5 %) failed through the sidecar, more than the allowed 2 %');
  calls(guard, 'direct', 1);
  expect(guard.verdict(0)).toBeUndefined();
  calls(guard, 'direct', 480);
  expect(guard.verdict(0)).toBe(
    "within 10000 ms 50 of 1000 calls (5 %) failed through the sidecar, more than the direct path's 10 of 500 calls (2 %) and the allowed 2 %",
  );
});

test('exactly the allowed ratio is allowed', () => {
  const guard = guardOf({ errorRatio: 0.05 });
  calls(guard, 'mesh', 200, { errors: 10 });
  expect(guard.verdict(0)).toBeUndefined();
  calls(guard, 'mesh', 1, { errors: 1 });
  expect(guard.verdict(0)).toContain('11 of 201 calls (5.47 %)');
});

test('a p99 above the bound counts where the direct path is faster, or had fewer than 20 calls', () => {
  const guard = guardOf({ p99Ms: 200 });
  calls(guard, 'mesh', 200, { ms: 300 });
  calls(guard, 'direct', 19, { ms: 900 });
  expect(guard.verdict(0)).toMatch(
    /^within 10000 ms the p99 through the sidecar was (29|30)\d ms in 200 calls, more than the allowed 200 ms$/,
  );
  calls(guard, 'direct', 1, { ms: 900 });
  expect(guard.verdict(0)).toBeUndefined();
});

test('the direct path is named where it is faster', () => {
  const guard = guardOf({ p99Ms: 200 });
  calls(guard, 'mesh', 200, { ms: 300 });
  calls(guard, 'direct', 20, { ms: 5 });
  expect(guard.verdict(0)).toMatch(/allowed 200 ms, and than the direct path's [45]\.\d ms in 20 calls$/);
});

test('a p99 below the bound is well, however fast the direct path is', () => {
  const guard = guardOf({ p99Ms: 200 });
  calls(guard, 'mesh', 1_000, { ms: 150, errors: 1_000 });
  calls(guard, 'direct', 1_000, { ms: 1 });
  expect(guard.verdict(0)).toBeUndefined();
});

test('without a p99 bound slowness is no reason', () => {
  const guard = guardOf({ errorRatio: 0.5 });
  calls(guard, 'mesh', 1_000, { ms: 60_000 });
  expect(guard.verdict(0)).toBeUndefined();
});

test('looks at its window alone', () => {
  const guard = guardOf({ errorRatio: 0.02 });
  calls(guard, 'mesh', 400, { errors: 400 });
  expect(guard.verdict(8_999)).toBeDefined();
  expect(guard.verdict(10_000)).toBeUndefined();
  expect(guard.snapshot(10_000).mesh.calls).toBe(0);
});

test('its figures are those of both paths', () => {
  const guard = guardOf({ errorRatio: 0.02 });
  calls(guard, 'mesh', 100, { errors: 25, ms: 1 });
  calls(guard, 'direct', 10, { ms: 0.5 });
  expect(guard.snapshot(0)).toEqual({
    mesh: { calls: 100, errors: 25, errorRatio: 0.25, p99Ms: expect.closeTo(1, 1) },
    direct: { calls: 10, errors: 0, errorRatio: 0, p99Ms: expect.closeTo(0.5, 1) },
  });
});

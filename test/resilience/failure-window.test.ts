import { expect, test } from 'vitest';
import { FailureWindow } from '../../src/resilience/failure-window.js';

test('counts by tenths of the window: one that begins drops the one that began a window ago', () => {
  const window = new FailureWindow(1_000, 50);
  const countsAt = (now: number, failed: boolean) => {
    window.add(failed, now);
    return [window.calls, window.failures];
  };
  expect(countsAt(50, true)).toEqual([1, 1]);
  expect(countsAt(149, true)).toEqual([2, 2]);
  expect(countsAt(150, true)).toEqual([3, 3]);
  expect(countsAt(1_049, false)).toEqual([4, 3]);
  expect(countsAt(1_050, false)).toEqual([3, 1]);
  expect(countsAt(1_149, false)).toEqual([4, 1]);
  expect(countsAt(1_150, false)).toEqual([4, 0]);
  expect(countsAt(9_999, true)).toEqual([1, 1]);
});

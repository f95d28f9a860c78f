import { expect, test } from 'vitest';
import { RequestWindow } from '../../../src/compat/client/request-window.js';

test('requests are counted for as many buckets as there are', () => {
  const window = new RequestWindow(3);
  window.count();
  window.count();
  window.turn();
  window.count();
  expect(window.total).toBe(3);
  window.turn();
  expect(window.total).toBe(3);
  window.turn();
  expect(window.total).toBe(1);
  window.turn();
  expect(window.total).toBe(0);
});

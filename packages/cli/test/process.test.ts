import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('the program reads lines from standard input, prints to standard output and exits with 1 after a bad one', () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'packages/cli/src/main.ts', 'decode', '--hessian'],
    { input: '91\nzz\n4e\n', encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  );
  expect(stderr).toBe('');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { body: { c: 'java.lang.Integer', v: 1 } },
    { error: expect.any(String), code: 'INVALID_ARGUMENT' },
    { body: null },
  ]);
  expect(status).toBe(1);
});

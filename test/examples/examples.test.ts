import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/project.mjs';

function run(file: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', file], { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** What each example must print, among other things: lines, or beginnings of them. */
const examples: Record<string, readonly string[]> = {
  'quick-start.ts': [
    "find(42)     Grace Hopper BASIC [ 'new' ]",
    'referred by  Ada 12.50',
    'find(7)      null',
    'with reply   42n path: direct answered by: 127.0.0.1',
  ],
  'protobuf.ts': [
    "text: 'Hello, Ada!'",
    'next: 9007199254740994n',
    'args[0].number: expected int64, got "nine"',
  ],
  'custom-framing/main.ts': ['bolt   hello, Ada', 'json   hello, Ada'],
  'untyped-invoke.ts': [
    'id: 42n',
    'its class    com.acme.Order',
    "placed       [ 'ink' ] 2",
    'place(..)    43n',
    'sum(2, 3)    5',
    'sum(int,int) METHOD_NOT_FOUND',
  ],
  'interceptors.ts': [
    'attempt  greet -> 127.0.0.1',
    'served   greet for ada',
    'result   HELLO GRACE, FROM ADA',
    'refused  no user',
  ],
  'custom-registry.ts': [
    "'com.acme.GreetingService%3A1.0/127.0.0.1%3A",
    'answered  hello Grace',
    "left      [ 'com.acme.GreetingService%3A1.0' ]",
  ],
  'custom-balancer.ts': ['near  hello Ada, from the south', 'far   hello Ada, from the north'],
  'custom-logger.ts': [
    '{"level":"info","app":"caller","message":"calls a service that nobody can find"}',
    '{"level":"warn","app":"caller","message":"the registry a registry of your own cannot tell the endpoints',
    '{"level":"info","app":"caller","message":"NO_ENDPOINT"}',
  ],
  'custom-clock.ts': ['failed   DEADLINE_EXCEEDED', 'it took  three seconds of its time'],
  'errors.ts': [
    '1 NotFound          no such article 405n',
    '2 RemoteError       java.lang.RuntimeException - the disk is full',
    '3 DEADLINE_EXCEEDED sent: true, retry: if-idempotent',
    '4 CANCELLED         sent: true, retry: never',
    '5 ENCODE_FAILED     sent: false, retry: never',
    '6 CONNECT_FAILED    sent: false, retry: safe',
  ],
  'migration/main.ts': [
    'calls    0 mesh, 20 direct, 0 fallback; the last one: the mode is direct',
    'calls    0 mesh, 20 direct, 0 fallback; the last one: the policy sends 0 % through the sidecar',
    'found    there is a sidecar',
    'event    switch com.acme.stock.StockService:1.0: 0 % -> 1 %',
    ': different 0',
    'event    switch com.acme.stock.StockService:1.0: 25 % -> 100 %',
    'calls    20 mesh, 0 direct, 0 fallback; the last one: a sidecar is there',
    'com.acme.stock.StockService:1.0  mesh  100 %  100 %',
    'told     both: the registry and the sidecar',
    'told     mesh: the sidecar alone',
    'calls    20 mesh, 0 direct, 0 fallback; the last one: the mode is mesh',
    'done',
  ],
  'migrate-from-sofa-rpc-node/main.mjs': [
    "   found    { name: 'pen', left: 3, serial: '9007199254740993' }",
    '   failed   com.alipay.remoting.rpc.exception.RpcServerException: Error: no such article',
    '   sidecar  is gone',
    "   typed    { name: 'pen', left: 3, serial: 9007199254740993n }",
    '   failed   REMOTE_FAILURE',
    'done',
  ],
  'oneway.ts': [
    'recorded 3',
    'ada logged in',
    'ada logged out',
    'grace logged in',
    'ENCODE_FAILED - args[0]: expected string, got number',
  ],
  'testing.ts': [
    'ok  a price is answered',
    'ok  a price that never comes',
    'ok  nothing is left waiting',
    'ok  closed',
  ],
};

test('every example is here', () => {
  const files = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'));
  // demo/ and zookeeper/ are run by npm run demo and its like.
  files.push('custom-framing/main.ts', 'migration/main.ts', 'migrate-from-sofa-rpc-node/main.mjs');
  expect(files.sort()).toEqual(Object.keys(examples).sort());
});

test.concurrent.each(Object.entries(examples))(
  '%s runs to its end and prints what it says',
  { timeout: 60_000 },
  async (file, expected) => {
    const { code, stdout, stderr } = await run(join('examples', file));
    expect({ code, stderr: stderr.slice(-2_000) }).toEqual({ code: 0, stderr: '' });
    const missing = expected.filter((line) => !stdout.includes(line));
    expect({ missing, stdout }).toEqual({ missing: [], stdout });
  },
);

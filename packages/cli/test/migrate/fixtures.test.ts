import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../../scripts/project.mjs';
import { TestApp } from './app.js';

// What becomes of whole apps. That they run before and after is in test/interop/compat/migrate-apps.test.ts, which needs
// the old packages.
const fixtures = join(root, 'test/fixtures');

function fixture(name: string): TestApp {
  const folder = join(fixtures, name);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new TestApp(
    Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)])),
  );
}

const expected = [
  {
    name: 'plain-app',
    changed: [
      'index.js',
      'lib/client.js',
      'lib/protocol.js',
      'lib/server.js',
      'package.json',
      'package.json',
    ],
    told: [],
    services: ['com.example.GreetingService:1.0'],
  },
  {
    name: 'typescript-app',
    changed: [
      ...['package.json', 'package.json', 'src/main.ts', 'src/order-server.ts', 'src/protocol.ts'],
      ...['src/rpc.ts', 'src/rpc.ts'],
    ],
    told: ['types/sofa-rpc-node.d.ts types', 'types/sofa-rpc-node.d.ts types'],
    services: ['com.example.OrderService:2.0'],
  },
  {
    name: 'egg-like-app',
    changed: [
      ...['config/config.default.js', 'config/config.default.js', 'package.json', 'package.json'],
      ...['plugin/rpc/app.js', 'plugin/rpc/config/config.default.js', 'plugin/rpc/config/config.default.js'],
      ...['plugin/rpc/lib/client.js', 'plugin/rpc/lib/mock_connection.js', 'plugin/rpc/lib/server.js'],
      ...['plugin/rpc/package.json', 'plugin/rpc/package.json'],
    ],
    told: ['plugin/rpc/lib/server.js uncaught'],
    services: ['com.example.egg.GreetingService:1.0', undefined],
  },
];

test.each(expected)(
  '$name: what is changed, what is told, which services it has',
  async ({ name, changed, told, services }) => {
    const app = fixture(name);
    const before = app.all();
    const plan = await app.json();
    expect(app.all()).toEqual(before);
    expect(plan.changes.map(({ file }) => file)).toEqual(changed);
    expect(plan.needsPerson.map(({ file, topic }) => `${file} ${topic}`)).toEqual(told);
    expect(plan.services.map(({ service }) => service)).toEqual(services);
  },
);

test.each(expected)(
  '$name: every line but those of the plan stays, and a second run finds nothing',
  async ({ name, changed }) => {
    const app = fixture(name);
    const before = app.all();
    await app.run('--write', '--offline');
    const after = app.all();
    const differing = Object.keys(before).filter((path) => before[path] !== after[path]);
    expect(differing.sort()).toEqual([...new Set(changed)].sort());
    for (const path of differing.filter((file) => !file.endsWith('.json'))) {
      const back = after[path]!.replaceAll('sofa-mesh-sdk/compat/bolt', 'sofa-bolt-node').replaceAll(
        'sofa-mesh-sdk/compat',
        'sofa-rpc-node',
      );
      expect(back).toBe(before[path]);
    }
    const second = await app.json('--write', '--offline');
    expect(second.changes).toEqual([]);
    expect(app.all()).toEqual(after);
  },
);

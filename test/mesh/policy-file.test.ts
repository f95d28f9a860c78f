import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { MigrationPolicy } from '../../src/mesh/migration-policy.js';
import { PolicyFile } from '../../src/mesh/policy-file.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { heard } from '../support/events.js';

const PEOPLE = 'com.acme.PersonService:1.0';

const share = (mesh: number) => JSON.stringify({ services: { [PEOPLE]: { mesh } } });

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sofa-mesh-policy-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A policy that follows `path`, from the start on. */
function follow(path: string) {
  const clock = new FakeClock();
  const policy = new MigrationPolicy();
  const warnings: string[] = [];
  const changes: number[] = [];
  policy.onChange(() => changes.push(policy.ruleOf(PEOPLE).mesh));
  const file = new PolicyFile(path, policy, { clock, warn: (message) => warnings.push(message) });
  file.start();
  onTestFinished(() => file.close());
  /** The disk keeps its own time: a look has ended when the next one is set. */
  const aLook = async () => {
    await clock.advance(250);
    await vi.waitFor(() => expect(clock.pendingTimers).toBe(1), { timeout: 10_000, interval: 1 });
  };
  const aSecond = async () => {
    for (let quarter = 0; quarter < 4; quarter++) await aLook();
  };
  return { clock, policy, file, warnings, changes, aLook, aSecond, mesh: () => policy.ruleOf(PEOPLE).mesh };
}

async function followed(text: string) {
  const dir = await folder();
  const path = join(dir, 'policy.json');
  await writeFile(path, text);
  return { dir, path, ...follow(path) };
}

test('the file is read before start returns', async () => {
  const { path, policy, mesh, warnings } = await followed(share(25));
  expect(mesh()).toBe(25);
  expect(policy.source).toBe(`the file ${path}`);
  expect(warnings).toEqual([]);
});

test('an edit that writes into the file is in force within a second', async () => {
  const { path, mesh, aSecond, warnings } = await followed(share(25));
  await writeFile(path, share(50));
  await aSecond();
  expect(mesh()).toBe(50);
  expect(warnings).toEqual([]);
});

test('an edit that puts a new file in its place is in force within a second, and so is the next one', async () => {
  const { dir, path, mesh, aSecond } = await followed(share(25));
  for (const percent of [50, 75]) {
    await writeFile(join(dir, 'new.json'), share(percent));
    await rename(join(dir, 'new.json'), path);
    await aSecond();
    expect(mesh()).toBe(percent);
  }
});

test('a ConfigMap, whose folder Kubernetes swaps behind a link, is followed', async () => {
  const dir = await folder();
  const update = async (name: string, text: string) => {
    await mkdir(join(dir, name));
    await writeFile(join(dir, name, 'policy.json'), text);
    await symlink(name, join(dir, '..data_tmp'));
    await rename(join(dir, '..data_tmp'), join(dir, '..data'));
  };
  await update('..1', share(25));
  await symlink(join('..data', 'policy.json'), join(dir, 'policy.json'));
  const { mesh, aSecond, warnings } = follow(join(dir, 'policy.json'));
  expect(mesh()).toBe(25);
  await update('..2', share(50));
  await rm(join(dir, '..1'), { recursive: true });
  await aSecond();
  expect(mesh()).toBe(50);
  expect(await readdir(dir)).not.toContain('..1');
  expect(warnings).toEqual([]);
});

test('an edit of the same size in the same tick of the clock of files is seen', async () => {
  const { path, mesh, aSecond } = await followed(share(25));
  for (const percent of [26, 27, 28, 29]) {
    await writeFile(path, share(percent));
    await aSecond();
    expect(mesh()).toBe(percent);
  }
});

test('a file that stays the same changes nothing, over what code said in the meantime either', async () => {
  const { path, policy, changes, aSecond, mesh } = await followed(share(25));
  await aSecond();
  await writeFile(path, share(25));
  await aSecond();
  expect(changes).toEqual([25]);
  policy.setService(PEOPLE, { mesh: 0 });
  await aSecond();
  expect(mesh()).toBe(0);
  await writeFile(path, share(60));
  await aSecond();
  expect(mesh()).toBe(60);
});

test('an edit that is no JSON keeps the old policy, and says once where it is broken', async () => {
  const { path, mesh, aSecond, warnings } = await followed(share(25));
  const events = heard('policy.rejected');
  await writeFile(path, '{\n  "services": {\n    "com.acme.PersonService:1.0": { "mesh": 50, }\n  }\n}');
  await aSecond();
  await aSecond();
  const reason = `the policy from the file ${path} is refused: line 3, column 49: Expected double-quoted property name`;
  expect(warnings).toEqual([
    `${reason}; until that is mended the policy stays as it was, from the file ${path}`,
  ]);
  expect(events).toEqual([['policy.rejected', { source: `the file ${path}`, reason }]]);
  expect(mesh()).toBe(25);
});

test('an edit that is broken in other ways keeps the old policy, and every broken place is named', async () => {
  const { path, mesh, aSecond, warnings } = await followed(share(25));
  await writeFile(path, JSON.stringify({ mode: 'of', services: { [PEOPLE]: { mesh: 101, gard: {} } } }));
  await aSecond();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(
    `mode: "of" is not known; known are auto, mesh, direct; services["${PEOPLE}"].mesh: 101 is not between 0 and 100; services["${PEOPLE}"].gard: is not known; did you mean guard?`,
  );
  expect(mesh()).toBe(25);
});

test('each other broken content is warned of, and the same one again after a good one', async () => {
  const { path, aSecond, warnings, mesh } = await followed(share(25));
  for (const text of ['one', 'two', share(30), 'two']) {
    await writeFile(path, text);
    await aSecond();
  }
  const found = warnings.map((warning) => /Unexpected token '(\w)'/.exec(warning)?.[1]);
  expect(found).toEqual(['o', 'w', 'w']);
  expect(mesh()).toBe(30);
});

test('a mended file is followed again', async () => {
  const { path, aSecond, mesh } = await followed(share(25));
  await writeFile(path, 'broken');
  await aSecond();
  await writeFile(path, share(30));
  await aSecond();
  expect(mesh()).toBe(30);
});

test('half of an edit is not warned of: the file is empty, or gone, for a moment', async () => {
  const { path, aLook, aSecond, warnings, mesh } = await followed(share(25));
  for (const half of [() => writeFile(path, ''), () => writeFile(path, ''), () => rm(path)]) {
    await half();
    await aLook();
    await writeFile(path, share(25));
    await aSecond();
  }
  expect(warnings).toEqual([]);
  expect(mesh()).toBe(25);
});

test('a deleted file keeps the old policy, with one warning, and is followed when it is there again', async () => {
  const { path, aSecond, warnings, mesh } = await followed(share(25));
  await rm(path);
  await aSecond();
  await aSecond();
  expect(warnings).toEqual([
    `the policy cannot be read from the file ${path}: there is no such file; until that is mended the policy stays as it was, from the file ${path}`,
  ]);
  expect(mesh()).toBe(25);
  await writeFile(path, share(50));
  await aSecond();
  expect(mesh()).toBe(50);
  await rm(path);
  await aSecond();
  expect(warnings).toHaveLength(2);
});

test('a process that starts without its file warns at once, and follows the file when it comes', async () => {
  const path = join(await folder(), 'made', 'later.json');
  const { warnings, mesh, policy, aSecond } = follow(path);
  expect(warnings).toEqual([
    `the policy cannot be read from the file ${path}: there is no such file; until that is mended the policy stays as it was, from the defaults`,
  ]);
  expect([mesh(), policy.source]).toEqual([100, 'the defaults']);
  await mkdir(join(path, '..'));
  await writeFile(path, share(5));
  await aSecond();
  expect(mesh()).toBe(5);
  expect(warnings).toHaveLength(1);
});

test('a process that starts with a broken file warns at once', async () => {
  const { warnings, mesh } = await followed('{ "services": { "nobody": {} } }');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('services.nobody: is no service id');
  expect(mesh()).toBe(100);
});

test('a folder in place of the file is warned of', async () => {
  const { warnings, aSecond } = follow(await folder());
  await aSecond();
  expect(warnings).toEqual([expect.stringContaining('EISDIR')]);
});

test('after close nothing is followed, and a look in flight is forgotten', async () => {
  const path = join(await folder(), 'policy.json');
  await writeFile(path, share(25));
  const policy = new MigrationPolicy();
  const fake = new FakeClock();
  const clock: Clock = {
    now: () => fake.now(),
    wallTime: () => fake.wallTime(),
    schedule: (run, ms) =>
      fake.schedule(() => {
        run();
        file.close();
      }, ms),
  };
  const file = new PolicyFile(path, policy, { clock, warn: () => undefined });
  file.start();
  await writeFile(path, share(50));
  await fake.advance(250);
  for (let reads = 0; reads < 20; reads++) await readFile(path);
  expect(fake.pendingTimers).toBe(0);
  expect(policy.ruleOf(PEOPLE).mesh).toBe(25);
});

test('close cancels the next look', async () => {
  const { clock, file } = await followed(share(25));
  expect(clock.pendingTimers).toBe(1);
  file.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a listener that throws does not end the following', async () => {
  const { path, policy, mesh, aSecond } = await followed(share(25));
  const thrown: unknown[] = [];
  const onRejection = (error: unknown) => thrown.push(error);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', onRejection);
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  });
  const off = policy.onChange(() => {
    throw new Error('a listener');
  });
  await writeFile(path, share(50));
  await aSecond();
  off();
  await writeFile(path, share(75));
  await aSecond();
  expect(mesh()).toBe(75);
  expect(thrown).toEqual([new Error('a listener')]);
});

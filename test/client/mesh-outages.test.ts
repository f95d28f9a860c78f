// The scenarios of test/interop/mosn/outages.test.ts in memory and in simulated time: what a sidecar's deaths may and may
// not do to the calls behind it. The provider counts what it has executed.
import { describe, expect, test } from 'vitest';
import { MeshError } from '../../src/core/errors.js';
import { meshWorld } from '../support/mesh-world.js';

interface Failure {
  readonly isWrite: boolean;
  readonly error: MeshError;
}

/** Half of the calls are writes, each with an id of its own; some take a while, so that each death meets some in flight. */
async function loadedWorld() {
  const executed = new Map<number, number>();
  const clockOf: { wait?: (ms: number) => Promise<void> } = {};
  const made = await meshWorld({
    implementation: {
      echo: async (text) => {
        await clockOf.wait?.(5);
        return text;
      },
      add: async (id) => {
        executed.set(id, (executed.get(id) ?? 0) + 1);
        await clockOf.wait?.(5);
        return id;
      },
    },
  });
  const { clock, service } = made;
  clockOf.wait = (ms) => new Promise((resolve) => clock.schedule(resolve, ms));
  const failures: Failure[] = [];
  const paths = { mesh: 0, direct: 0, fallback: 0 };
  let calls = 0;
  const running = new Set<Promise<void>>();
  const one = async (id: number) => {
    const isWrite = id % 2 === 1;
    try {
      const { reply } = isWrite
        ? await service.add.withReply(id, 0, { timeoutMs: 5_000 })
        : await service.echo.withReply(`${id}`, { timeoutMs: 5_000 });
      paths[reply.path]++;
    } catch (error) {
      if (!MeshError.is(error)) throw error;
      failures.push({ isWrite, error });
    }
  };
  return {
    ...made,
    executed,
    failures,
    paths,
    /** A call every millisecond, for so long. */
    load: async (ms: number) => {
      for (let tick = 0; tick < ms; tick++) {
        const call: Promise<void> = one(calls++).finally(() => running.delete(call));
        running.add(call);
        await clock.advance(1);
      }
    },
    settle: async () => {
      await made.passing(Promise.all(running));
      return calls;
    },
  };
}

type World = Awaited<ReturnType<typeof loadedWorld>>;

function invariants({ executed, failures }: World): void {
  expect([...executed].filter(([, times]) => times > 1)).toEqual([]);
  expect(failures.filter(({ isWrite }) => !isWrite).map(({ error }) => error.message)).toEqual([]);
  for (const { error } of failures) expect(error).toMatchObject({ sent: true, path: 'mesh' });
}

describe('no write is executed twice, no read fails, and a write only fails where it was sent and not answered', () => {
  test('when the sidecar is killed ten times and comes back ten times', async () => {
    const world = await loadedWorld();
    const { dev, load, paths, failures, executed } = world;
    await load(50);
    for (let death = 0; death < 10; death++) {
      await dev.kill();
      await load(30);
      await dev.start();
      await load(death < 2 ? 3_500 : 60);
    }
    const calls = await world.settle();
    invariants(world);
    expect(paths.mesh + paths.direct + paths.fallback + failures.length).toBe(calls);
    // The first deaths met calls in flight, of both kinds.
    expect(failures.length).toBeGreaterThan(0);
    expect(paths.fallback).toBeGreaterThan(0);
    // What failed was executed once at most; what was answered, exactly once.
    expect(executed.size).toBeGreaterThanOrEqual(calls / 2 - failures.length);
  });

  test('when it stands still and goes on', async () => {
    const world = await loadedWorld();
    const { dev, load, paths } = world;
    await load(50);
    const before = paths.mesh;
    expect(before).toBeGreaterThan(0);
    dev.hang();
    await load(1_900);
    const directly = paths.direct;
    await load(50);
    expect(paths.direct - directly).toBeGreaterThan(40);
    dev.resume();
    await load(4_000);
    await world.settle();
    invariants(world);
    expect(paths.mesh).toBeGreaterThan(before + 500);
  });

  test.each([
    ['its API goes down alone: calls go on through it', 'api'],
    ['its egress goes down alone: calls go directly', 'egress'],
  ] as const)('when %s', async (_case, which) => {
    const world = await loadedWorld();
    const { dev, load, paths } = world;
    await load(50);
    if (which === 'api') await dev.apiUp(false);
    else await dev.egressUp(false);
    const before = { ...paths };
    await load(200);
    if (which === 'api') expect(paths.direct).toBe(before.direct);
    else expect(paths.direct - before.direct).toBeGreaterThan(150);
    if (which === 'api') await dev.apiUp(true);
    else await dev.egressUp(true);
    await load(4_000);
    await world.settle();
    invariants(world);
    expect(paths.mesh - before.mesh).toBeGreaterThan(500);
  });

  test('when it is restarted gracefully, no call fails at all', async () => {
    const world = await loadedWorld();
    const { dev, load, failures, paths } = world;
    await load(50);
    for (let restart = 0; restart < 3; restart++) {
      const stopped = dev.stop();
      await load(100);
      await stopped;
      await dev.start();
      await load(restart === 0 ? 4_000 : 100);
    }
    await world.settle();
    invariants(world);
    expect(failures).toEqual([]);
    expect(paths.mesh).toBeGreaterThan(500);
  });
});

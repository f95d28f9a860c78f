import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Deferred } from '../../src/core/deferred.js';
import { type FailedTry, Reconciler, type ReconcilerOptions } from '../../src/core/reconciler.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';

function setUp(more: Partial<ReconcilerOptions<string>> = {}) {
  const clock = new FakeClock();
  /** What was asked, in order; a trailing ! for what failed. */
  const asked: string[] = [];
  const failed: FailedTry[] = [];
  const recovered: number[] = [];
  const world = { isDown: false, is: 'nothing', gate: undefined as Promise<void> | undefined, settled: 0 };
  const act = async (name: string, becomes: string) => {
    await world.gate;
    asked.push(world.isDown ? `${name}!` : name);
    if (world.isDown) throw new Error('down');
    world.is = becomes;
    return becomes;
  };
  const one = new Reconciler<string>({
    clock,
    apply: () => act('apply', 'made'),
    revert: () => act('revert', 'nothing'),
    retryMs: (failures) => failures * 100,
    onFailed: (failure) => failed.push(failure),
    onRecovered: (failures) => recovered.push(failures),
    onSettled: () => world.settled++,
    ...more,
  });
  return { clock, asked, failed, recovered, world, one };
}

describe('making', () => {
  test('nothing is asked before there is somebody to ask', async () => {
    const { one, asked } = setUp();
    one.want();
    await settled();
    expect([asked, one.isMade, one.isWanted]).toEqual([[], false, true]);
    await one.open();
    expect([asked, one.isMade, one.result]).toEqual([['apply'], true, 'made']);
  });

  test('what fails is tried again for as long as it takes, and told of each time, and once when it works', async () => {
    const { one, asked, failed, recovered, world, clock } = setUp();
    world.isDown = true;
    one.want();
    await one.open();
    expect(one.error).toEqual(new Error('down'));
    await clock.advance(100 + 200 + 300);
    expect(failed.map(({ failures, retryInMs, isRevert }) => [failures, retryInMs, isRevert])).toEqual([
      [1, 100, false],
      [2, 200, false],
      [3, 300, false],
      [4, 400, false],
    ]);
    world.isDown = false;
    await clock.advance(400);
    expect([asked.at(-1), recovered, one.isMade, one.error]).toEqual(['apply', [4], true, undefined]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('again() does not wait for the next try', async () => {
    const { one, world } = setUp();
    world.isDown = true;
    one.want();
    await one.open();
    world.isDown = false;
    one.again();
    await one.known();
    expect(one.isMade).toBe(true);
  });

  test('without a time for the next try, again() is what leads to it', async () => {
    const { one, world, asked, clock } = setUp({ retryMs: () => undefined });
    world.isDown = true;
    one.want();
    await one.open();
    await clock.advance(60_000);
    expect(asked).toEqual(['apply!']);
    one.again();
    await one.known();
    expect(asked).toEqual(['apply!', 'apply!']);
  });

  test('what is heard during a try leads to another one', async () => {
    const { one, world, asked } = setUp();
    const gate = new Deferred();
    world.gate = gate.promise;
    one.want();
    void one.open();
    one.again();
    one.again();
    gate.resolve();
    await one.known();
    expect([asked, one.isMade]).toEqual([['apply', 'apply'], true]);
  });

  test('what was made is looked at from time to time', async () => {
    const { one, asked, clock } = setUp({ lookMs: () => 1_000 });
    one.want();
    await one.open();
    await clock.advance(3_000);
    expect(asked).toEqual(['apply', 'apply', 'apply', 'apply']);
    one.unwant();
    await one.known();
    await clock.advance(60_000);
    expect([asked.at(-1), clock.pendingTimers]).toEqual(['revert', 0]);
  });
});

describe('taking back', () => {
  test('what is not wanted any more is taken back, until that has worked', async () => {
    const { one, asked, world, clock } = setUp();
    one.want();
    await one.open();
    world.isDown = true;
    one.unwant();
    await one.known();
    expect([one.isOver, world.is]).toEqual([false, 'made']);
    world.isDown = false;
    await clock.advance(100);
    expect([one.isOver, world.is, asked]).toEqual([true, 'nothing', ['apply', 'revert!', 'revert']]);
  });

  test('what may have been made by a try that failed is taken back; what cannot have been is not', async () => {
    const unsure = setUp();
    unsure.world.isDown = true;
    unsure.one.want();
    await unsure.one.open();
    unsure.world.isDown = false;
    unsure.one.unwant();
    await unsure.one.known();
    expect(unsure.asked).toEqual(['apply!', 'revert']);
    const sure = setUp({ leaves: () => false });
    sure.world.isDown = true;
    sure.one.want();
    await sure.one.open();
    sure.one.unwant();
    expect([sure.one.isOver, sure.asked, sure.clock.pendingTimers]).toEqual([true, ['apply!'], 0]);
  });

  test('what is released is left as it is: nobody is asked, whatever a try on its way comes to', async () => {
    const { one, asked, world } = setUp();
    one.want();
    await one.open();
    const gate = new Deferred();
    world.gate = gate.promise;
    one.again();
    one.release();
    await one.known();
    gate.resolve();
    await settled();
    expect([one.isOver, one.isMade, asked]).toEqual([true, false, ['apply', 'apply']]);
    one.unwant();
    await one.known();
    expect(asked).toHaveLength(2);
  });
});

describe('a loss', () => {
  test('after a close nothing is there; at the next open it is made again', async () => {
    const { one, asked, world } = setUp();
    one.want();
    await one.open();
    one.close();
    expect([one.isMade, one.result, one.wasEverMade]).toEqual([false, undefined, true]);
    world.is = 'nothing';
    await one.open();
    expect([one.isMade, world.is, asked]).toEqual([true, 'made', ['apply', 'apply']]);
  });

  test('an answer that comes after a close does not count', async () => {
    const { one, world } = setUp();
    const gate = new Deferred();
    world.gate = gate.promise;
    one.want();
    void one.open();
    const known = one.known();
    one.close();
    await known;
    gate.resolve();
    await settled();
    expect([one.isMade, one.result]).toEqual([false, undefined]);
  });
});

test('whatever is wanted, heard and lost in between: one try at a time, and at last it is as it was wanted last', async () => {
  const steps = ['want', 'unwant', 'again', 'open', 'close', 'down', 'up', 'wait'] as const;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { maxLength: 30 }), async (walk) => {
      const clock = new FakeClock();
      let [running, atOnce, isDown, is] = [0, 0, false, false];
      let epoch = 0;
      const act = async (becomes: boolean) => {
        const own = epoch;
        atOnce = Math.max(atOnce, ++running);
        await Promise.resolve();
        if (own !== epoch) return;
        running--;
        if (isDown) throw new Error('down');
        is = becomes;
      };
      const one = new Reconciler({
        clock,
        apply: () => act(true),
        revert: () => act(false),
        retryMs: () => 100,
      });
      /** Whoever is asked has lost everything, as has who asked. */
      const lose = () => {
        epoch++;
        running = 0;
        is = false;
      };
      let isWanted = false;
      for (const step of walk) {
        if (step === 'want' || step === 'unwant') isWanted = step === 'want';
        if (step === 'open' || step === 'close') lose();
        if (step === 'down' || step === 'up') isDown = step === 'down';
        else if (step === 'wait') await clock.advance(150);
        else if (step === 'open') void one.open();
        else one[step]();
      }
      isDown = false;
      lose();
      void one.open();
      await clock.advance(1_000);
      expect([atOnce <= 1, is, one.isMade, one.isOver]).toEqual([true, isWanted, isWanted, !isWanted]);
    }),
    { numRuns: 300 },
  );
});

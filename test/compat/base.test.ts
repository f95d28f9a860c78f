import { EventEmitter, once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { Base } from '../../src/compat/base.js';
import { FakeClock } from '../../src/testing/fake-clock.js';

const failure = new Error('no route');

const nextTick = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** What the console is told while `run` runs. */
async function complaints(run: () => unknown): Promise<string[]> {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    await run();
    return spy.mock.calls.map(([text]) => String(text));
  } finally {
    spy.mockRestore();
  }
}

describe('ready', () => {
  test('resolves when it is said so, before and after', async () => {
    const base = new Base();
    expect(base.isReady).toBe(false);
    const before = base.ready();
    base.ready(true);
    expect(base.isReady).toBe(true);
    await before;
    await base.ready();
  });

  test('a callback is called once, in the next tick, even where it is ready already', async () => {
    const base = new Base();
    const calls: unknown[] = [];
    base.ready((error) => calls.push(['before', error]));
    base.ready(true);
    base.ready((error) => calls.push(['after', error]));
    expect(calls).toEqual([]);
    await nextTick();
    base.ready(true);
    await nextTick();
    expect(calls).toEqual([
      ['before', null],
      ['after', null],
    ]);
  });

  test('an error goes to those who wait, now and later', async () => {
    const base = new Base();
    const errors: unknown[] = [];
    base.on('error', (error) => errors.push(error));
    const told = new Promise((resolve) => base.ready(resolve));
    const waited = base.ready();
    base.ready(failure);
    expect(await told).toBe(failure);
    await expect(waited).rejects.toBe(failure);
    await expect(base.ready()).rejects.toBe(failure);
    await expect(base.readyOrTimeout(1)).rejects.toBe(failure);
    expect(base.isReady).toBe(false);
    expect(errors).toEqual([]);
  });

  test('an error that nobody waits for is emitted', () => {
    const base = new Base();
    const errors: unknown[] = [];
    base.on('error', (error) => errors.push(error));
    base.ready(failure);
    expect(errors).toEqual([failure]);
  });

  test('an error takes it back', () => {
    const base = new Base();
    base.on('error', () => undefined);
    base.ready(true);
    base.ready(failure);
    expect(base.isReady).toBe(false);
  });

  test('false takes it back', async () => {
    const base = new Base();
    base.ready(true);
    base.ready(false);
    expect(base.isReady).toBe(false);
    let isReady = false;
    const waiting = base.ready().then(() => {
      isReady = true;
    });
    await nextTick();
    expect(isReady).toBe(false);
    base.ready(true);
    await waiting;
  });
});

describe('readyOrTimeout', () => {
  test('fails after the time, and forgets who waited', async () => {
    const clock = new FakeClock();
    const base = new Base({ clock });
    const late = base.readyOrTimeout(100);
    const said = expect(late).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'Promise timed out after 100 milliseconds',
    });
    await clock.advance(99);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    await said;
    // Nobody waits any more: the error is emitted.
    expect(await complaints(() => base.ready(failure))).toHaveLength(1);
  });

  test('resolves in time, and leaves no timer', async () => {
    const clock = new FakeClock();
    const base = new Base({ clock });
    const [limited, endless] = [base.readyOrTimeout(100), base.readyOrTimeout(Number.POSITIVE_INFINITY)];
    expect(clock.pendingTimers).toBe(1);
    base.ready(true);
    await limited;
    await endless;
    expect(clock.pendingTimers).toBe(0);
    await base.readyOrTimeout(100);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a failure in time is told', async () => {
    const base = new Base({ clock: new FakeClock() });
    const waiting = base.readyOrTimeout(100);
    base.ready(failure);
    await expect(waiting).rejects.toBe(failure);
  });

  test.each([-1, '100' as never])('%j is no time', async (ms) => {
    await expect(new Base().readyOrTimeout(ms)).rejects.toThrow(TypeError);
  });
});

describe('initMethod', () => {
  class Starting extends Base {
    readonly steps: string[] = [];
    constructor(readonly fails = false) {
      super({ initMethod: 'init' });
      this.steps.push('constructed');
    }
    async init(): Promise<void> {
      this.steps.push('started');
      if (this.fails) throw failure;
    }
  }

  test('runs after the constructor, and makes the object ready', async () => {
    const base = new Starting();
    expect(base.steps).toEqual(['constructed']);
    await base.ready();
    expect(base.steps).toEqual(['constructed', 'started']);
  });

  test('its failure is what ready() says', async () => {
    await expect(new Starting(true).ready()).rejects.toBe(failure);
  });

  test('that is not there', () => {
    expect(() => new Base({ initMethod: 'start' })).toThrow('[sdk-base] this.start should be a function.');
  });
});

describe('events', () => {
  test('await() gives the first argument of the next event, of this emitter or another', async () => {
    const base = new Base();
    const emitter = new EventEmitter();
    const both = Promise.all([base.await('change'), base.await(emitter, 'change')]);
    base.emit('change', 1, 2);
    emitter.emit('change', 3);
    expect(await both).toEqual([1, 3]);
    expect(base.listenerCount('change')).toBe(0);
  });

  test('await() of an error rejects', async () => {
    const base = new Base();
    const waiting = base.await('error');
    base.emit('error', failure);
    await expect(waiting).rejects.toBe(failure);
  });

  test('awaitFirst() tells which came, and forgets the others', async () => {
    const base = new Base();
    const waiting = base.awaitFirst(['open', 'close', 'error']);
    base.emit('close', 1, 2);
    expect(await waiting).toEqual({ event: 'close', args: [1, 2] });
    expect([base.listenerCount('open'), base.listenerCount('close'), base.listenerCount('error')]).toEqual([
      0, 0, 1,
    ]);
    const failing = base.awaitFirst(['open', 'error']);
    base.emit('error', failure);
    await expect(failing).rejects.toBe(failure);
  });

  test('an error that nobody listens to is written with its details, not thrown', async () => {
    class Link extends Base {}
    const link = new Link();
    const error = Object.assign(new Error('reset'), { address: '10.0.0.1:12200' });
    const [text, ...others] = await complaints(() => link.emit('error', error));
    expect(text).toContain(`[pid: ${process.pid}][Link]`);
    expect(text).toContain('reset');
    expect(text).toContain("address: '10.0.0.1:12200'");
    expect(others).toEqual([]);
    link.on('error', () => undefined);
    expect(await complaints(() => link.emit('error', error))).toEqual([]);
  });
});

describe('close', () => {
  class Closing extends Base {
    closed = 0;
    constructor(readonly ends: Promise<void>) {
      super();
    }
    protected override async _close(): Promise<void> {
      this.closed++;
      await this.ends;
    }
  }

  test('calls _close() once, however often it is called', async () => {
    const ends = new EventEmitter();
    const base = new Closing(once(ends, 'end').then(() => undefined));
    const both = Promise.all([base.close(), base.close()]);
    ends.emit('end');
    await both;
    await base.close();
    expect(base.closed).toBe(1);
  });

  test('emits what went wrong, and is closed', async () => {
    const base = new Closing(Promise.reject(failure));
    const errors: unknown[] = [];
    base.on('error', (error) => errors.push(error));
    await base.close();
    await base.close();
    expect(errors).toEqual([failure]);
    expect(base.closed).toBe(1);
  });

  test('has nothing to do where there is no _close()', async () => {
    await new Base().close();
  });
});

test('options and the local storage are those that were passed', () => {
  const localStorage = { name: 'storage' } as never;
  expect(new Base({ localStorage, a: 1 }).options).toEqual({ localStorage, a: 1 });
  expect(new Base({ localStorage }).localStorage).toBe(localStorage);
  expect(new Base().options).toEqual({});
});

import { expect, test, vi } from 'vitest';
import { staticResolver } from '../../src/discovery/static.js';
import { heard } from '../support/events.js';
import { endpoint, ScriptedSource } from './scripted-source.js';
import { settled, watched } from './watched.js';

test('registries are asked from the first call on, not before', async () => {
  const zk = new ScriptedSource('zk');
  const { watch, call, told } = watched([zk]);
  await settled();
  expect(zk.watches).toBe(0);
  const first = call();
  await settled();
  expect([zk.watches, first.current]).toEqual([1, 'waiting']);
  zk.tell('a:1', 'b:1');
  await settled();
  expect([first.current, call().current]).toEqual(['ready', 'waiting']);
  await watch.ready();
  expect([zk.watches, told()]).toEqual([1, [['a:1', 'b:1']]]);
});

test('a list that says nothing new is not told; endpoints that stay are the same objects', async () => {
  const zk = new ScriptedSource('zk');
  const { call, lists } = watched([zk]);
  call();
  await settled();
  zk.tell(endpoint('a:1', { weight: '1' }), endpoint('b:1'));
  await settled();
  zk.tell(endpoint('b:1'), endpoint('a:1', { weight: '1' }));
  await settled();
  expect(lists.length).toBe(1);
  zk.tell(endpoint('a:1', { weight: '2' }), endpoint('b:1'), endpoint('c:1'));
  await settled();
  expect(lists.length).toBe(2);
  const [[a, b], [newA, sameB]] = lists;
  expect(newA).not.toBe(a);
  expect(newA.attributes).toEqual({ weight: '2' });
  expect(sameB).toBe(b);
  zk.tell(endpoint('a:1', { zone: '2' }), endpoint('b:1'), endpoint('c:1'));
  await settled();
  expect(lists[2].map(({ attributes }) => attributes)).toEqual([{ zone: '2' }, {}, {}]);
});

test('several registries are one list: by address, the first one counts', async () => {
  const [one, two] = [new ScriptedSource('one'), new ScriptedSource('two')];
  const { call, lists } = watched([one, two]);
  call();
  await settled();
  two.tell(endpoint('a:1', { from: 'two' }), endpoint('b:1', { from: 'two' }));
  await settled();
  one.tell(endpoint('a:1', { from: 'one' }), endpoint('c:1', { from: 'one' }));
  await settled();
  const seen = lists.map((list) => list.map(({ address, attributes }) => `${address} ${attributes.from}`));
  expect(seen).toEqual([
    ['a:1 two', 'b:1 two'],
    ['a:1 one', 'c:1 one', 'b:1 two'],
  ]);
});

test('a change is published with the addresses that came and went', async () => {
  const events = heard('endpoints.changed');
  const zk = new ScriptedSource('zk');
  const { call } = watched([zk]);
  call();
  await settled();
  zk.tell('a:1', 'b:1');
  await settled();
  zk.tell('b:1', 'c:1');
  await settled();
  const service = 'com.acme.People:1.0';
  expect(events.map(([, message]) => message)).toEqual([
    { service, endpoints: 2, added: ['a:1', 'b:1'], removed: [] },
    { service, endpoints: 2, added: ['c:1'], removed: ['a:1'] },
  ]);
});

test('static addresses are a last word: told once, never failed', async () => {
  const { watch, clock, told, warnings } = watched([
    { name: 'bolt', resolver: staticResolver('bolt://a:1,b:1') },
  ]);
  await watch.ready();
  expect(told()).toEqual([['a:1', 'b:1']]);
  await clock.advance(100_000);
  expect([warnings, clock.pendingTimers]).toEqual([[], 0]);
});

test('an empty list is a known one only when nobody may still tell more', async () => {
  const [one, two] = [new ScriptedSource('one'), new ScriptedSource('two')];
  const { call } = watched([one, two]);
  const first = call();
  await settled();
  one.tell();
  await settled();
  expect(first.current).toBe('waiting');
  two.fail('down');
  await settled();
  expect(first.current).toBe('ready');
});

test('a call fails when every registry has failed, with the reason of each', async () => {
  const [one, two] = [new ScriptedSource('zookeeper://one'), new ScriptedSource('dns://two')];
  const { call } = watched([one, two]);
  const first = call();
  await settled();
  one.fail('connection refused');
  await settled();
  expect(first.current).toBe('waiting');
  two.fail('no such name');
  await settled();
  expect(first.current).toBe(
    'NO_ENDPOINT: no endpoint of com.acme.People:1.0 is known: zookeeper://one: connection refused; dns://two: no such name',
  );
});

test('each call has an error of its own, with the cause', async () => {
  const zk = new ScriptedSource('zk');
  const { watch } = watched([zk]);
  const calls = Promise.allSettled([watch.ready(), watch.ready()]);
  await settled();
  zk.fail('connection refused');
  const [one, two] = (await calls).map((call) => (call.status === 'rejected' ? call.reason : call));
  expect([one.service, one.cause.message, one.retry]).toEqual([
    'com.acme.People:1.0',
    'connection refused',
    'safe',
  ]);
  expect(two).toEqual(one);
  expect(two).not.toBe(one);
});

test('calls that fail share the tries of the registry', async () => {
  const zk = new ScriptedSource('zk');
  const { clock, call } = watched([zk], { random: () => 1 });
  call();
  await settled();
  for (const ms of [200, 400, 800, 1_600]) {
    zk.fail(`down before ${ms}`);
    await settled();
    if (ms < 1_600) await clock.advance(ms);
  }
  const calls = [call(), call(), call()];
  await settled();
  expect(new Set(calls.map(({ current }) => current))).toEqual(
    new Set(['NO_ENDPOINT: no endpoint of com.acme.People:1.0 is known: zk: down before 1600']),
  );
  expect(zk.watches).toBe(4);

  // The next try is near now: these wait for it.
  await clock.advance(600);
  const patient = [call(), call()];
  await clock.advance(999);
  expect(patient.map(({ current }) => current)).toEqual(['waiting', 'waiting']);
  await clock.advance(1);
  expect(zk.watches).toBe(5);
});

test('a call that waits for a new try is told its list, its failure, or after a second the last failure', async () => {
  const zk = new ScriptedSource('zk');
  const { clock, call } = watched([zk], { random: () => 1 });
  call();
  await settled();
  zk.fail('first');
  await settled();

  const told = 'NO_ENDPOINT: no endpoint of com.acme.People:1.0 is known: zk:';
  const early = call();
  await clock.advance(200);
  expect([zk.isWatched, early.current]).toEqual([true, 'waiting']);
  await clock.advance(800);
  expect(early.current).toBe(`${told} first`);

  const late = call();
  await clock.advance(500);
  zk.fail('second');
  await settled();
  expect(late.current).toBe(`${told} second`);

  await clock.advance(400);
  const last = call();
  zk.tell('a:1');
  await settled();
  expect(last.current).toBe('ready');
  expect(clock.pendingTimers).toBe(0);
});

test('an empty list after one that was not is believed only after the grace time', async () => {
  const zk = new ScriptedSource('zk');
  const { clock, call, told, warnings } = watched([zk]);
  call();
  await settled();
  zk.tell('a:1', 'b:1');
  await settled();
  zk.tell();
  await clock.advance(30_000);
  zk.tell();
  await clock.advance(29_999);
  expect(told()).toEqual([['a:1', 'b:1']]);
  expect(warnings).toEqual([
    'the registry zk lists no endpoint of com.acme.People:1.0 any more: the last 2 are kept for 60000 ms, then it is believed',
  ]);
  await clock.advance(1);
  expect(told()).toEqual([['a:1', 'b:1'], []]);
  expect(clock.pendingTimers).toBe(0);
});

test('a list that is not empty, or a failure, ends the doubt', async () => {
  const zk = new ScriptedSource('zk');
  const { clock, call, told } = watched([zk], { random: () => 1 });
  call();
  await settled();
  zk.tell('a:1');
  await settled();
  zk.tell();
  await clock.advance(59_000);
  zk.tell('a:1');
  await clock.advance(2_000);
  expect(told()).toEqual([['a:1']]);

  zk.tell();
  await clock.advance(59_000);
  zk.fail('it was on its way down');
  await clock.advance(2_000);
  expect(told()).toEqual([['a:1']]);
  zk.tell();
  await clock.advance(59_999);
  expect(told()).toEqual([['a:1']]);
  await clock.advance(1);
  expect(told()).toEqual([['a:1'], []]);
});

test('with no grace time an empty list is believed at once', async () => {
  const zk = new ScriptedSource('zk');
  const { call, told } = watched([zk], { emptyGraceMs: 0 });
  call();
  await settled();
  zk.tell('a:1');
  await settled();
  zk.tell();
  await settled();
  expect(told()).toEqual([['a:1'], []]);
});

test('after close nothing is told, no timer is left and calls are refused', async () => {
  const [one, two, three] = ['one', 'two', 'three'].map((name) => new ScriptedSource(name));
  const { clock, watch, call, told } = watched([one, two, three]);
  call();
  await settled();
  one.tell('a:1');
  two.fail('down');
  await settled();
  one.tell();
  await settled();
  expect(clock.pendingTimers).toBe(2);
  watch.close();
  expect(clock.pendingTimers).toBe(0);
  expect(three.signal?.aborted).toBe(true);
  three.tell('c:1');
  await settled();
  expect(told()).toEqual([['a:1']]);
  await expect(watch.ready()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  watch.close();
});

test('a call that waits is refused when the watch is closed', async () => {
  const zk = new ScriptedSource('zk');
  const { watch, call } = watched([zk]);
  const waiting = call();
  await settled();
  watch.close();
  await settled();
  expect(waiting.current).toMatch(/^SHUTTING_DOWN: /);
  expect(zk.signal?.aborted).toBe(true);
});

test('where the endpoints cannot be put to use, that is said, and the watch goes on', async () => {
  const zk = new ScriptedSource('zk');
  const onEndpoints = vi.fn().mockImplementationOnce(() => {
    throw new Error('no such balancer');
  });
  const { call, warnings } = watched([zk], { onEndpoints });
  call();
  await settled();
  zk.tell('a:1');
  await settled();
  zk.tell('b:1');
  await settled();
  expect(warnings).toEqual([
    'the endpoints of com.acme.People:1.0 could not be put to use: no such balancer',
  ]);
  expect(onEndpoints).toHaveBeenCalledTimes(2);
});

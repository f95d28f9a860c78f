import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/discovery/snapshot.js';
import type { RememberedLists } from '../../src/discovery/snapshot-format.js';
import { endpoint, ScriptedSource } from './scripted-source.js';
import { settled, watched } from './watched.js';

const YESTERDAY = Date.UTC(2025, 11, 31);

/** A snapshot that holds what an earlier process was told: addresses by registry. */
function remembering(...lists: (readonly string[] | undefined)[]) {
  const saved: RememberedLists[] = [];
  const snapshot: Snapshot = {
    load: async () =>
      lists.map((list) => list && { toldAt: YESTERDAY, endpoints: list.map((address) => endpoint(address)) }),
    save: (all) => saved.push(all),
  };
  const shown = () =>
    saved.map((all) =>
      all.map((list) => list && `${list.toldAt - YESTERDAY} ${list.endpoints.map(({ address }) => address)}`),
    );
  return { snapshot, shown };
}

test('the list of an earlier process stands in for a registry that tells none within half a second', async () => {
  const zk = new ScriptedSource('zk');
  const { snapshot } = remembering(['a:1', 'b:1']);
  const { clock, call, told, warnings } = watched([zk], { snapshot });
  const first = call();
  await clock.advance(499);
  expect([first.current, told()]).toEqual(['waiting', []]);
  await clock.advance(1);
  expect([first.current, told()]).toEqual(['ready', [['a:1', 'b:1']]]);
  await clock.advance(100_000);
  expect(warnings).toEqual([
    'the registry zk has not told the endpoints of com.acme.People:1.0: the last 2 of the snapshot, 86401 s old (2025-12-31T00:00:00.000Z), are used until it does',
  ]);
  zk.tell('b:1', 'c:1');
  await settled();
  expect(told()).toEqual([
    ['a:1', 'b:1'],
    ['b:1', 'c:1'],
  ]);
});

test('it stands in at once when the first try fails, and stays while tries fail', async () => {
  const zk = new ScriptedSource('zk');
  const { snapshot } = remembering(['a:1']);
  const { clock, call, told, warnings } = watched([zk], { snapshot });
  const first = call();
  await settled();
  zk.fail('connection refused');
  await settled();
  expect([first.current, told()]).toEqual(['ready', [['a:1']]]);
  await clock.advance(200);
  zk.fail('connection refused');
  await clock.advance(10_000);
  expect(warnings.map((warning) => /cannot tell|could not tell/.exec(warning)?.[0])).toEqual([
    'cannot tell',
    'could not tell',
    'cannot tell',
  ]);
  expect(told()).toEqual([['a:1']]);
});

test('a registry that answers is believed, whatever was remembered', async () => {
  const zk = new ScriptedSource('zk');
  const { snapshot } = remembering(['a:1']);
  const { clock, call, told, warnings } = watched([zk], { snapshot });
  call();
  await clock.advance(400);
  zk.tell('b:1');
  await clock.advance(10_000);
  expect([told(), warnings, clock.pendingTimers]).toEqual([[['b:1']], [], 0]);
});

test('a first list that is empty is doubted against what was remembered', async () => {
  const zk = new ScriptedSource('zk');
  const { snapshot, shown } = remembering(['a:1']);
  const { clock, call, told, warnings } = watched([zk], { snapshot });
  const first = call();
  await settled();
  zk.tell();
  await settled();
  expect([first.current, told()]).toEqual(['ready', [['a:1']]]);
  expect(warnings).toEqual([
    'the registry zk lists no endpoint of com.acme.People:1.0 any more: the last 1 of the snapshot, 86400 s old (2025-12-31T00:00:00.000Z), are kept for 60000 ms, then it is believed',
  ]);
  await clock.advance(60_000);
  expect(told()).toEqual([['a:1'], []]);
  expect(shown().at(-1)).toEqual(['86460000 ']);
});

test('a first list that is empty is believed where there is no grace time', async () => {
  const zk = new ScriptedSource('zk');
  const { snapshot } = remembering(['a:1']);
  const { call, told, warnings } = watched([zk], { snapshot, emptyGraceMs: 0 });
  const first = call();
  await settled();
  zk.tell();
  await settled();
  expect([first.current, told(), warnings]).toEqual(['ready', [], []]);
});

test('that there was nothing yesterday is not remembered', async () => {
  const zk = new ScriptedSource('zk');
  const { snapshot } = remembering([]);
  const { call } = watched([zk], { snapshot });
  const first = call();
  await settled();
  zk.fail('down');
  await settled();
  expect(first.current).toMatch(/^NO_ENDPOINT/);
});

test('each registry has its own: one tells, the other is stood in for', async () => {
  const [up, down] = [new ScriptedSource('up'), new ScriptedSource('down')];
  const { snapshot, shown } = remembering(['a:1'], ['b:1']);
  const { call, told } = watched([up, down], { snapshot });
  call();
  await settled();
  up.tell('c:1');
  await settled();
  down.fail('connection refused');
  await settled();
  expect(told()).toEqual([['c:1'], ['c:1', 'b:1']]);
  // What is only remembered keeps its age.
  expect(shown().at(-1)).toEqual(['86400000 c:1', '0 b:1']);
});

test('lists are saved when they are first told and when they change', async () => {
  const [one, two] = [new ScriptedSource('one'), new ScriptedSource('two')];
  const { snapshot, shown } = remembering();
  const { clock, call } = watched([one, two], { snapshot });
  call();
  await settled();
  one.tell('a:1');
  await clock.advance(1_000);
  one.tell('a:1');
  await clock.advance(1_000);
  two.tell('a:1');
  await clock.advance(1_000);
  one.tell('b:1');
  await settled();
  expect(shown()).toEqual([
    ['86400000 a:1', undefined],
    ['86401000 a:1', '86402000 a:1'],
    ['86403000 b:1', '86402000 a:1'],
  ]);
});

test('closed while the snapshot is read, nothing is asked', async () => {
  const zk = new ScriptedSource('zk');
  const { snapshot } = remembering(['a:1']);
  const { clock, watch, call } = watched([zk], { snapshot });
  call();
  watch.close();
  await settled();
  expect([zk.watches, clock.pendingTimers]).toEqual([0, 0]);
});

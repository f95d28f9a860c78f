import { expect, test } from 'vitest';
import {
  everMoreRarely,
  type FailureLog,
  FailureReporter,
  oncePerReason,
} from '../../src/discovery/failure-reporter.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { heard } from '../support/events.js';

const about = { registry: 'zookeeper://zk', service: 'com.acme.Hello:1.0', operation: 'publish' } as const;
const failure = (failures: number, reason = 'refused') => ({ reason, failures, retryInMs: 400 });

function reporter(log: (warn: (line: string) => void) => FailureLog = everMoreRarely) {
  const lines: string[] = [];
  return {
    lines,
    one: new FailureReporter(
      about,
      log((line) => lines.push(line)),
    ),
  };
}

test('each failure is an event, and the 1st, 2nd, 4th, 8th in a row a line', () => {
  const events = heard('registry.failed', 'registry.recovered');
  const { one, lines } = reporter();
  for (let i = 1; i <= 9; i++) one.failed(failure(i), 'cannot announce it', 'nobody finds it');
  expect(events).toHaveLength(9);
  expect(events[0]).toEqual(['registry.failed', { ...about, ...failure(1) }]);
  expect(lines).toEqual(
    [1, 2, 4, 8].map(
      (count) =>
        `cannot announce it: refused; nobody finds it. It is tried again in 400 ms (failure ${count})`,
    ),
  );
});

test('a recovery is one event, after a failure alone', () => {
  const events = heard('registry.recovered');
  const { one } = reporter();
  one.recovered();
  one.failed(failure(1), 'cannot', 'so what');
  one.recovered();
  one.recovered();
  expect(events).toEqual([['registry.recovered', about]]);
});

test('a failure that is part of another one`s line is an event alone', () => {
  const events = heard('registry.failed');
  const { one, lines } = reporter();
  one.failed(failure(1), undefined, 'nobody finds it');
  expect([events.length, lines]).toEqual([1, []]);
});

test('of those that fail together for one reason, one is a line', async () => {
  const clock = new FakeClock();
  const { one, lines } = reporter((warn) => oncePerReason(clock, warn));
  for (let i = 0; i < 50; i++) one.failed(failure(1), `cannot ${i}`, '');
  one.failed(failure(1, 'another reason'), 'cannot that either', '');
  await clock.advance(1_000);
  one.failed(failure(2), 'cannot again', '');
  one.failed(failure(3), 'cannot still', '');
  expect(lines.map((line) => line.split(':')[0])).toEqual(['cannot 0', 'cannot that either', 'cannot again']);
});

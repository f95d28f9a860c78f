import { expect, test } from 'vitest';
import { AddressFeed } from '../../../src/compat/client/address-feed.js';
import { endpointOf } from '../../../src/core/endpoint.js';
import { settled } from '../../../src/testing/fake-clock.js';

const [a, b] = [endpointOf('a', 1), endpointOf('b', 1)];

function watching(feed: AddressFeed) {
  const stop = new AbortController();
  const lists: string[][] = [];
  const over = (async () => {
    for await (const list of feed.watch('any', stop.signal)) lists.push(list.map(({ address }) => address));
  })();
  return { lists, stop, over };
}

test('a feed tells what was pushed before, and whatever is pushed after, to each who watches', async () => {
  const feed = new AddressFeed();
  const early = watching(feed);
  await settled();
  expect(early.lists).toEqual([]);
  feed.push([a]);
  await settled();
  const late = watching(feed);
  await settled();
  expect([early.lists, late.lists]).toEqual([[['a:1']], [['a:1']]]);
  feed.push([a, b]);
  await settled();
  feed.push([]);
  await settled();
  expect(early.lists).toEqual([['a:1'], ['a:1', 'b:1'], []]);
  expect(late.lists).toEqual(early.lists);
});

test('of several that are pushed at once, the last one counts', async () => {
  const feed = new AddressFeed();
  const { lists } = watching(feed);
  await settled();
  feed.push([a]);
  feed.push([b]);
  await settled();
  expect(lists).toEqual([['b:1']]);
});

test('a watch that is stopped ends, and the others go on', async () => {
  const feed = new AddressFeed();
  const [one, other] = [watching(feed), watching(feed)];
  await settled();
  one.stop.abort();
  await one.over;
  feed.push([a]);
  await settled();
  expect([one.lists, other.lists]).toEqual([[], [['a:1']]]);
});

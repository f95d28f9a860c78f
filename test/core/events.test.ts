import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { type EventMessages, publish } from '../../src/core/events.js';

test.each<[keyof EventMessages, EventMessages[keyof EventMessages]]>([
  ['connection.opened', { side: 'client', remote: 'a:1' }],
  ['connection.closed', { side: 'server', remote: 'a:1', reason: 'over' }],
  ['connection.draining', { remote: 'a:1' }],
  ['response.late', { remote: 'a:1', requestId: 7 }],
])('%s reaches who listens to sofa-mesh-sdk:%s', (name, message) => {
  const got: unknown[] = [];
  const listen = (published: unknown) => {
    got.push(published);
  };
  subscribe(`sofa-mesh-sdk:${name}`, listen);
  publish(name, message as never);
  unsubscribe(`sofa-mesh-sdk:${name}`, listen);
  publish(name, message as never);
  expect(got).toEqual([message]);
});

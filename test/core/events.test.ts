import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { type EventMessages, publish } from '../../src/core/events.js';

test.each<[keyof EventMessages, EventMessages[keyof EventMessages]]>([
  ['connection.opened', { side: 'client', remote: 'a:1' }],
  ['connection.closed', { side: 'server', remote: 'a:1', reason: 'over' }],
  ['connection.draining', { remote: 'a:1' }],
  ['response.late', { remote: 'a:1', requestId: 7 }],
  [
    'registry.failed',
    {
      registry: 'zookeeper://a',
      service: 's',
      operation: 'watch',
      reason: 'down',
      failures: 2,
      retryInMs: 300,
    },
  ],
  ['registry.recovered', { registry: 'zookeeper://a', service: 's', operation: 'publish' }],
  ['endpoints.changed', { service: 's', endpoints: 2, added: ['a:1'], removed: [] }],
  ['endpoint.ejected', { service: 's', endpoint: 'a:1', reason: '5 failures in a row', forMs: 5_000 }],
  ['endpoint.returned', { service: 's', endpoint: 'a:1' }],
  ['circuit.opened', { service: 's', method: 'm', endpoint: 'a:1', reason: 'it fails' }],
  ['circuit.closed', { service: 's', method: 'm', endpoint: 'a:1' }],
  ['call.retried', { service: 's', method: 'm', endpoint: 'a:1', code: 'OVERLOADED', attempt: 1 }],
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

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { type EventMessages, publish, publishRefused } from '../../src/core/events.js';
import { heard } from '../support/events.js';

/** One of each: the compiler sees that none is missing. */
const messages: EventMessages = {
  'connection.opened': { side: 'client', remote: 'a:1' },
  'connection.closed': { side: 'server', remote: 'a:1', reason: 'over' },
  'connection.draining': { remote: 'a:1' },
  'response.late': { remote: 'a:1', requestId: 7 },
  'server.refused': { reason: 'busy', remote: 'a:1', service: 's', method: undefined, error: undefined },
  'registry.failed': {
    registry: 'zookeeper://a',
    service: 's',
    operation: 'watch',
    reason: 'down',
    failures: 2,
    retryInMs: 300,
  },
  'registry.recovered': { registry: 'zookeeper://a', service: 's', operation: 'publish' },
  'endpoints.changed': { service: 's', endpoints: 2, added: ['a:1'], removed: [] },
  'endpoint.ejected': { service: 's', endpoint: 'a:1', reason: '5 failures in a row', forMs: 5_000 },
  'endpoint.returned': { service: 's', endpoint: 'a:1' },
  'circuit.opened': { service: 's', method: 'm', endpoint: 'a:1', reason: 'it fails' },
  'circuit.closed': { service: 's', method: 'm', endpoint: 'a:1' },
  'call.retried': { service: 's', method: 'm', endpoint: 'a:1', code: 'OVERLOADED', attempt: 1 },
  'call.rerouted': { service: 's', method: 'm', to: 'direct', code: 'CONNECT_FAILED' },
  'mesh.switched': { service: 's', from: 100, to: 0, reason: 'the policy' },
  'mesh.degraded': { service: undefined, reason: 'it is gone' },
  'mesh.recovered': { service: 's', reason: 'it is back' },
  'mesh.rolled-back': { service: 's', reason: 'the guard' },
  'mesh.difference': { service: 's', method: 'm', paths: ['$.name'] },
  'policy.changed': { source: 'set()' },
  'policy.rejected': { source: 'policy.json', reason: 'no JSON' },
};

test.each(Object.entries(messages) as [keyof EventMessages, never][])(
  '%s reaches who listens to it, and nobody else',
  (name, message) => {
    const got: unknown[] = [];
    const listen = (published: unknown) => {
      got.push(published);
    };
    subscribe(`sofa-mesh-sdk:${name}`, listen);
    for (const other of Object.keys(messages) as (keyof EventMessages)[])
      publish(other, messages[other] as never);
    unsubscribe(`sofa-mesh-sdk:${name}`, listen);
    publish(name, message);
    expect(got).toEqual([message]);
  },
);

test('a refusal says what is known of the request', () => {
  const refused = heard('server.refused');
  const error = new Error('no such method');
  publishRefused('unknown-method', 'a:1', 's', 'm', error);
  publishRefused('busy', 'a:1', undefined);
  expect(refused.map(([, message]) => message)).toEqual([
    { reason: 'unknown-method', remote: 'a:1', service: 's', method: 'm', error },
    { reason: 'busy', remote: 'a:1', service: undefined, method: undefined, error: undefined },
  ]);
});

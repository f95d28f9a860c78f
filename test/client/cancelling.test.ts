import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { onePeer } from '../support/one-peer.js';
import { People } from '../support/people.js';
import { response } from '../support/raw-peer.js';

describe('an AbortSignal', () => {
  test('aborted before the call: nothing is sent, not even a connection is waited for', async () => {
    const { service, peers, network } = onePeer();
    const reason = new Error('changed my mind');
    await expect(service.echo('x', { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'CANCELLED',
      sent: false,
      retry: 'never',
      cause: reason,
      service: People.id,
      method: 'echo',
    });
    watched(service.ping());
    await settled();
    await expect(service.echo('x', { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'CANCELLED',
      sent: false,
    });
    expect(peers[0].frames).toHaveLength(1);

    network.swallow('b:2');
    const stuck = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://b:2',
      connect: network.connect,
      clock: new FakeClock(),
    });
    await expect(
      stuck.service(People).echo('x', { signal: AbortSignal.abort(reason) }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('aborted while it connects', async () => {
    const { service, network } = onePeer();
    network.swallow('a:1');
    const abort = new AbortController();
    const call = watched(service.echo('x', { signal: abort.signal }));
    await settled();
    abort.abort();
    await settled();
    expect(call.error).toMatchObject({ code: 'CANCELLED', sent: false, retry: 'never' });
  });

  test('aborted while it waits for the response: CANCELLED, sent, and the late response is counted', async () => {
    const { service, peers, client } = onePeer();
    const abort = new AbortController();
    const call = watched(service.echo('x', { signal: abort.signal }));
    await settled();
    abort.abort(new Error('user left'));
    await settled();
    expect(call.error).toMatchObject({
      code: 'CANCELLED',
      sent: true,
      endpoint: 'a:1',
      cause: { message: 'user left' },
    });
    peers[0].write(response(peers[0].frames[0].requestId, 'late'));
    await settled();
    expect(client.stats()).toMatchObject({ pending: 0, lateResponses: 1 });
  });

  test('aborted in the tick of the call, before its bytes left: not sent', async () => {
    const { service } = onePeer();
    watched(service.ping());
    await settled();
    const abort = new AbortController();
    const call = watched(service.echo('x', { signal: abort.signal }));
    abort.abort();
    await settled();
    expect(call.error).toMatchObject({ code: 'CANCELLED', sent: false });
  });

  test('aborted after the response: nothing happens, and no listener is left on it', async () => {
    const { service, peers } = onePeer();
    const abort = new AbortController();
    const listeners = new Set<unknown>();
    const { signal } = abort;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((type: string, listener: never, options: never) => {
      listeners.add(listener);
      add(type, listener, options);
    }) as typeof signal.addEventListener;
    signal.removeEventListener = ((type: string, listener: never) => {
      listeners.delete(listener);
      remove(type, listener);
    }) as typeof signal.removeEventListener;
    const call = service.echo('x', { signal });
    await settled();
    peers[0].write(response(peers[0].frames[0].requestId, 'in time'));
    expect(await call).toBe('in time');
    expect(listeners.size).toBe(0);
    abort.abort();
    await settled();
  });

  test('one signal for many calls cancels those that still run', async () => {
    const { service, peers } = onePeer();
    const abort = new AbortController();
    const calls = [1, 2, 3].map(() => watched(service.echo('x', { signal: abort.signal })));
    await settled();
    peers[0].write(response(peers[0].frames[1].requestId, 'done'));
    await settled();
    abort.abort();
    await settled();
    expect(calls.map((call) => call.state)).toEqual(['rejected', 'resolved', 'rejected']);
  });
});

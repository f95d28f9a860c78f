import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { onePeer } from '../support/one-peer.js';
import { People } from '../support/people.js';
import { response } from '../support/raw-peer.js';

describe('close', () => {
  test('lets calls in flight finish and refuses new ones', async () => {
    const { client, service, peers } = onePeer();
    const call = watched(service.echo('x'));
    await settled();
    const closing = watched(client.close());
    await settled();
    expect([call.state, closing.state]).toEqual(['pending', 'pending']);
    await expect(service.echo('new')).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      sent: false,
      retry: 'safe',
      service: People.id,
      method: 'echo',
    });
    await expect(client.invoke(People.id, 'ping', [])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    peers[0].write(response(peers[0].frames[0].requestId, 'finished'));
    await settled();
    expect(call.value).toBe('finished');
    expect(closing.state).toBe('resolved');
    expect(peers[0].ended).toBe(true);
  });

  test('gives up after timeoutMs: the calls may have been executed', async () => {
    const { client, service, clock, peers } = onePeer();
    const call = watched(service.echo('x', { timeoutMs: 60_000 }));
    await settled();
    const closing = watched(client.close({ timeoutMs: 500 }));
    await clock.advance(499);
    expect(call.state).toBe('pending');
    await clock.advance(1);
    expect(call.error).toMatchObject({
      code: 'SHUTTING_DOWN',
      sent: true,
      retry: 'if-idempotent',
      endpoint: 'a:1',
    });
    expect(closing.state).toBe('resolved');
    await settled();
    expect(peers[0].ended).toBe(true);
  });

  test('ends a call that waits for a connection', async () => {
    const { client, service, network } = onePeer();
    network.swallow('a:1');
    const call = watched(service.echo('x'));
    await settled();
    await client.close();
    await settled();
    expect(call.error).toMatchObject({ code: 'SHUTTING_DOWN', sent: false, retry: 'safe' });
  });

  test('stops reconnecting', async () => {
    const { client, service, network, clock, peers } = onePeer();
    watched(service.echo('x'));
    await settled();
    network.refuse('a:1');
    peers[0].stream.destroy();
    await settled();
    await client.close();
    const attempts = network.attempts.length;
    await clock.advance(60_000);
    expect(network.attempts).toHaveLength(attempts);
    expect(clock.pendingTimers).toBe(0);
  });

  test('may be called twice, before any call too, and by await using', async () => {
    const { client } = onePeer();
    await Promise.all([client.close(), client.close()]);
    const clock = new FakeClock();
    {
      await using other = new MeshClient({ mode: 'direct', app: 'test', clock, registry: 'bolt://a:1' });
      other.service(People);
    }
    expect(clock.pendingTimers).toBe(0);
  });

  test('a oneway that was just written still leaves', async () => {
    const { client, service, peers } = onePeer();
    watched(service.ping());
    await settled();
    void service.note('last words');
    peers[0].write(response(peers[0].frames[0].requestId, null));
    await client.close();
    await settled();
    expect(peers[0].frames.map((frame) => frame.type)).toEqual([1, 2]);
  });
});

describe('options', () => {
  test.each([
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ connectTimeoutMs: -1 }, 'connectTimeoutMs'],
    [{ maxFrameBytes: Number.NaN }, 'maxFrameBytes'],
    [{ connectionsPerEndpoint: 0 }, 'connectionsPerEndpoint'],
    [{ connectionsPerEndpoint: 1.5 }, 'connectionsPerEndpoint'],
    [{ registry: 'http://a:1' }, 'http'],
    [{ registry: [] }, 'empty'],
  ])('%j is refused', (options, name) => {
    expect(() => new MeshClient({ mode: 'direct', app: 'test', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) }),
    );
  });
});

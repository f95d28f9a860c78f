import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../src/compat/client/address.js';
import { RpcConnection } from '../../../src/compat/client/rpc-connection.js';
import {
  RpcConnectionMgr,
  type RpcConnectionMgrOptions,
} from '../../../src/compat/client/rpc-connection-mgr.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { Network } from '../../support/network.js';
import { echo, Log, passingOn, provider } from './client-world.js';

const [a, b, c] = ['a:1', 'b:1', 'c:1'].map((host) => parseAddress(host));

function managed(own: Partial<RpcConnectionMgrOptions> = {}, managerClass = RpcConnectionMgr) {
  const clock = new FakeClock();
  const network = new Network();
  const log = new Log();
  const { connect } = network;
  const manager = new managerClass({ logger: log, mode: 'direct', clock, connect, ...own });
  const errors: Error[] = [];
  manager.on('error', (error) => errors.push(error));
  onTestFinished(async () => {
    void manager.close();
    await clock.advance(20_000);
  });
  const served = [a, b].map(({ host }) => provider(network, host, echo));
  return { clock, network, log, manager, errors, served, passing: passingOn(clock) };
}

test('a manager needs a logger, and is ready at once', () => {
  expect(() => new RpcConnectionMgr({} as never)).toThrow('[ConnectionManager] options.logger is required');
  const { manager, log } = managed();
  expect(manager.isReady).toBe(true);
  expect(manager.options).toMatchObject({ connectionClass: RpcConnection, warnConnectionCount: 6_000 });
  expect([manager.logger, manager.connectionClass]).toEqual([log, RpcConnection]);
});

describe('connections', () => {
  test('are made once for an address, also when several ask at once', async () => {
    const { manager, network, passing } = managed();
    expect(manager.get(a)).toBe(null);
    const connections = await passing(Promise.all([1, 2, 3].map(() => manager.createAndGet(a))));
    expect(new Set(connections).size).toBe(1);
    expect(connections[0]).toBeInstanceOf(RpcConnection);
    expect(manager.get(parseAddress('a:1?x=1'))).toBe(connections[0]);
    expect([...manager.connections.keys()]).toEqual(['a:1']);
    expect(network.attempts).toEqual(['a:1']);
  });

  test('that are not there yet are found by doGetConn, not by get', async () => {
    const { manager, passing } = managed();
    const made = manager.createAndGet(a);
    expect(manager.get(a)).toBe(null);
    expect(manager.doGetConn(a)).toBeInstanceOf(RpcConnection);
    expect(await passing(made)).toBe(manager.get(a));
  });

  test('are given the options and the class that are asked for', async () => {
    const seen: unknown[] = [];
    class Own extends RpcConnection {
      protected override _connect(): void {
        seen.push(this.options);
        this._connected = true;
        this.ready(true);
      }
    }
    const { manager, log, passing } = managed({ connectionClass: Own });
    expect(await passing(manager.createAndGet(a, { mine: 1 }))).toBeInstanceOf(Own);
    expect(seen).toMatchObject([{ address: a, logger: log, mine: 1 }]);
    expect(await passing(manager.createAndGet(b, {}, RpcConnection))).not.toBeInstanceOf(Own);
  });

  test('that cannot be made are null, forgotten and logged; the next one who asks tries again', async () => {
    const { manager, log, errors, network, passing } = managed();
    expect(await passing(manager.createAndGet(c))).toBe(null);
    const line =
      '[ConnectionManager] create connection: bolt://c:1 failed, caused by connect ECONNREFUSED c:1';
    expect(log.lines).toEqual([['info', line]]);
    expect([manager.connections.size, errors]).toEqual([0, []]);
    provider(network, 'c:1', echo);
    expect(await passing(manager.createAndGet(c))).toBe(manager.get(c));
  });

  test('that cannot be made: the message is for an overridden method', async () => {
    const told: string[] = [];
    class Mine extends RpcConnectionMgr {
      override logConnectErrorMessage(message: string): void {
        told.push(message);
      }
    }
    const { manager, log, passing } = managed({}, Mine);
    await passing(manager.createAndGet(c));
    expect(told).toEqual([expect.stringMatching(/bolt:\/\/c:1 failed, caused by connect ECONNREFUSED/)]);
    expect(log.lines).toEqual([]);
  });

  test('that have closed are forgotten', async () => {
    const { manager, served, passing, clock } = managed();
    const first = await passing(manager.createAndGet(a));
    served[0].peers[0].stream.destroy();
    await clock.advance(1);
    expect(manager.get(a)).toBe(null);
    const second = await passing(manager.createAndGet(a));
    expect([second === first, second?.isOk]).toEqual([false, true]);
  });

  test('their errors are emitted by the manager', async () => {
    const { manager, errors, passing } = managed();
    const connection = await passing(manager.createAndGet(a));
    const failure = new Error('of a connection');
    connection!.emit('error', failure);
    expect(errors).toEqual([failure]);
  });

  test('are kept under the keys of overridden methods', async () => {
    const own = new Map<string, RpcConnection>();
    class Mine extends RpcConnectionMgr {
      override doGetConn() {
        return own.get('k');
      }
      override doSetConn(_address: unknown, connection: RpcConnection) {
        return own.set('k', connection);
      }
      override doDeleteConn() {
        own.clear();
      }
    }
    const { manager, passing } = managed({}, Mine);
    const connection = await passing(manager.createAndGet(a));
    expect(await passing(manager.createAndGet(b))).toBe(connection);
    expect([manager.connections.size, own.get('k')]).toEqual([0, connection]);
    await passing(connection!.close());
    expect(own.size).toBe(0);
  });

  test('that are many are warned of', async () => {
    const { manager, log, passing } = managed({ warnConnectionCount: 1 });
    await passing(manager.createAndGet(a));
    expect(log.lines).toEqual([]);
    await passing(manager.createAndGet(b));
    const text = '[ConnectionManager] current connection count is %s, great than warn count %s';
    expect(log.lines).toEqual([['warn', `${text} 2 1`]]);
  });
});

describe('close', () => {
  test('closes all connections', async () => {
    const { manager, passing, served, clock, network } = managed();
    const connections = await passing(Promise.all([a, b].map((address) => manager.createAndGet(address))));
    await passing(manager.close());
    expect(connections.map((connection) => connection?.isClosed)).toEqual([true, true]);
    expect([
      manager.connections.size,
      served.flatMap(({ peers }) => peers.map(({ ended }) => ended)),
    ]).toEqual([0, [true, true]]);
    await clock.advance(60_000);
    expect(network.attempts.length).toBe(2);
  });

  test('closeAllConnections() leaves the manager of use', async () => {
    const { manager, passing } = managed();
    const first = await passing(manager.createAndGet(a));
    await passing(manager.closeAllConnections());
    expect(first?.isClosed).toBe(true);
    const second = await passing(manager.createAndGet(a));
    expect(second?.isOk).toBe(true);
  });
});

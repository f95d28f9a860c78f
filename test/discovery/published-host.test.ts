import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import {
  doubtsOf,
  type HostQuestion,
  hostOption,
  type Machine,
  publishedHost,
  thisMachine,
} from '../../src/discovery/published-host.js';

const LOOPBACK = { address: '127.0.0.1', internal: true };
const DOCKER = { address: '172.17.0.1', internal: false };
const ETHERNET = { address: '10.1.2.3', internal: false };
const V6 = { address: '2001:db8::7', internal: false };
const LINK_LOCAL = [
  { address: '169.254.7.7', internal: false },
  { address: 'fe80::1', internal: false },
];

/** A machine with these interfaces that knows these ways. */
function machine(interfaces: ReturnType<Machine['interfaces']>, ways: Record<string, string> = {}): Machine {
  return { interfaces: () => interfaces, addressTowards: async (host) => ways[host] };
}

const hostOf = (question: Partial<HostQuestion>, of: Machine) =>
  publishedHost({ wanted: undefined, bound: '::', towards: undefined, ...question }, of);

describe('the published host is', () => {
  const all = machine([LOOPBACK, DOCKER, ETHERNET], { zk: '10.1.2.3', '192.0.2.1': '10.9.9.9' });

  test('what was asked for', async () => {
    expect(await hostOf({ wanted: 'people.acme', bound: '10.0.0.5', towards: 'zk' }, all)).toBe(
      'people.acme',
    );
  });

  test.each(['10.0.0.5', '127.0.0.1', '2001:db8::9'])(
    'the address that is listened on: %s',
    async (bound) => {
      expect(await hostOf({ bound, towards: 'zk' }, all)).toBe(bound);
    },
  );

  test.each(['0.0.0.0', '::'])(
    'bound to %s, that of the interface that leads to the registry',
    async (bound) => {
      expect(await hostOf({ bound, towards: 'zk' }, all)).toBe('10.1.2.3');
    },
  );

  test.each([
    ['there is no registry to lead to', undefined],
    ['the registry is not found', 'nowhere'],
    ['the registry is on this machine', 'local'],
    ['the registry is on the same cable', 'cable'],
  ])("where %s, that of the default route: not a container's bridge", async (_why, towards) => {
    const ways = { local: '127.0.0.1', cable: 'fe80::1%eth0', '192.0.2.1': '10.1.2.3' };
    expect(await hostOf({ towards }, machine([LOOPBACK, DOCKER, ETHERNET], ways))).toBe('10.1.2.3');
  });

  test('that of the default route of IPv6 where there is none of IPv4', async () => {
    expect(await hostOf({}, machine([LOOPBACK, V6], { '2001:db8::1': '2001:db8::7' }))).toBe('2001:db8::7');
  });

  test('without a route the first address that leads out of the machine, IPv4 before IPv6', async () => {
    expect(await hostOf({}, machine([LOOPBACK, ...LINK_LOCAL, V6, ETHERNET, DOCKER]))).toBe('10.1.2.3');
    expect(await hostOf({}, machine([LOOPBACK, ...LINK_LOCAL, V6]))).toBe('2001:db8::7');
  });

  test('no IPv6 address where only IPv4 is listened on', async () => {
    const six = machine([LOOPBACK, V6, ETHERNET], { zk: '2001:db8::7' });
    expect(await hostOf({ bound: '0.0.0.0', towards: 'zk' }, six)).toBe('10.1.2.3');
    expect(await hostOf({ bound: '::', towards: 'zk' }, six)).toBe('2001:db8::7');
  });

  test('127.0.0.1 on a machine without a network', async () => {
    expect(await hostOf({}, machine([LOOPBACK, ...LINK_LOCAL]))).toBe('127.0.0.1');
  });
});

describe('asked for', () => {
  test('by the option, or else by the environment', () => {
    const env = { SOFA_MESH_PUBLISH_HOST: '10.0.0.9' };
    expect(hostOption('people.acme', env)).toBe('people.acme');
    expect(hostOption(undefined, env)).toBe('10.0.0.9');
    expect(hostOption(undefined, { SOFA_MESH_PUBLISH_HOST: '' })).toBeUndefined();
    expect(hostOption(undefined, {})).toBeUndefined();
    expect(hostOption('2001:db8::7', {})).toBe('2001:db8::7');
  });

  test.each(['', ' ', 'http://a', 'a:12200', '[::1]', 'a/b', 'a b', 'a..b', 'bolt://10.0.0.1'])(
    '%j is refused: it is no host',
    (host) => {
      expect(() => hostOption(host, {})).toThrow(
        expect.objectContaining({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining('publishHost'),
        }),
      );
      if (host === '') return;
      expect(() => hostOption(undefined, { SOFA_MESH_PUBLISH_HOST: host })).toThrow(
        /^SOFA_MESH_PUBLISH_HOST/,
      );
    },
  );
});

describe('doubts', () => {
  test('IPv6, which Java cannot read in a registry', () => {
    expect(doubtsOf('2001:db8::7', 'zk')).toMatch(/Java cannot read/);
  });

  test('an address that only this machine reaches, unless the registry is here, too', () => {
    expect(doubtsOf('127.0.0.1', 'zk.acme')).toMatch(/only this machine reaches/);
    for (const here of ['127.0.0.1', 'localhost', '::1', undefined])
      expect(doubtsOf('127.0.0.1', here)).toBeUndefined();
  });

  test('none of an ordinary one', () => {
    expect(doubtsOf('10.1.2.3', 'zk')).toBeUndefined();
    expect(doubtsOf('people.acme', undefined)).toBeUndefined();
  });
});

describe('this machine', () => {
  test('knows its own address towards itself, and its interfaces', async () => {
    const here = thisMachine(systemClock);
    expect(await here.addressTowards('127.0.0.1')).toBe('127.0.0.1');
    expect(here.interfaces()).toContainEqual(
      expect.objectContaining({ address: '127.0.0.1', internal: true }),
    );
  });

  test('knows no way to a name that does not resolve', async () => {
    expect(await thisMachine(systemClock).addressTowards('no-such-host.invalid')).toBeUndefined();
  });

  test('tells its host without a packet, whatever its network is', async () => {
    expect(await hostOf({}, thisMachine(systemClock))).toMatch(/^[0-9a-f.:]+$/);
  });
});

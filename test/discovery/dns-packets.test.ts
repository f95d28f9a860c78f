import type { Answer } from 'dns-packet';
import { expect, onTestFinished, test } from 'vitest';
import { dnsResolver } from '../../src/discovery/dns.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { dnsServer } from './dns-server.js';

const SERVER_FAILURE = 2;
const SRV = '_bolt._tcp.people.example';

const a = (name: string, data: string, ttl: number): Answer => ({ type: 'A', name, data, ttl });
const aaaa = (name: string, data: string, ttl: number): Answer => ({ type: 'AAAA', name, data, ttl });
const srv = (priority: number, weight: number, port: number, target: string): Answer => ({
  type: 'SRV',
  name: SRV,
  ttl: 60,
  data: { priority, weight, port, target },
});

/** What node:dns makes of real packets: the lists of a name, as they are asked for. */
function listsOf(url: string) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const resolver = dnsResolver(url, { clock });
  onTestFinished(() => {
    stop.abort();
    return resolver.close();
  });
  const lists = resolver.watch('any:1.0', stop.signal)[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await lists.next();
    return value.map(({ address, attributes }: { address: string; attributes: Record<string, string> }) =>
      [address, ...Object.values(attributes)].join(' '),
    );
  };
  return { clock, next };
}

test('A and AAAA records, their TTL and their changes', async () => {
  const zone = {
    'A people.example': [a('people.example', '10.0.0.1', 60), a('people.example', '10.0.0.2', 7)],
    'AAAA people.example': [aaaa('people.example', '2001:db8::1', 60)],
  };
  const { address, asked } = await dnsServer(zone);
  const { clock, next } = listsOf(`dns://people.example:12201?server=${address}`);
  expect((await next()).sort()).toEqual(['10.0.0.1:12201', '10.0.0.2:12201', '[2001:db8::1]:12201']);
  expect(asked.sort()).toEqual(['A people.example', 'AAAA people.example']);
  zone['A people.example'] = [a('people.example', '10.0.0.3', 7)];
  const changed = next();
  await clock.advance(6_999);
  expect(asked.length).toBe(2);
  await clock.advance(1);
  expect((await changed).sort()).toEqual(['10.0.0.3:12201', '[2001:db8::1]:12201']);
  expect(asked.length).toBe(4);
});

test('a name with addresses of one family, while the other fails or is not there', async () => {
  const { address } = await dnsServer({
    'A v4.example': [a('v4.example', '10.0.0.1', 60)],
    'AAAA broken.example': SERVER_FAILURE,
    'A broken.example': [a('broken.example', '10.0.0.2', 60)],
    'AAAA v6.example': [aaaa('v6.example', '::1', 60)],
  });
  const list = (name: string) => listsOf(`dns://${name}:1?server=${address}`).next();
  expect(await Promise.all(['v4.example', 'broken.example', 'v6.example'].map(list))).toEqual([
    ['10.0.0.1:1'],
    ['10.0.0.2:1'],
    ['[::1]:1'],
  ]);
});

test('SRV records and their targets', async () => {
  const { address } = await dnsServer({
    [`SRV ${SRV}`]: [
      srv(20, 0, 1, 'backup.example'),
      srv(10, 0, 12201, 'a.example'),
      srv(10, 9, 12202, 'b.example'),
    ],
    'A a.example': [a('a.example', '10.0.0.1', 60)],
    'A b.example': [a('b.example', '10.0.0.2', 60)],
    'A backup.example': [a('backup.example', '10.0.0.9', 60)],
    'SRV _nothing._tcp.example': [
      {
        type: 'SRV',
        name: '_nothing._tcp.example',
        ttl: 60,
        data: { priority: 0, weight: 0, port: 0, target: '.' },
      },
    ],
  });
  expect((await listsOf(`dns+srv://${SRV}?server=${address}`).next()).sort()).toEqual([
    '10.0.0.1:12201 1',
    '10.0.0.2:12202 9',
  ]);
  expect(await listsOf(`dns+srv://_nothing._tcp.example?server=${address}`).next()).toEqual([]);
});

test('what is not there, and a server that fails, or that nobody runs', async () => {
  const { address } = await dnsServer({
    'A broken.example': SERVER_FAILURE,
    'AAAA broken.example': SERVER_FAILURE,
    'SRV empty.example': [],
  });
  const reasonOf = (url: string) =>
    listsOf(url)
      .next()
      .catch((error: Error) => error.message);
  expect(await reasonOf(`dns://gone.example?server=${address}`)).toMatch(/gone\.example: .*\(ENOTFOUND\)$/);
  expect(await reasonOf(`dns://empty.example?server=${address}`)).toMatch(/empty\.example: .*\(ENODATA\)$/);
  expect(await reasonOf(`dns://broken.example?server=${address}`)).toMatch(
    /broken\.example: .*\(ESERVFAIL\)$/,
  );
  expect(await reasonOf(`dns+srv://gone.example?server=${address}`)).toMatch(
    /gone\.example: .*\(ENOTFOUND\)$/,
  );
  expect(await reasonOf('dns://people.example?server=127.0.0.1:1')).toMatch(/\(ECONNREFUSED\)$/);
});

test('localhost, as the hosts file has it', async () => {
  expect(await listsOf('dns://localhost:1').next()).toContain('127.0.0.1:1');
});

import { expect, onTestFinished, test } from 'vitest';
import { dnsResolver } from '../../src/discovery/dns.js';
import type { AddressRecord, DnsQuestions, ServiceRecord } from '../../src/discovery/dns-answers.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { outcomeOf } from './watched.js';

type Records<T> = readonly T[] | string;

/** A DNS that a test fills: records by name, or the code of a failure. What is not there is ENOTFOUND. */
class ScriptedDns implements DnsQuestions {
  readonly asked: string[] = [];
  readonly v4: Record<string, Records<AddressRecord>> = {};
  readonly v6: Record<string, Records<AddressRecord>> = {};
  readonly services: Record<string, Records<ServiceRecord>> = {};
  /** The hosts file. */
  readonly hosts: Record<string, readonly string[]> = {};
  servers: readonly string[] = [];
  isCancelled = false;

  a = (name: string) => this.answer(`A ${name}`, this.v4[name]);
  aaaa = (name: string) => this.answer(`AAAA ${name}`, this.v6[name]);
  srv = (name: string) => this.answer(`SRV ${name}`, this.services[name]);

  get system() {
    if (this.servers.length > 0) return undefined;
    return async (name: string) => {
      const found = await this.answer(`system ${name}`, this.hosts[name]);
      return found.map((address) => ({ address }));
    };
  }

  cancel(): void {
    this.isCancelled = true;
  }

  private async answer<T>(question: string, records: Records<T> = 'ENOTFOUND'): Promise<readonly T[]> {
    this.asked.push(question);
    if (typeof records !== 'string') return records;
    throw Object.assign(new Error(`query ${records}`), { code: records });
  }
}

/** A DNS URL that is watched until the test ends. */
function watching(url: string, prepare: (dns: ScriptedDns) => void) {
  const dns = new ScriptedDns();
  prepare(dns);
  const clock = new FakeClock();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const resolver = dnsResolver(url, {
    clock,
    ask: (servers) => {
      dns.servers = servers;
      return dns;
    },
  });
  const lists: string[][] = [];
  const follow = async () => {
    for await (const list of resolver.watch('any:1.0', stop.signal)) {
      lists.push(
        list.map(({ address, attributes: { weight } }) =>
          weight === undefined ? address : `${address} w${weight}`,
        ),
      );
    }
  };
  return { dns, clock, stop, resolver, lists, follow, outcome: outcomeOf(follow()) };
}

const at = (ttl: number, ...addresses: string[]) => addresses.map((address) => ({ address, ttl }));
const target = (name: string, port: number, priority = 0, weight = 0) => ({ name, port, priority, weight });

test('every address of a name, A and AAAA, with the port', async () => {
  const { lists } = watching('dns://people.example:12201', ({ v4, v6 }) => {
    v4['people.example'] = at(60, '10.0.0.1', '10.0.0.2');
    v6['people.example'] = at(60, '2001:db8::1');
  });
  await settled();
  expect(lists).toEqual([['10.0.0.1:12201', '10.0.0.2:12201', '[2001:db8::1]:12201']]);
});

test('the port is 12200 where none is named, and one family is enough', async () => {
  const { lists } = watching('dns://people.example', ({ v6 }) => {
    v6['people.example'] = at(60, '2001:db8::1');
  });
  await settled();
  expect(lists).toEqual([['[2001:db8::1]:12200']]);
});

test('a name is asked for again when the shortest TTL is over', async () => {
  const { dns, clock, lists } = watching('dns://people.example', ({ v4, v6 }) => {
    v4['people.example'] = [...at(60, '10.0.0.1'), ...at(20, '10.0.0.2')];
    v6['people.example'] = at(30, '::2');
  });
  await settled();
  dns.v4['people.example'] = at(5, '10.0.0.3');
  await clock.advance(19_999);
  expect(lists.length).toBe(1);
  await clock.advance(1);
  expect(lists[1]).toEqual(['10.0.0.3:12200', '[::2]:12200']);
  await clock.advance(5_000);
  expect(lists.length).toBe(3);
});

test.each([
  ['no TTL at all is a second', 0, 1],
  ['a day is 300 s', 86_400, 300],
])('%s', async (_, ttl, seconds) => {
  const { dns, clock } = watching('dns://people.example', ({ v4 }) => {
    v4['people.example'] = at(ttl, '10.0.0.1');
  });
  await settled();
  await clock.advance(seconds * 1_000 - 1);
  expect(dns.asked.length).toBe(2);
  await clock.advance(1);
  expect(dns.asked.length).toBe(4);
});

test('all services share one question, and its answer as long as it holds', async () => {
  const { dns, clock, resolver, follow } = watching('dns://people.example', ({ v4 }) => {
    v4['people.example'] = at(10, '10.0.0.1');
  });
  void follow();
  await settled();
  await clock.advance(5_000);
  const late = resolver.watch('other:1.0', new AbortController().signal)[Symbol.asyncIterator]();
  expect((await late.next()).value.length).toBe(1);
  expect(dns.asked.length).toBe(2);
  const next = late.next();
  await clock.advance(5_000);
  await next;
  expect(dns.asked.length).toBe(4);
});

test('a family that fails for a while keeps its last addresses', async () => {
  const { dns, clock, lists } = watching('dns://people.example', ({ v4, v6 }) => {
    v4['people.example'] = at(10, '10.0.0.1');
    v6['people.example'] = 'ESERVFAIL';
  });
  await settled();
  expect(lists).toEqual([['10.0.0.1:12200']]);
  dns.v6['people.example'] = at(10, '::1');
  await clock.advance(10_000);
  dns.v6['people.example'] = 'ETIMEOUT';
  dns.v4['people.example'] = at(10, '10.0.0.2');
  await clock.advance(10_000);
  dns.v6['people.example'] = 'ENODATA';
  await clock.advance(10_000);
  dns.v6['people.example'] = 'ESERVFAIL';
  await clock.advance(10_000);
  expect(lists.slice(1)).toEqual([
    ['10.0.0.1:12200', '[::1]:12200'],
    ['10.0.0.2:12200', '[::1]:12200'],
    ['10.0.0.2:12200'],
    ['10.0.0.2:12200'],
  ]);
});

test('a name that cannot be resolved is a failure with the reason, not an empty list', async () => {
  const reasons: Record<string, string> = {
    ENOTFOUND: 'there is no such name',
    ENODATA: 'the name has no such record',
    ESERVFAIL: 'the name server has failed',
    ETIMEOUT: 'no name server answered in time',
    ECONNREFUSED: 'no name server listens there',
    EBADRESP: 'query EBADRESP',
  };
  for (const [code, reason] of Object.entries(reasons)) {
    const { lists, outcome } = watching('dns://people.example?server=10.0.0.53', ({ v4, v6 }) => {
      v4['people.example'] = code;
      v6['people.example'] = 'ENODATA';
    });
    await settled();
    expect([lists, outcome.current]).toEqual([
      [],
      `NO_ENDPOINT: cannot resolve people.example: ${reason} (${code})`,
    ]);
  }
});

test('where one family is not there and the other fails, nobody can tell', async () => {
  const { dns, clock, outcome, lists } = watching('dns://people.example', ({ v6 }) => {
    v6['people.example'] = at(10, '::1');
  });
  await settled();
  dns.v6['people.example'] = 'ETIMEOUT';
  await clock.advance(10_000);
  expect([lists.length, outcome.current]).toEqual([1, expect.stringContaining('ETIMEOUT')]);
});

test('a name that only the hosts file knows is found there, and looked for every 30 s', async () => {
  const { dns, clock, lists } = watching('dns://people:1', ({ hosts }) => {
    hosts.people = ['127.0.0.1', '::1'];
  });
  await settled();
  expect(lists).toEqual([['127.0.0.1:1', '[::1]:1']]);
  expect(dns.asked).toEqual(['A people', 'AAAA people', 'system people']);
  await clock.advance(29_999);
  expect(dns.asked.length).toBe(3);
  await clock.advance(1);
  expect(dns.asked.length).toBe(6);
});

test('localhost is never asked of a name server', async () => {
  for (const name of ['localhost', 'api.LOCALHOST', 'localhost.']) {
    const { dns, lists } = watching(`dns://${name}:1`, ({ hosts }) => {
      hosts[name] = ['127.0.0.1'];
    });
    await settled();
    expect([dns.asked, lists]).toEqual([[`system ${name}`], [['127.0.0.1:1']]]);
  }
});

test('name servers of the URL are asked alone', async () => {
  const url = 'dns://people:1?server=10.0.0.53&server=[::1]:5353';
  const { dns, outcome } = watching(url, ({ hosts }) => {
    hosts.people = ['127.0.0.1'];
  });
  await settled();
  expect(dns.servers).toEqual(['10.0.0.53', '[::1]:5353']);
  expect([dns.asked, outcome.current]).toEqual([
    ['A people', 'AAAA people'],
    expect.stringContaining('no such name'),
  ]);
});

const SRV = '_bolt._tcp.people.example';

test('SRV records: the targets of the lowest priority, with their ports and weights', async () => {
  const { lists } = watching(`dns+srv://${SRV}`, ({ services, v4, v6 }) => {
    services[SRV] = [
      target('backup.example', 1, 20, 1),
      target('a.example', 12200, 10, 30),
      target('b.example', 12201, 10, 70),
    ];
    v4['a.example'] = at(60, '10.0.0.1');
    v6['a.example'] = at(60, '::1');
    v4['b.example'] = at(60, '10.0.0.2');
    v4['backup.example'] = at(60, '10.0.0.9');
  });
  await settled();
  expect(lists).toEqual([['10.0.0.1:12200 w30', '[::1]:12200 w30', '10.0.0.2:12201 w70']]);
});

test('SRV weight 0: no weight where there is no other, a very small one among others', async () => {
  const { dns, clock, lists } = watching(`dns+srv://${SRV}`, ({ services, v4 }) => {
    services[SRV] = [target('a.example', 1, 0, 0), target('b.example', 1, 0, 0)];
    v4['a.example'] = at(5, '10.0.0.1');
    v4['b.example'] = at(5, '10.0.0.2');
  });
  await settled();
  dns.services[SRV] = [target('a.example', 1, 0, 0), target('b.example', 1, 0, 99)];
  await clock.advance(5_000);
  expect(lists).toEqual([
    ['10.0.0.1:1', '10.0.0.2:1'],
    ['10.0.0.1:1 w1', '10.0.0.2:1 w99'],
  ]);
});

test('SRV: the next priority serves where no target of the first is there, not where nobody can tell', async () => {
  const { dns, clock, lists, outcome } = watching(`dns+srv://${SRV}`, ({ services, v4 }) => {
    services[SRV] = [target('gone.example', 1, 1), target('backup.example', 2, 2)];
    v4['backup.example'] = at(10, '10.0.0.9');
  });
  await settled();
  expect(lists).toEqual([['10.0.0.9:2']]);
  dns.v4['gone.example'] = at(10, '10.0.0.1');
  await clock.advance(10_000);
  expect(lists[1]).toEqual(['10.0.0.1:1']);
  dns.v4['gone.example'] = 'ESERVFAIL';
  await clock.advance(10_000);
  expect([lists.length, outcome.current]).toEqual([
    2,
    `NO_ENDPOINT: cannot resolve ${SRV}: the name server has failed (ESERVFAIL)`,
  ]);
});

test('SRV: one target that fails for a while keeps its addresses', async () => {
  const { dns, clock, lists } = watching(`dns+srv://${SRV}`, ({ services, v4 }) => {
    services[SRV] = [target('a.example', 1), target('b.example', 1)];
    v4['a.example'] = at(10, '10.0.0.1');
    v4['b.example'] = at(10, '10.0.0.2');
  });
  await settled();
  dns.v4['a.example'] = 'ETIMEOUT';
  dns.v4['b.example'] = at(10, '10.0.0.3');
  await clock.advance(20_000);
  expect(lists.slice(1)).toEqual([
    ['10.0.0.1:1', '10.0.0.3:1'],
    ['10.0.0.1:1', '10.0.0.3:1'],
  ]);
});

test('SRV: a target that was left out for a while is not remembered', async () => {
  const { dns, clock, lists } = watching(`dns+srv://${SRV}`, ({ services, v4 }) => {
    services[SRV] = [target('a.example', 1), target('b.example', 1)];
    v4['a.example'] = at(10, '10.0.0.1');
    v4['b.example'] = at(10, '10.0.0.2');
  });
  await settled();
  dns.services[SRV] = [target('b.example', 1)];
  await clock.advance(10_000);
  dns.services[SRV] = [target('a.example', 1), target('b.example', 1)];
  dns.v4['a.example'] = 'ETIMEOUT';
  await clock.advance(10_000);
  expect(lists.slice(1)).toEqual([['10.0.0.2:1'], ['10.0.0.2:1']]);
});

test('SRV records are asked for after 30 s at most', async () => {
  const { dns, clock, lists } = watching(`dns+srv://${SRV}`, ({ services, v4 }) => {
    services[SRV] = [target('a.example', 1)];
    v4['a.example'] = at(3_600, '10.0.0.1');
  });
  await clock.advance(29_999);
  dns.services[SRV] = [target('a.example', 2)];
  expect(lists.length).toBe(1);
  await clock.advance(1);
  expect(lists[1]).toEqual(['10.0.0.1:2']);
});

test('SRV: the target "." says that nothing is there; no record at all is a failure', async () => {
  const { dns, clock, lists, outcome } = watching(`dns+srv://${SRV}`, ({ services }) => {
    services[SRV] = [target('', 0)];
  });
  await settled();
  expect(lists).toEqual([[]]);
  delete dns.services[SRV];
  await clock.advance(30_000);
  expect(outcome.current).toBe(`NO_ENDPOINT: cannot resolve ${SRV}: there is no such name (ENOTFOUND)`);
});

test('an aborted watch ends, with no timer left; close gives up what is being asked', async () => {
  const { dns, clock, stop, resolver, outcome } = watching('dns://people.example', ({ v4 }) => {
    v4['people.example'] = at(10, '10.0.0.1');
  });
  await settled();
  stop.abort();
  await settled();
  expect([outcome.current, clock.pendingTimers]).toEqual(['ready', 0]);
  await resolver.close();
  expect(dns.isCancelled).toBe(true);
});

test.each([
  ['dns://', 'must be of the form dns://name:port'],
  ['dns://a:1,b:2', 'must be of the form'],
  ['dns://a:70000', 'must be of the form'],
  ['dns://a:0', 'must be of the form'],
  ['dns://a/b', 'must be of the form'],
  ['dns://[::1]:1', 'must be of the form'],
  ['dns://user:secret@a:1', 'the registry dns://a:1 cannot be used: it must be of the form'],
  ['dns://10.0.0.1:1', '10.0.0.1 is an address already: use bolt://10.0.0.1:1'],
  ['dns+srv://_bolt._tcp.a:1', 'the port comes from the SRV records'],
  ['dns://a?sever=10.0.0.1', 'it has a parameter sever; there is only server=ip:port'],
  ['dns://a?server=ns.example', 'server must be ip or ip:port'],
])('%s is refused', (url, reason) => {
  const refused = () => dnsResolver(url, { clock: new FakeClock() });
  expect(refused).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) }),
  );
  expect(refused).not.toThrow(/secret/);
});

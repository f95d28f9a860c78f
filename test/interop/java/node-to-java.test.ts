// A Node.js client and a real Java provider (sofa-rpc-all 5.13.2).

import { type Client, MeshClient, type MeshError } from 'sofa-mesh-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_CASES, JAVA_CASES } from './cases/client-cases.js';
import { failureOf, remoteFailureOf, servicesOf } from './cases/support.js';
import { Faults, Greet, Nowhere, People, Slow } from './contracts.js';
import { type Provider, startProvider, startRelay } from './harness.js';

let provider: Provider;
let client: MeshClient;
let people: Client<typeof People>;
let faults: Client<typeof Faults>;
let slow: Client<typeof Slow>;

beforeAll(async () => {
  provider = await startProvider();
  client = new MeshClient({
    mode: 'direct',
    app: 'node-consumer',
    registry: `bolt://${provider.address}`,
    timeoutMs: 10_000,
  });
  people = client.service(People);
  faults = client.service(Faults);
  slow = client.service(Slow);
});

afterAll(async () => {
  await client?.close();
  await provider?.jvm.stop();
});

/** A client of its own, for what would disturb the others. */
async function withClient<T>(address: string, use: (own: MeshClient) => Promise<T>): Promise<T> {
  const own = new MeshClient({ mode: 'direct', app: 'node-consumer', registry: `bolt://${address}` });
  try {
    return await use(own);
  } finally {
    await own.close();
  }
}

for (const [subject, cases] of Object.entries(CLIENT_CASES)) {
  describe(subject, () => {
    for (const [title, run] of Object.entries({ ...cases, ...JAVA_CASES[subject] }))
      it(title, () => run(servicesOf(client)));
  });
}

describe('failures', () => {
  it("has Java's stack trace beside its own, and knows where the call went", async () => {
    const error = await remoteFailureOf(faults.illegal('where'));
    expect(error.remoteStack).toContain('com.lab.run.Faults.illegal(Faults.java:');
    expect(error.code).toBe('REMOTE_FAILURE');
    expect([error.service, error.method, error.endpoint]).toEqual([
      'com.lab.FaultService:1.0',
      'illegal',
      provider.address,
    ]);
    expect([error.sent, error.retry]).toEqual([true, 'never']);
  });

  it('goes on with the same connection after an exception', async () => {
    await failureOf(faults.checked(1n));
    expect(await faults.fine('again')).toBe('fine again');
    expect(client.stats().connections).toBe(1);
  });

  it('fails and names the service where Java exports no such service', async () => {
    const error = await failureOf(client.service(Nowhere).any());
    expect(error.message).toContain('com.lab.NowhereService:1.0');
    expect(['METHOD_NOT_FOUND', 'NO_ENDPOINT']).toContain(error.code);
  });

  it('fails with DEADLINE_EXCEEDED at the timeout of the call, and drops the answer that comes late', async () => {
    await withClient(provider.address, async (own) => {
      const mine = own.service(Slow);
      const error = await failureOf(mine.after(400, 'late', { timeoutMs: 60 }));
      expect([error.code, error.sent, error.retry]).toEqual(['DEADLINE_EXCEEDED', true, 'if-idempotent']);
      expect(await mine.after(500, 'on time')).toBe('on time after 500');
      expect(own.stats()).toMatchObject({ connections: 1, pending: 0, lateResponses: 1 });
    });
  });

  it('fails with OVERLOADED where every Java thread is taken', async () => {
    await withClient(provider.busyAddress, async (own) => {
      const mine = own.service(Slow);
      const calls = await Promise.allSettled(Array.from({ length: 8 }, () => mine.after(200, 'x')));
      const codes = calls.map((call) =>
        call.status === 'fulfilled' ? 'ok' : (call.reason as MeshError).code,
      );
      expect(new Set(codes)).toEqual(new Set(['ok', 'OVERLOADED']));
      const refused = calls.find((call) => call.status === 'rejected')?.reason as MeshError;
      expect(refused.retry).toBe('safe');
    });
  });

  it('fails with CONNECT_FAILED where nobody listens, and names the address', async () => {
    await withClient('127.0.0.1:1', async (own) => {
      const error = await failureOf(own.service(People).ping());
      expect([error.code, error.sent, error.retry]).toEqual(['CONNECT_FAILED', false, 'safe']);
      expect(error.message).toContain('127.0.0.1:1');
    });
  });
});

describe('services, metadata and one-way calls', () => {
  it('knows which way a call went', async () => {
    const { reply } = await people.ping.withReply();
    expect([reply.path, reply.endpoint?.address]).toEqual(['direct', provider.address]);
  });

  it('shares one connection between all services', async () => {
    await withClient(provider.address, async (own) => {
      await Promise.all([
        own.service(People).ping(),
        own.service(Greet).greet('x'),
        own.service(Faults).fine('y'),
        own.service(Slow).after(1, 'z'),
      ]);
      expect(own.stats().connections).toBe(1);
    });
  });
});

describe('many calls and changing connections', () => {
  it('takes answers in the order in which Java gives them', async () => {
    const order: string[] = [];
    const keep = (text: string | null) => order.push(text!);
    await Promise.all([slow.after(300, 'slow').then(keep), slow.after(1, 'fast').then(keep)]);
    expect(order).toEqual(['fast after 1', 'slow after 300']);
    expect(client.stats().connections).toBe(1);
  });

  it('matches 10,000 calls at concurrency 128 to answers that overtake each other', async () => {
    let next = 0;
    let latest = -1;
    let overtaken = 0;
    const worker = async () => {
      while (next < 10_000) {
        const n = next;
        next += 1;
        expect(await slow.overtake(n)).toBe(n + 1);
        if (latest > n) overtaken += 1;
        latest = Math.max(latest, n);
      }
    };
    const { lateResponses } = client.stats();
    await Promise.all(Array.from({ length: 128 }, worker));
    expect(overtaken).toBeGreaterThan(100);
    expect(client.stats()).toEqual({ connections: 1, pending: 0, lateResponses });
  });

  it('lets Java finish a call that runs while its server is stopped', async () => {
    const port = (await provider.jvm.value({ cmd: 'start', name: 'stopped' })) as number;
    await withClient(`127.0.0.1:${port}`, async (own) => {
      const running = own.service(Slow).after(700, 'finished');
      while ((await own.service(Slow).overtake(2)) !== 3);
      const stopped = provider.jvm.value({ cmd: 'stop', name: 'stopped' });
      expect(await running).toBe('finished after 700');
      await stopped;
    });
  });

  it('fails, safe to retry, what a stopped Java server refuses on a connection it leaves open', async () => {
    const port = (await provider.jvm.value({ cmd: 'start', name: 'refusing' })) as number;
    await withClient(`127.0.0.1:${port}`, async (own) => {
      expect(await own.service(People).ping()).toBe('pong');
      await provider.jvm.value({ cmd: 'stop', name: 'refusing' });
      const error = await failureOf(own.service(People).ping());
      // Its thread pool is shut down a moment after it says that it has stopped.
      expect(['SHUTTING_DOWN', 'OVERLOADED']).toContain(error.code);
      expect(error.retry).toBe('safe');
    });
  });

  it('says of a call whose connection was cut that it may have run, and connects again', async () => {
    const relay = await startRelay(provider.address);
    try {
      await withClient(relay.address, async (own) => {
        const mine = own.service(Slow);
        const running = failureOf(mine.gate('cut'));
        while ((await slow.waiting('cut')) === 0);
        relay.cut();
        const error = await running;
        expect([error.code, error.sent, error.retry]).toEqual(['CONNECTION_LOST', true, 'if-idempotent']);
        expect(await own.service(People).ping()).toBe('pong');
        await slow.open('cut');
      });
    } finally {
      await relay.close();
    }
  });
});

// Bolt itself between Node.js and real Java (bolt 1.6.10): versions 1 and 2, with and without CRC, heartbeats, go-away,
// and frames that are not what they should be. Every frame passes a relay that keeps it.
import { createHash } from 'node:crypto';
import { type BoltOption, MeshClient, MeshError } from 'sofa-mesh-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Context, Notes, People, Slow } from './contracts.js';
import { altered, CODEC_AT, framesOf, reaction, rebuilt, type WireFrame } from './frames.js';
import { type Jvm, type Provider, type Relay, startPeer, startProvider, startRelay } from './harness.js';
import { type NodeProvider, personText, startNodeProvider } from './node-services.js';
import { pattern, person } from './values.js';

let peer: Jvm;
let java: Provider;
let node: NodeProvider;
/** A request that a real Java consumer sent: describe(person) over version 1. */
let request: WireFrame;

beforeAll(async () => {
  [peer, java, node] = await Promise.all([startPeer(), startProvider(), startNodeProvider()]);
  const relay = await startRelay(java.address);
  await peer.value({ cmd: 'case', name: 'describe full', address: relay.address });
  [request] = framesOf(relay.sent);
  await relay.close();
});

afterAll(async () => {
  await peer?.stop();
  await java?.jvm.stop();
  await node?.server.stop({ timeoutMs: 0 });
});

async function throughRelay<T>(target: string, use: (relay: Relay) => Promise<T>): Promise<T> {
  const relay = await startRelay(target);
  try {
    return await use(relay);
  } finally {
    await relay.close();
  }
}

async function withClient<T>(
  address: string,
  options: Partial<ConstructorParameters<typeof MeshClient>[0]>,
  use: (client: MeshClient) => Promise<T>,
): Promise<T> {
  const client = new MeshClient({
    mode: 'direct',
    app: 'node-consumer',
    registry: `bolt://${address}`,
    ...options,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function failureOf(call: Promise<unknown>): Promise<MeshError> {
  const error = await call.then(
    () => new Error('expected the call to fail'),
    (reason) => reason,
  );
  if (!MeshError.is(error)) throw error;
  return error;
}

/** What the frames of a mode must look like. */
const MODES: readonly {
  bolt: BoltOption;
  says: string;
  frame: Partial<WireFrame>;
  java: Record<string, unknown>;
}[] = [
  {
    bolt: 'v1',
    says: 'version 1',
    frame: { proto: 1, ver1: undefined, switch: undefined, crc: undefined },
    java: { protocol: 1, version: 1 },
  },
  {
    bolt: 'v2',
    says: 'version 2 without CRC',
    frame: { proto: 2, ver1: 1, switch: 0, crc: undefined },
    java: { protocol: 2, version: 1, crc: false },
  },
  {
    bolt: 'v2-crc',
    says: 'version 2 with CRC',
    frame: { proto: 2, ver1: 2, switch: 1, crc: true },
    java: { protocol: 2, version: 2, crc: true },
  },
];

describe('a Node.js client and a Java server', () => {
  for (const { bolt, says, frame } of MODES) {
    describe(says, () => {
      it('calls, and Java answers in kind', async () => {
        await throughRelay(java.address, (relay) =>
          withClient(relay.address, { bolt }, async (client) => {
            expect(await client.service(People).describe(person('full'))).toBe(personText(person('full')));
            const [sent, answered] = [framesOf(relay.sent), framesOf(relay.answered)];
            expect(sent).toHaveLength(1);
            expect(sent[0]).toMatchObject({ ...frame, type: 1, cmd: 1, codec: 1 });
            expect(answered[0]).toMatchObject({
              ...frame,
              type: 0,
              cmd: 2,
              codec: 1,
              status: 0,
              id: sent[0].id,
            });
          }),
        );
      });

      it('takes an exception and goes on', async () => {
        await withClient(java.address, { bolt }, async (client) => {
          const error = await failureOf(client.service(People).find(404n));
          expect(error.message).toBe('no person 404');
          expect(await client.service(People).ping()).toBe('pong');
        });
      });

      it('passes and reads 1 MB', async () => {
        await withClient(java.address, { bolt }, async (client) => {
          const people = client.service(People);
          const sha = createHash('sha256')
            .update(pattern(1 << 20))
            .digest('hex');
          expect(await people.digestBytes(pattern(1 << 20))).toBe(`1048576:${sha}`);
          expect(Buffer.compare(await people.bytes(1 << 20), pattern(1 << 20))).toBe(0);
        });
      });

      it('sends one-way calls', async () => {
        await throughRelay(java.address, (relay) =>
          withClient(relay.address, { bolt }, async (client) => {
            const notes = client.service(Notes);
            const before = await notes.count();
            await notes.note(`over ${bolt}`);
            while ((await notes.count()) === before);
            expect(framesOf(relay.sent)[1]).toMatchObject({ ...frame, type: 2, cmd: 1 });
          }),
        );
      });

      it('reads 2,000 answers, 128 calls at a time, that overtake each other', async () => {
        await withClient(java.address, { bolt }, async (client) => {
          const slow = client.service(Slow);
          let next = 0;
          let right = 0;
          const worker = async () => {
            for (let n = next++; n < 2_000; n = next++) if ((await slow.overtake(n)) === n + 1) right++;
          };
          await Promise.all(Array.from({ length: 128 }, worker));
          expect(right).toBe(2_000);
        });
      });

      it('probes a silent connection with heartbeats that Java acknowledges', async () => {
        await throughRelay(java.address, (relay) =>
          withClient(relay.address, { bolt, heartbeat: { idleMs: 40 } }, async (client) => {
            expect(await client.service(People).ping()).toBe('pong');
            const acks = () => framesOf(relay.answered).filter(({ cmd }) => cmd === 0);
            await relay.until(() => acks().length >= 3);
            const probe = framesOf(relay.sent).find(({ cmd }) => cmd === 0);
            expect(probe).toMatchObject({
              proto: frame.proto,
              type: 1,
              codec: 1,
              className: '',
              crc: undefined,
            });
            expect(acks()[0]).toMatchObject({ proto: frame.proto, type: 0, status: 0, id: probe?.id });
            expect(await client.service(People).ping()).toBe('pong');
            expect(client.stats().connections).toBe(1);
          }),
        );
      });
    });
  }
});

describe('a Java client and a Node.js server', () => {
  for (const { says, frame, java: mode } of MODES) {
    describe(says, () => {
      it('answers in kind', async () => {
        await throughRelay(node.address, async (relay) => {
          const answers = await peer.value({ cmd: 'bolt', address: relay.address, ...mode, calls: 3 });
          expect(answers).toEqual([0, 1, 2].map((age) => personText({ ...person('full'), age })));
          const [sent, answered] = [framesOf(relay.sent), framesOf(relay.answered)];
          expect(sent[0]).toMatchObject(frame);
          expect(answered).toHaveLength(3);
          answered.forEach((answer, i) => {
            expect(answer).toMatchObject({ ...frame, type: 0, cmd: 2, codec: 1, status: 0, id: sent[i].id });
          });
        });
      });

      it('answers a POJO with nulls and one that is nested', async () => {
        for (const kind of ['bare', 'boss'] as const) {
          const answers = await peer.value({ cmd: 'bolt', address: node.address, ...mode, kind });
          expect(answers).toEqual([personText({ ...person(kind), age: 0 })]);
        }
      });
    });
  }

  it('version 2 with the CRC switched off for a connection that could carry it: answers without CRC', async () => {
    await throughRelay(node.address, async (relay) => {
      const mode = { protocol: 2, version: 2, crc: false };
      expect(await peer.value({ cmd: 'bolt', address: relay.address, ...mode })).toHaveLength(1);
      expect(framesOf(relay.answered)[0]).toMatchObject({ proto: 2, ver1: 2, switch: 0, crc: undefined });
    });
  });

  it('serves all versions at once, each on its own connection', async () => {
    const answers = await Promise.all(
      MODES.map(({ java: mode }) => peer.value({ cmd: 'bolt', address: node.address, ...mode, calls: 50 })),
    );
    expect(answers.map((texts) => (texts as string[]).length)).toEqual([50, 50, 50]);
  });
});

/** The same bytes to our server and to Java's: what each makes of them. */
async function both(
  bytes: Buffer,
): Promise<{ ours: WireFrame[] | 'closed'; theirs: WireFrame[] | 'closed' }> {
  const [ours, theirs] = await Promise.all([reaction(node.address, bytes), reaction(java.address, bytes)]);
  return { ours, theirs };
}

function statusesOf(frames: WireFrame[] | 'closed'): unknown {
  return frames === 'closed'
    ? 'closed'
    : frames.map(({ status, className, codec, cmd, type }) => ({ status, className, codec, cmd, type }));
}

async function expectSame(bytes: Buffer, expected: unknown): Promise<void> {
  const { ours, theirs } = await both(bytes);
  expect(statusesOf(theirs), "Java's server").toEqual(expected);
  expect(statusesOf(ours), 'our server').toEqual(expected);
}

const SERVER_EXCEPTION = 'com.alipay.remoting.rpc.exception.RpcServerException';
const RESPONSE = 'com.alipay.sofa.rpc.core.response.SofaResponse';
const answer = (status: number, className: string) => [{ status, className, codec: 1, cmd: 2, type: 0 }];

describe('the same altered frame of a real Java client, to our server and to Java', () => {
  it('is answered alike as it came', async () => {
    const { ours, theirs } = await both(request.bytes);
    expect(statusesOf(ours)).toEqual(answer(0, RESPONSE));
    expect(statusesOf(theirs)).toEqual(answer(0, RESPONSE));
    if (ours === 'closed' || theirs === 'closed') throw new Error('closed');
    expect(ours[0].content.equals(theirs[0].content)).toBe(true);
  });

  it('heartbeat: both acknowledge it with the same bytes', async () => {
    const heartbeat = Buffer.alloc(22);
    heartbeat.set([1, 1, 0, 0, 1, 0, 0, 1, 7, 1, 0xff, 0xff, 0xff, 0xff]);
    const { ours, theirs } = await both(heartbeat);
    if (ours === 'closed' || theirs === 'closed') throw new Error('closed');
    expect(theirs[0]).toMatchObject({ type: 0, cmd: 0, id: 0x107, status: 0 });
    expect(ours[0].bytes.toString('hex')).toBe(theirs[0].bytes.toString('hex'));
  });

  it('heartbeat of version 2 with CRC: both acknowledge it with the same bytes', async () => {
    const heartbeat = Buffer.alloc(24);
    heartbeat.set([2, 2, 1, 0, 0, 1, 0, 0, 1, 7, 1, 0, 0xff, 0xff, 0xff, 0xff]);
    const { ours, theirs } = await both(heartbeat);
    if (ours === 'closed' || theirs === 'closed') throw new Error('closed');
    expect(theirs[0]).toMatchObject({ proto: 2, type: 0, cmd: 0, id: 0x107, status: 0 });
    expect(ours[0].bytes.toString('hex')).toBe(theirs[0].bytes.toString('hex'));
  });

  it('unknown protocol byte: both close', async () => {
    await expectSame(altered(request.bytes, 0, 13), 'closed');
  });

  it('unknown command code: both close', async () => {
    await expectSame(altered(request.bytes, 2, 0, 7), 'closed');
  });

  it('any second version byte: both answer', async () => {
    for (const ver2 of [0, 2, 255]) await expectSame(altered(request.bytes, 4, ver2), answer(0, RESPONSE));
  });

  it('any request id, the highest too: both answer with it', async () => {
    const { ours, theirs } = await both(altered(request.bytes, 5, 0xff, 0xff, 0xff, 0xfe));
    if (ours === 'closed' || theirs === 'closed') throw new Error('closed');
    expect([ours[0].id, theirs[0].id]).toEqual([0xfffffffe, 0xfffffffe]);
  });

  it('timeout 0 and timeout -1: both answer', async () => {
    await expectSame(altered(request.bytes, 10, 0, 0, 0, 0), answer(0, RESPONSE));
    await expectSame(altered(request.bytes, 10, 255, 255, 255, 255), answer(0, RESPONSE));
  });

  it('unknown codec: both answer with status 18', async () => {
    await expectSame(altered(request.bytes, CODEC_AT[1], 99), answer(18, SERVER_EXCEPTION));
  });

  it('content that is no Hessian: both answer with status 18', async () => {
    await expectSame(rebuilt(request, { content: Buffer.alloc(40, 0xff) }), answer(18, SERVER_EXCEPTION));
  });

  it('content that ends too soon: both answer with status 18', async () => {
    const content = request.content.subarray(0, request.content.length - 30);
    await expectSame(rebuilt(request, { content }), answer(18, SERVER_EXCEPTION));
  });

  it('no content: both answer with status 18', async () => {
    await expectSame(rebuilt(request, { content: Buffer.alloc(0) }), answer(18, SERVER_EXCEPTION));
  });

  it('no header "service", the target service alone: Java refuses, our server routes by it', async () => {
    const headers = Object.entries(request.headers).filter(([key]) => key !== 'service');
    const { ours, theirs } = await both(rebuilt(request, { headers }));
    expect(statusesOf(theirs)).toEqual(answer(18, SERVER_EXCEPTION));
    expect(statusesOf(ours)).toEqual(answer(0, RESPONSE));
  });

  it('duplicate headers and a header whose value is null: both answer', async () => {
    const headers: [string, string | null][] = [
      ...Object.entries(request.headers),
      ['app', 'twice'],
      ['empty', null],
    ];
    await expectSame(rebuilt(request, { headers }), answer(0, RESPONSE));
  });

  it('another request class: both answer with a failure', async () => {
    const bytes = altered(request.bytes, 22, 'x'.charCodeAt(0));
    const { ours, theirs } = await both(bytes);
    if (ours === 'closed' || theirs === 'closed') throw new Error('closed');
    expect(ours[0].status).toBe(theirs[0].status);
    expect(ours[0].className).toBe(theirs[0].className);
  });

  it('two requests in one write and one request a byte at a time: both answer each', async () => {
    const second = altered(request.bytes, 5, 0, 0, 9, 9);
    for (const address of [node.address, java.address]) {
      const frames = await reaction(address, Buffer.concat([request.bytes, second]), 2);
      if (frames === 'closed') throw new Error(`${address} closed`);
      expect(new Set(frames.map(({ id }) => id))).toEqual(new Set([request.id, 0x909]));
    }
  });

  it('wrong CRC: both close', async () => {
    await throughRelay(java.address, async (relay) => {
      await withClient(relay.address, { bolt: 'v2-crc' }, (client) => client.service(People).ping());
      const [sent] = framesOf(relay.sent);
      expect(sent.crc).toBe(true);
      await expectSame(sent.bytes, answer(0, RESPONSE));
      await expectSame(
        altered(sent.bytes, sent.bytes.length - 1, sent.bytes[sent.bytes.length - 1] ^ 1),
        'closed',
      );
    });
  });
});

describe('go-away', () => {
  /** Command 100, as a sidecar or one of our servers sends it. */
  const goAway = Buffer.alloc(22);
  goAway.set([1, 1, 0, 100, 1, 0, 0, 0, 1, 1, 0xff, 0xff, 0xff, 0xff]);

  it('lets the running calls of a Node.js client finish, and moves the next ones to a new connection', async () => {
    await throughRelay(java.address, (relay) =>
      withClient(relay.address, {}, async (client) => {
        const slow = client.service(Slow);
        const running = slow.gate('go away');
        while ((await slow.waiting('go away')) === 0);
        const frames = relay.connections();
        relay.inject(goAway);
        while (relay.connections() === frames) {
          expect(await client.service(Context).header('service')).toBe('com.lab.ContextService:1.0');
        }
        await slow.open('go away');
        expect(await running).toBe('through go away');
        expect(relay.connections()).toBe(frames + 1);
      }),
    );
  });

  it('makes a Java client close and lose its running calls, which is why our server never sends it to one', async () => {
    await throughRelay(java.address, async (relay) => {
      const call = { cmd: 'call', address: relay.address, service: 'com.lab.SlowService' };
      const running = peer.failure({ ...call, method: 'gate', args: ['lost'] });
      const waiting = { ...call, address: java.address, method: 'waiting', args: ['lost'] };
      while (((await peer.value(waiting)) as { v: number }).v === 0);
      relay.inject(goAway);
      expect((await running).message).toContain('Connection closed');
      await peer.value({ ...call, address: java.address, method: 'open', args: ['lost'] });
    });
  });
});

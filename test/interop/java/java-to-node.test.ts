// A real Java consumer (sofa-rpc-all 5.13.2) and a Node.js server. Java computes what it expects; where a call must fail,
// the same call to a Java provider says what a Java caller is used to.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JUDGED_CASES, OK, UNREADABLE } from './cases/judged-cases.js';
import { type Jvm, type Provider, startPeer, startProvider, type Thrown } from './harness.js';
import { type NodeProvider, startNodeProvider } from './node-services.js';
import { ROWS } from './values.js';

let peer: Jvm;
let java: Provider;
let node: NodeProvider;

beforeAll(async () => {
  [peer, java, node] = await Promise.all([startPeer(), startProvider(), startNodeProvider()]);
});

afterAll(async () => {
  await peer?.stop();
  await java?.jvm.stop();
  await node?.server.stop({ timeoutMs: 0 });
});

/** What Java sees of the same failing call at our server and at its own. */
async function bothFail(call: Record<string, unknown>): Promise<{ ours: Thrown; theirs: Thrown }> {
  const [ours, theirs] = await Promise.all(
    [node.address, java.address].map((address) => peer.failure({ cmd: 'call', address, ...call })),
  );
  return { ours, theirs };
}

/** No file of ours, no folder, no stack frame in anything that Java is told. */
function expectNothingLeaks(thrown: Thrown): void {
  for (let at: Thrown | undefined = thrown; at !== undefined; at = at.cause) {
    expect(at.message ?? '').not.toMatch(/\.[cm]?[jt]s\b|node:|node_modules|\n\s+at /);
    expect(at.message ?? '').not.toContain(process.cwd());
  }
}

describe('types: what Node.js makes is compared by Java, what Java writes by Node.js', () => {
  for (const [name, { about }] of Object.entries(ROWS)) {
    it(about, async () => {
      const kinds = Object.keys(ROWS[name].kinds);
      expect(await peer.value({ cmd: 'check', address: node.address, type: name })).toEqual(kinds);
      const make = { cmd: 'make', type: name };
      if (!UNREADABLE.has(name)) {
        expect(await peer.value({ ...make, address: node.address })).toEqual(kinds);
        return;
      }
      const ours = await peer.failure({ ...make, address: node.address });
      const theirs = await peer.failure({ ...make, address: java.address });
      expect([ours.class, ours.message]).toEqual([theirs.class, theirs.message]);
      expect(ours.class).toBe('java.lang.ClassCastException');
    });
  }

  it('holds the same table on both sides', async () => {
    const kinds = Object.entries(ROWS).map(([name, row]) => [name, Object.keys(row.kinds)]);
    expect(await peer.value({ cmd: 'types' })).toEqual(Object.fromEntries(kinds));
  });
});

describe('cases that Java judges', () => {
  for (const [name, title] of Object.entries(JUDGED_CASES)) {
    it(title, async () => {
      expect(await peer.value({ cmd: 'case', name, address: node.address })).toEqual(OK);
    });
  }

  it('has every case of the Java program, and a Java provider passes them all', async () => {
    const names = (await peer.value({ cmd: 'cases' })) as string[];
    expect(names.sort()).toEqual(Object.keys(JUDGED_CASES).sort());
    for (const name of names) {
      expect(await peer.value({ cmd: 'case', name, address: java.address }), name).toEqual(OK);
    }
  });
});

describe('failures as a Java caller sees them', () => {
  const FAULTS = 'com.lab.FaultService';
  const PEOPLE = 'com.lab.PeopleService';

  it('throws the cause of an exception where it is one of the contract', async () => {
    const thrown = await peer.failure({
      cmd: 'call',
      address: node.address,
      service: FAULTS,
      method: 'caused',
      args: [],
    });
    expect([thrown.class, thrown.message]).toEqual(['java.lang.IllegalArgumentException', 'outer']);
    expect([thrown.cause?.class, thrown.cause?.message]).toEqual(['com.lab.NotFoundException', 'inner']);
  });

  it('lets Java catch a plain Error as a RuntimeException with its message', async () => {
    const { ours, theirs } = await bothFail({ service: FAULTS, method: 'illegal', args: ['坏 boom'] });
    expect(theirs.class).toBe('java.lang.IllegalStateException');
    expect(ours.message).toBe(theirs.message);
    expect(ours.class).toBe('java.lang.RuntimeException');
    expectNothingLeaks(ours);
  });

  it('lets Java catch what is thrown and is no Error', async () => {
    const { ours } = await bothFail({ service: FAULTS, method: 'nullMessage', args: [] });
    expect(ours.class).toBe('java.lang.RuntimeException');
    expectNothingLeaks(ours);
  });

  it('lets Java catch a TypeError of the handler', async () => {
    const { ours } = await bothFail({ service: FAULTS, method: 'error', args: [] });
    expect(ours.message).toContain('missing');
    expect(ours.class).toBe('java.lang.RuntimeException');
    expectNothingLeaks(ours);
  });

  it('lets Java catch a failure of this library inside the handler', async () => {
    const { ours } = await bothFail({ service: FAULTS, method: 'unlisted', args: [] });
    expect(ours.message).toContain('a failure of a call inside the handler');
    expectNothingLeaks(ours);
    expect(ours.class).toBe('java.lang.RuntimeException');
  });

  it('shows Java no stack frame of this process', async () => {
    const thrown = await peer.failure({
      cmd: 'call',
      address: node.address,
      service: FAULTS,
      method: 'illegal',
      args: ['x'],
    });
    expect(thrown.top).toBeNull();
  });

  it('tells Java of an unknown method as Java does', async () => {
    const [ours, theirs] = await Promise.all([
      peer.failure({ cmd: 'call', address: node.address, service: PEOPLE, method: 'absent', args: ['x'] }),
      peer.failure({
        cmd: 'call',
        address: java.address,
        service: PEOPLE,
        method: 'absent',
        args: ['x'],
        rename: 'vanished',
      }),
    ]);
    expect([ours.class, ours.errorType]).toEqual([theirs.class, theirs.errorType]);
    expect(theirs.message).toContain('RPC-020100011: Cannot find invoke method');
    expect(ours.message).toContain('RPC-020100011: Cannot find invoke method');
    expect(ours.message).toContain('absent');
    expectNothingLeaks(ours);
  });

  it('tells Java of an unknown service word for word as Java does', async () => {
    const { ours, theirs } = await bothFail({ service: PEOPLE, method: 'ping', args: [], uniqueId: 'nope' });
    expect([ours.class, ours.errorType]).toEqual([theirs.class, theirs.errorType]);
    expect(ours.message?.trim()).toBe(theirs.message?.trim());
  });

  it('tells Java of a request that cannot be read as Java does', async () => {
    const { ours, theirs } = await bothFail({
      service: PEOPLE,
      method: 'describe',
      args: [null],
      drop: true,
    });
    expect([ours.class, ours.errorType]).toEqual([theirs.class, theirs.errorType]);
    expect(ours.cause?.class).toBe('com.alipay.remoting.exception.DeserializationException');
    expect(ours.cause?.cause?.class).toBe('com.alipay.remoting.rpc.exception.RpcServerException');
    expectNothingLeaks(ours);
  });

  it('tells Java of an answer that cannot be written as Java does', async () => {
    const { ours, theirs } = await bothFail({ service: FAULTS, method: 'unwritable', args: [] });
    expect([ours.class, ours.errorType]).toEqual([theirs.class, theirs.errorType]);
    expect(ours.cause?.class).toBe('com.alipay.remoting.exception.SerializationException');
    expectNothingLeaks(ours);
  });

  it('tells Java of an answer of the wrong type instead of sending it', async () => {
    const ours = await peer.failure({
      cmd: 'call',
      address: node.address,
      service: FAULTS,
      method: 'laden',
      args: [],
    });
    expect([ours.class, ours.errorType]).toEqual([
      'com.alipay.sofa.rpc.core.exception.SofaRpcException',
      120,
    ]);
    expect(ours.cause?.cause?.message).toContain('laden');
  });

  it('lets a Java call time out as at a Java provider, and aborts the signal of its handler', async () => {
    const call = { service: 'com.lab.SlowService', method: 'gate', args: ['timed out'], timeout: 150 };
    const { ours, theirs } = await bothFail(call);
    expect([ours.class, ours.errorType]).toEqual([theirs.class, theirs.errorType]);
    expect(ours.class).toBe('com.alipay.sofa.rpc.core.exception.SofaTimeOutException');
    const signal = node.gates.signals.get('timed out')!;
    if (!signal.aborted) await once(signal, 'abort');
    node.gates.of('timed out').open();
    await peer.value({
      cmd: 'call',
      address: java.address,
      service: 'com.lab.SlowService',
      method: 'open',
      args: ['timed out'],
    });
  });

  it('goes on with the connection after a Java call timed out', async () => {
    await peer.failure({
      cmd: 'call',
      address: node.address,
      service: 'com.lab.SlowService',
      method: 'after',
      args: [300, 'late'],
      timeout: 50,
    });
    expect(await peer.value({ cmd: 'case', name: 'ping', address: node.address })).toEqual(OK);
  });

  it("json: tells Java of a failure in the handler's words", async () => {
    const { ours, theirs } = await bothFail({
      service: 'com.lab.JsonService',
      method: 'fail',
      args: ['oops "q" 坏'],
      serialization: 'json',
    });
    expect([ours.class, ours.errorType, ours.message]).toEqual([
      theirs.class,
      theirs.errorType,
      theirs.message,
    ]);
  });

  it('json: tells Java of an unknown method and of an unknown service', async () => {
    const json = { service: 'com.lab.JsonService', method: 'none', args: [], serialization: 'json' };
    const unknownMethod = await bothFail({ ...json, rename: 'vanished' });
    expect(unknownMethod.ours.class).toBe(unknownMethod.theirs.class);
    expect(unknownMethod.ours.cause?.cause?.message).toContain(
      'RPC-020050014: Cannot found method: [com.lab.JsonService].[vanished]',
    );
    expect(unknownMethod.theirs.cause?.cause?.message).toContain(
      'RPC-020050014: Cannot found method: [com.lab.JsonService].[vanished]',
    );
    const unknownService = await bothFail({ ...json, uniqueId: 'nope' });
    expect(unknownService.ours.message?.trim()).toBe(unknownService.theirs.message?.trim());
  });
});

describe('load and stopping', () => {
  /** What Java is told once a server that stops takes no more calls; until then it is asked again. */
  async function refusal(address: string): Promise<Thrown> {
    const call = { cmd: 'call', address, service: 'com.lab.SlowService', method: 'waiting', args: ['x'] };
    for (;;) {
      const { thrown } = await peer.ask(call);
      if (thrown !== undefined) return thrown;
    }
  }

  it('answers 10,000 calls of 128 Java threads on one connection, later ones before earlier ones', async () => {
    const answer = await peer.value({ cmd: 'load', address: node.address, calls: 10_000, concurrency: 128 });
    expect(answer).toMatchObject({ right: 10_000 });
    expect((answer as { overtaken: number }).overtaken).toBeGreaterThan(100);
  });

  it('lets the running calls of a Java caller finish when it is stopped', async () => {
    const own = await startNodeProvider();
    const call = { cmd: 'call', address: own.address, service: 'com.lab.SlowService' };
    const running = ['a', 'b', 'c'].map((gate) => peer.ask({ ...call, method: 'gate', args: [gate] }));
    for (const gate of ['a', 'b', 'c']) await own.gates.reached(gate);
    const stopped = own.server.stop();
    for (const gate of ['a', 'b', 'c']) own.gates.of(gate).open();
    expect(await Promise.all(running)).toEqual(
      ['a', 'b', 'c'].map((gate) => ({ value: { c: 'java.lang.String', v: `through ${gate}` } })),
    );
    await stopped;
  });

  it('loses no last reply: a Java caller that saw the end too early would fail the call', async () => {
    for (let round = 0; round < 12; round++) {
      const own = await startNodeProvider();
      const call = { cmd: 'call', address: own.address, service: 'com.lab.SlowService', method: 'gate' };
      const gates = Array.from({ length: 8 }, (_, i) => `round ${round}, gate ${i}`);
      const running = gates.map((gate) => peer.value({ ...call, args: [gate] }));
      for (const gate of gates) await own.gates.reached(gate);
      const stopped = own.server.stop();
      await refusal(own.address);
      for (const gate of gates) own.gates.of(gate).open();
      expect(await Promise.all(running)).toHaveLength(8);
      await stopped;
      await peer.value({ cmd: 'forget', address: own.address });
    }
  });

  it('refuses, in the words of a stopped Java server, what a Java caller asks while it stops', async () => {
    const own = await startNodeProvider();
    const call = { cmd: 'call', address: own.address, service: 'com.lab.SlowService' };
    const running = peer.value({ ...call, method: 'gate', args: ['last'] });
    await own.gates.reached('last');
    const stopped = own.server.stop();
    let refused: Thrown | undefined;
    while (refused === undefined)
      refused = (await peer.ask({ ...call, method: 'waiting', args: ['last'] })).thrown;
    expect(refused.class).toBe('com.alipay.sofa.rpc.core.exception.SofaRpcException');
    expect(refused.message).toContain('RPC-019990009: RPC server stopped');
    own.gates.of('last').open();
    expect(await running).toEqual({ c: 'java.lang.String', v: 'through last' });
    await stopped;
  });

  it('cuts off the calls of a Java caller that do not finish in time, which says so', async () => {
    const own = await startNodeProvider();
    const running = peer.failure({
      cmd: 'call',
      address: own.address,
      service: 'com.lab.SlowService',
      method: 'gate',
      args: ['never'],
    });
    await own.gates.reached('never');
    await own.server.stop({ timeoutMs: 50 });
    const thrown = await running;
    expect(thrown.class).toBe('com.alipay.sofa.rpc.core.exception.SofaRpcException');
    expect(own.gates.signals.get('never')?.aborted).toBe(true);
  });
});

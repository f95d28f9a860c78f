// A real Java consumer (sofa-rpc-all 5.13.2) and a Node.js server. Java computes what it expects; where a call must fail,
// the same call to a Java provider says what a Java caller is used to.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** Java cannot read these from Java either: they are an Integer, a Double or a String on the wire. */
const UNREADABLE = new Set([
  'Short',
  'Byte',
  'Float',
  'Char',
  'ShortBox',
  'ByteBox',
  'FloatBox',
  'CharBox',
  'CharArray',
]);

const ok = { c: 'java.lang.String', v: 'ok' };

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

/** Cases that the Java program runs and judges (Cases.java), by what they show. */
const CASES: Readonly<Record<string, string>> = {
  ping: 'answers a method that the interface inherits',
  'describe full': 'reads all ten fields of a POJO that Java wrote',
  'describe bare': 'reads a POJO with null in every field that may be null',
  'describe boss': 'reads a POJO nested in another twice',
  'describe null': 'reads null for a POJO',
  find: 'returns a POJO made for a long beyond 2^53',
  'find null': 'returns null for a POJO',
  'find checked': 'throws a checked exception that Java catches by class, with message and fields',
  promote: 'returns a POJO computed from two others, one nested twice',
  older: 'reads a list of POJOs and returns one',
  byColor: 'returns a Map of enum constants to lists of POJOs',
  void: 'runs a void method before Java goes on',
  'overloads by type': 'tells overloads apart by the type of their argument',
  'overloads by count': 'tells overloads apart by the number of their arguments',
  'overloads boxed': 'tells int from Integer and long from Long, and reads null for the boxed ones',
  'overloads reference': 'tells String, int[], List and Object apart',
  varargs: 'reads variable arguments as an array',
  many: 'reads ten arguments of ten types in their order',
  same: 'reads one object in two arguments as one object, and two equal ones as two',
  'same pair': 'reads one object in two fields as one object',
  twins: 'returns one object in two fields, which Java sees as one',
  widen: 'reads long and double arguments and returns a double',
  'digest border': 'reads text with a surrogate pair on a chunk border',
  'text border': 'returns text with a surrogate pair on a chunk border',
  'digest border1': 'reads CJK and emoji of many chunks, a pair on each border',
  'text border1': 'returns CJK and emoji of many chunks, a pair on each border',
  'digest long': 'reads 100,000 characters of one to four bytes',
  'text long': 'returns 100,000 characters of one to four bytes',
  'digest mega': 'reads more than 1 MB of text',
  'text mega': 'returns more than 1 MB of text',
  'digest lone': 'reads a lone surrogate',
  'text lone': 'returns a lone surrogate',
  'digest bytes': 'reads 1 MB of bytes',
  bytes: 'returns 1 MB of bytes',
  crowd: 'returns 300 POJOs that share one of them',
  idSum: 'reads 300 POJOs that share one of them',
  animals: 'reads subclasses, and a subclass of a subclass, where the base is declared',
  roster: 'returns a list of three subclasses, which Java sees each as its own class',
  zoo: 'returns one subclass object in a field, a List and a Map as one object',
  zooText: 'reads one subclass object in a field, a List and a Map as one object',
  ring: 'returns a ring of objects, of one that holds itself too',
  ringSize: 'reads a ring of objects, of one that holds itself too',
  tree: 'returns a tree whose children know their parent',
  treeSize: 'reads a tree whose children know their parent',
  chain: 'returns 400 objects nested in each other',
  chainSize: 'reads 400 objects nested in each other',
  'page of persons': 'returns a generic class of POJOs',
  peopleText: 'reads a generic class of POJOs whose first item is one of them',
  'page of strings': 'returns and reads the same generic class of strings',
  'page of pages': 'returns and reads the generic class nested in itself',
  moods: 'returns and reads enum constants, null too',
  'fault checked': 'throws CJK and emoji in a message, and a long field at its limit',
  'fault unchecked': 'throws an unchecked exception with a Map and a POJO in its fields',
  'fault subclass': 'throws a subclass of an exception, with the fields of both',
  'fault caused': 'throws an exception with a cause that Java reads',
  'fault void fault': 'throws from a void method',
  'fault after a fault': 'answers on the same connection after an exception',
  oneway: 'runs one-way calls, one that fails too, and answers neither',
  future: "answers a call of Java's future style",
  callback: "answers a call of Java's callback style",
  'callback fault': "throws to a call of Java's callback style",
  'uniqueId and version': 'tells services apart by uniqueId and version',
  baggage: 'reads the baggage of the request and sends baggage back',
  headers: 'reads the headers that Java sends',
  $invoke: "answers a generic consumer's $invoke",
  $genericInvoke: "answers a generic consumer's $genericInvoke with GenericObjects",
  '$genericInvoke to a class': "answers a generic consumer's $genericInvoke that wants a class",
  '$invoke fault': 'throws an exception with its fields to a generic consumer',
  'json one argument': 'json: reads one POJO',
  'json several arguments': 'json: reads several arguments',
  'json list argument': 'json: reads one list and returns a Map',
  'json object result': 'json: returns a POJO',
  'json list result': 'json: returns a list of POJOs',
  'json no argument': 'json: reads no argument',
  protobuf: 'protobuf: reads and returns a message with every sort of field',
  'protobuf defaults': 'protobuf: reads the defaults of fields that were not sent',
  'protobuf fault': "protobuf: throws with the handler's message",
};

describe('cases that Java judges', () => {
  for (const [name, title] of Object.entries(CASES)) {
    it(title, async () => {
      expect(await peer.value({ cmd: 'case', name, address: node.address })).toEqual(ok);
    });
  }

  it('has every case of the Java program, and a Java provider passes them all', async () => {
    const names = (await peer.value({ cmd: 'cases' })) as string[];
    expect(names.sort()).toEqual(Object.keys(CASES).sort());
    for (const name of names) {
      expect(await peer.value({ cmd: 'case', name, address: java.address }), name).toEqual(ok);
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
    expect(await peer.value({ cmd: 'case', name: 'ping', address: node.address })).toEqual(ok);
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

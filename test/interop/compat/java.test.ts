// Real Java (SOFARPC 5.13.2) with compat: what each makes of the other's values and failures, directly and through a real
// ZooKeeper. The same calls go to and from sofa-rpc-node 2.10.0, whose behaviour is to be met.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { LineProcess } from '../../support/line-process.js';
import { type Answer, type Jvm, startApplication, type Thrown } from '../java/harness.js';
import { JavaPeer } from '../zookeeper/java-peer.js';
import { SofaRpcNodePeer } from '../zookeeper/sofa-rpc-node-peer.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { CALLS } from './java-calls.js';
import { ANSWERS, BETTER_THAN_OLD, JUDGED, MADE, THROWS, UNREADABLE } from './java-expected.js';
import { VALUES } from './java-values.js';
import { lacks, type SideName, startProgram } from './mixed-library.js';

const SIDES = ['old', 'new'] as const;
type Both<T> = Record<SideName, T>;

/** How long a change may take to be seen by everybody: 3 times what is usual, and more. */
const SEEN = { timeout: 15_000, interval: 100 };

describe.skipIf(lacks('compat with real Java', 'java', 'mvn'))('with real Java', () => {
  let java: Jvm;
  let members: Both<LineProcess>;

  beforeAll(async () => {
    await SofaRpcNodePeer.install();
    const file = new URL('java-member.ts', import.meta.url);
    const start = (side: SideName) => startProgram(file, `${side} among Java`, [side]);
    members = { old: start('old'), new: start('new') };
    [java] = await Promise.all([startApplication(), members.old.ready, members.new.ready]);
  });

  afterAll(() => Promise.all([java?.stop(), members?.old.stop(), members?.new.stop()]));

  /** Both sides run a command. */
  async function both(command: { cmd: string } & Record<string, unknown>): Promise<Both<unknown>> {
    const [old, young] = await Promise.all(SIDES.map((side) => members[side].value(command)));
    return { old, new: young };
  }

  describe('a consumer calls a Java provider', () => {
    let address: string;
    let types: Record<string, string[]>;

    beforeAll(async () => {
      address = `127.0.0.1:${await java.value({ cmd: 'start', name: 'direct' })}`;
      types = (await java.value({ cmd: 'types' })) as Record<string, string[]>;
    });

    test('what Java makes is read as the old value mapping has it', async () => {
      for (const [type, kinds] of Object.entries(types)) {
        if (type === 'Odd') continue;
        const made = await both({ cmd: 'make', address, type, kinds });
        expect.soft(made.new, type).toEqual(made.old);
        for (const [kind, value] of Object.entries(MADE[type] ?? {}))
          expect.soft((made.new as Record<string, unknown>)[kind], `${type}/${kind}`).toEqual(value);
      }
    });

    test('a field named hasOwnProperty, at which the old library broke the connection, is read', async () => {
      const command = { cmd: 'make', address, type: 'Odd', kinds: ['a'] };
      const fields = { constructor: 'not a function', hasOwnProperty: 'yes', $dollar: 5, 名字: '名' };
      expect(await members.new.value(command)).toEqual({ a: expect.objectContaining(fields) });
    });

    test.for(Object.keys(VALUES))('Java is given what was meant: %s', async (type) => {
      const said = await both({ cmd: 'check', address, type });
      expect(said.new).toEqual(said.old);
      expect(said.new).toEqual(Object.fromEntries(Object.keys(VALUES[type]).map((kind) => [kind, 'ok'])));
    });

    test.for(Object.keys(CALLS))('%s', async (name) => {
      const came = await both({ cmd: 'call', address, name });
      if (BETTER_THAN_OLD.has(name)) expect(came.old).toMatchObject({ name: 'RpcSocketCloseError' });
      else expect(came.new).toEqual(came.old);
      if (Object.hasOwn(ANSWERS, name)) expect(came.new).toEqual(ANSWERS[name]);
      if (!Object.hasOwn(THROWS, name)) return;
      const [error, message] = THROWS[name];
      expect(came.new).toMatchObject({ $: 'Error', name: error, message, resultCode: '01' });
    });
  });

  describe('a Java consumer calls a server', () => {
    let addresses: Both<string>;

    beforeAll(async () => {
      const ports = await both({ cmd: 'serve' });
      addresses = { old: `127.0.0.1:${ports.old}`, new: `127.0.0.1:${ports.new}` };
    });

    /** Java runs a command against the servers of both sides. */
    async function javaAsks(command: { cmd: string } & Record<string, unknown>): Promise<Both<Answer>> {
      const ask = (side: SideName) => java.ask({ ...command, address: addresses[side] });
      const [old, young] = await Promise.all([ask('old'), ask('new')]);
      return { old, new: young };
    }

    test.for(Object.keys(VALUES))('Java reads what was meant: %s', async (type) => {
      const made = await javaAsks({ cmd: 'make', type });
      if (UNREADABLE.has(type)) {
        // The old value mapping has no type of its own for it: Java casts, as it did.
        expect(brief(made.new.thrown)).toEqual(brief(made.old.thrown));
        expect(made.new.thrown?.class).toBe('java.lang.ClassCastException');
      } else {
        expect(made.new).toEqual({ value: Object.keys(VALUES[type]) });
        expect(made.old).toEqual(made.new);
      }
    });

    test('what Java writes is read as the old value mapping has it', async () => {
      const types = Object.keys(VALUES);
      for (const type of types) {
        const checked = await javaAsks({ cmd: 'check', type });
        expect.soft(checked.new.value, type).toBeDefined();
      }
      const given = await both({ cmd: 'given' });
      expect(given.new).toEqual(given.old);
      expect(new Set(Object.keys(given.new as object).map((key) => key.split('/')[0]))).toEqual(
        new Set(types),
      );
    });

    test.for(JUDGED)('Java judges: %s', async (name) => {
      const judged = await javaAsks({ cmd: 'case', name });
      expect(judged.new).toEqual({ value: { c: 'java.lang.String', v: 'ok' } });
      expect(judged.old).toEqual(judged.new);
    });

    test('10,000 calls of 64 Java threads, later ones before earlier ones', async () => {
      const load = { cmd: 'load', address: addresses.new, calls: 10_000, concurrency: 64 };
      expect(await java.value(load)).toMatchObject({ right: 10_000 });
    });

    describe('failures', () => {
      const FAULTS = 'com.lab.FaultService';
      const ROWS: Record<string, [call: Record<string, unknown>, message: string]> = {
        'an error that was thrown': [{ method: 'illegal', args: ['坏 boom'] }, 'Error: 坏 boom'],
        'one of a checked method': [{ method: 'checked', args: [5] }, 'Error: no thing 5 找不到😀'],
        'one without a message': [{ method: 'nullMessage', args: [] }, 'Error: '],
        'a TypeError': [{ method: 'error', args: [] }, 'Error: Cannot read properties of null'],
        'one of a method that returns nothing': [{ method: 'voidFault', args: [] }, 'Error: void'],
        'an answer that cannot be written': [{ method: 'unwritable', args: [] }, 'cannot be written'],
        'a method that there is not': [
          { method: 'unlisted', args: [] },
          `Error: Can not find method: ${FAULTS}:1.0#unlisted()`,
        ],
        'a method that is not async': [
          { method: 'laden', args: [] },
          `Can not find method: ${FAULTS}:1.0#laden()`,
        ],
        'a service that there is not': [
          { method: 'fine', args: ['x'], uniqueId: 'nope' },
          `not found service: ${FAULTS}:1.0:nope`,
        ],
      };

      test.for(Object.entries(ROWS))('%s is a clear exception in Java', async ([, [call, message]]) => {
        const { old, new: ours } = await javaAsks({ cmd: 'call', service: FAULTS, ...call });
        // What was wrong: Java could not read the answer, and said that.
        expect(old.thrown?.message).toContain('cannot be cast to class');
        expect(old.thrown?.message).not.toContain(message);

        const { thrown } = ours;
        expect(thrown?.class).toBe('com.alipay.sofa.rpc.core.exception.SofaRpcException');
        expect(thrown?.message).toContain(message);
        expect(thrown?.cause?.class).toBe('com.alipay.remoting.rpc.exception.RpcServerException');
        expect(thrown?.cause).toMatchObject({ stack: 0, top: null });
        for (const { class: name, message } of chainOf(thrown)) {
          expect(name).not.toContain('ClassCastException');
          expect(message ?? '').not.toMatch(/cannot be cast|\.[cm]?[jt]s\b|node:|node_modules|\n\s+at /);
          expect(message ?? '').not.toContain(process.cwd());
        }
      });

      test('the connection goes on after each of them', async () => {
        const fine = {
          cmd: 'call',
          service: FAULTS,
          method: 'fine',
          args: ['again'],
          address: addresses.new,
        };
        expect(await java.value(fine)).toEqual({ c: 'java.lang.String', v: 'fine again' });
      });

      test('an error that was thrown in protobuf is an exception in Java, as it was, though without its message', async () => {
        const { new: ours } = await javaAsks({ cmd: 'case', name: 'protobuf fault' });
        expect(ours.wrong ?? 'order 13 失败').not.toContain('DeserializationException');
      });

      test('a callback of Java is told, which the old library left waiting', async () => {
        const { new: ours } = await javaAsks({ cmd: 'case', name: 'callback fault' });
        // The case casts what it was told to an exception of the contract, which it is not.
        expect(ours.thrown?.message).toContain(
          'SofaRpcException cannot be cast to class com.lab.NotFoundException',
        );
      }, 20_000);

      test('a call that takes too long is a SofaTimeOutException, and the connection goes on', async () => {
        const after = { cmd: 'call', service: 'com.lab.SlowService', method: 'after', args: [400, 'late'] };
        const { old, new: ours } = await javaAsks({ ...after, timeout: 100 });
        expect(ours.thrown?.class).toBe('com.alipay.sofa.rpc.core.exception.SofaTimeOutException');
        expect(ours.thrown?.class).toBe(old.thrown?.class);
        expect(await java.value({ cmd: 'case', name: 'ping', address: addresses.new })).toMatchObject({
          v: 'ok',
        });
      });
    });
  });

  describe('through ZooKeeper', () => {
    let zookeeper: ZooKeeper;
    let peer: JavaPeer;

    beforeAll(async () => {
      [zookeeper, peer] = await Promise.all([ZooKeeper.start(), JavaPeer.start()]);
    });

    afterAll(async () => {
      await peer?.stop();
      await zookeeper?.stop();
    });

    /** As compat is told of a place, which Java puts below its root. */
    const places = (root: string) => ({
      forJava: `${zookeeper.address}${root}`,
      forUs: `${zookeeper.address}${root === '' ? '' : `${root}/sofa-rpc`}`,
    });

    async function javaProvider(name: string, registry: string, more = {}): Promise<() => Promise<void>> {
      await peer.export(name, { registry, ...more });
      let isOut = false;
      const out = async () => {
        if (!isOut) await peer.unexport(name);
        isOut = true;
      };
      onTestFinished(out);
      return out;
    }

    async function javaConsumer(name: string, registry: string, more = {}) {
      await peer.refer(name, { registry, ...more });
      onTestFinished(() => peer.unrefer(name));
      return (times: number) => peer.call(name, times);
    }

    async function ourConsumer(name: string, registry: string, more = {}) {
      await members.new.value({ cmd: 'refer', name, zookeeper: registry, ...more });
      return (times: number) => members.new.value({ cmd: 'greet', name, times });
    }

    async function ourProvider(cmd: 'serve' | 'greeter', name: string, registry: string, more = {}) {
      await members.new.value({ cmd, name, zookeeper: registry, ...more });
      const leave = async () => {
        await members.new.value({ cmd: 'close', name });
      };
      onTestFinished(leave);
      return leave;
    }

    test.for([
      ['without a root', ''],
      ['under a root, below which Java has one of its own', '/both'],
    ])('each finds the other, and loses it when it ends: %s', async ([, root]) => {
      const { forJava, forUs } = places(root);
      const [java, ours] = [`java${root}`, `ours${root}`];
      const javaLeaves = await javaProvider(java, forJava);
      const oursLeaves = await ourProvider('greeter', ours, forUs);
      const theirCalls = await javaConsumer(`theirs${root}`, forJava);
      const ourCalls = await ourConsumer(`ours${root}`, forUs);
      await expect.poll(async () => Object.keys(await theirCalls(20)).sort(), SEEN).toEqual([java, ours]);
      await expect.poll(() => ourCalls(20), SEEN).toEqual({ [java]: 10, [ours]: 10 });

      await javaLeaves();
      await expect.poll(() => theirCalls(10), SEEN).toEqual({ [ours]: 10 });
      await expect.poll(() => ourCalls(10), SEEN).toEqual({ [ours]: 10 });

      await oursLeaves();
      await expect.poll(async () => Object.keys(await theirCalls(1)).join(), SEEN).toContain('RPC-020060001');
      await expect
        .poll(async () => Object.keys((await ourCalls(1)) as object), SEEN)
        .toEqual(['RpcNoProviderError: No provider of com.lab.GreetService:1.0@SOFA:greet() found!']);
    });

    const blue = { uniqueId: 'blue' };

    /** Who answers, once those that are meant have; an error where somebody else does. */
    async function answering(calls: (times: number) => Promise<unknown>, ...meant: string[]): Promise<void> {
      const names = async () => Object.keys((await calls(20)) as object).sort();
      await expect.poll(names, { ...SEEN, timeout: 5_000 }).toEqual(expect.arrayContaining(meant));
      expect(await names()).toEqual(meant);
    }

    test("a uniqueId of Java's providers is told apart by us", async () => {
      const { forJava, forUs } = places('/their-ids');
      await javaProvider('java plain', forJava);
      await javaProvider('java blue', forJava, blue);
      await answering(await ourConsumer('calls plain', forUs), 'java plain');
      await answering(await ourConsumer('calls blue', forUs, blue), 'java blue');
    });

    test('a uniqueId of our providers is told apart by Java, and by us', async () => {
      const { forJava, forUs } = places('/our-ids');
      await ourProvider('greeter', 'our plain', forUs);
      await ourProvider('greeter', 'our blue', forUs, blue);
      await answering(await javaConsumer('calls our plain', forJava), 'our plain');
      await answering(await javaConsumer('calls our blue', forJava, blue), 'our blue');
      await answering(await ourConsumer('calls our plain', forUs), 'our plain');
      await answering(await ourConsumer('calls our blue', forUs, blue), 'our blue');
    });

    test('every service of a compat server, for a Java application that finds it', async () => {
      const { forJava, forUs } = places('/all');
      await ourProvider('serve', 'everything', forUs);
      const address = `zookeeper://${forJava}`;
      for (const name of ['describe full', 'promote', 'crowd', 'zooText', 'oneway', 'future'])
        expect(await java.value({ cmd: 'case', name, address }), name).toMatchObject({ v: 'ok' });
      const illegal = { service: 'com.lab.FaultService', method: 'illegal', args: ['found'], address };
      expect((await java.failure({ cmd: 'call', ...illegal })).message).toContain('Error: found');
      await java.value({ cmd: 'forget', address });
    });
  });
});

function chainOf(thrown: Thrown | undefined): Thrown[] {
  return thrown === undefined ? [] : [thrown, ...chainOf(thrown.cause)];
}

/** Without the frames of Java's stack, which name a proxy by its number. */
function brief(thrown: Thrown | undefined) {
  return thrown && [thrown.class, thrown.message];
}

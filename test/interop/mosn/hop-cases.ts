// What a call may meet on its way and a provider alone cannot show: deadlines, a service that nobody has, many calls at once.
import { expect } from 'vitest';
import { type Cases, failureOf } from '../java/cases/support.js';
import { Nowhere } from '../java/contracts.js';
import type { Jvm } from '../java/harness.js';

/** Cases of a Node.js client, whoever provides. */
export const WAY_CASES: Cases = {
  'fails with DEADLINE_EXCEEDED at the timeout of the call, and goes on': async ({ slow }) => {
    const error = await failureOf(slow.after(400, 'late', { timeoutMs: 60 }));
    expect([error.code, error.sent, error.retry]).toEqual(['DEADLINE_EXCEEDED', true, 'if-idempotent']);
    expect(await slow.after(500, 'on time')).toBe('on time after 500');
  },

  'fails and names the service that nobody provides': async ({ client }) => {
    const error = await failureOf(client.service(Nowhere).any());
    expect([error.code, error.service]).toEqual(['NO_ENDPOINT', 'com.lab.NowhereService:1.0']);
  },

  '200 calls at once: each gets its own answer, later ones before earlier ones': async ({ slow }) => {
    const order: number[] = [];
    const calls = Array.from({ length: 200 }, async (_, n) => {
      expect(await slow.overtake(n)).toBe(n + 1);
      order.push(n);
    });
    await Promise.all(calls);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  },

  '200 answers of different sizes at once': async ({ people }) => {
    const sizes = Array.from({ length: 200 }, (_, n) => 1_000 + n * 37);
    const answers = await Promise.all(sizes.map((size) => people.bytes(size)));
    expect(answers.map((bytes) => bytes.length)).toEqual(sizes);
  },
};

/** A call of Java's to an address of Caller.java. */
type Ask = (call: Record<string, unknown>) => { cmd: string; address: string } & Record<string, unknown>;

const FAULTS = { service: 'com.lab.FaultService' };
const PEOPLE = { service: 'com.lab.PeopleService' };
const SLOW = { service: 'com.lab.SlowService' };

/** Cases of a Java client and a Node.js provider, besides those that Java judges. */
export const JAVA_WAY_CASES: Readonly<Record<string, (java: Jvm, ask: Ask) => Promise<void>>> = {
  'lets Java catch a plain Error as a RuntimeException with its message': async (java, ask) => {
    const thrown = await java.failure(ask({ ...FAULTS, method: 'illegal', args: ['坏 boom'] }));
    expect([thrown.class, thrown.message]).toEqual(['java.lang.RuntimeException', '坏 boom']);
  },

  'tells Java of an unknown method as Java does': async (java, ask) => {
    const thrown = await java.failure(ask({ ...PEOPLE, method: 'absent', args: ['x'] }));
    expect(thrown.class).toBe('com.alipay.sofa.rpc.core.exception.SofaRpcException');
    expect(thrown.message).toContain('RPC-020100011: Cannot find invoke method');
  },

  'tells Java that nobody provides the service': async (java, ask) => {
    const thrown = await java.failure(ask({ ...PEOPLE, method: 'ping', args: [], uniqueId: 'nope' }));
    expect(thrown.class).toMatch(/^com\.alipay\.sofa\.rpc\.core\.exception\.Sofa(Rpc|Route)Exception$/);
  },

  'lets a Java call time out, and goes on': async (java, ask) => {
    const late = ask({ ...SLOW, method: 'after', args: [400, 'late'], timeout: 60 });
    expect((await java.failure(late)).class).toBe('com.alipay.sofa.rpc.core.exception.SofaTimeOutException');
    const onTime = ask({ ...SLOW, method: 'after', args: [500, 'on time'] });
    expect(await java.value(onTime)).toEqual({ c: 'java.lang.String', v: 'on time after 500' });
  },

  '2,000 calls of 200 Java threads: each gets its own answer, later ones before earlier ones': async (
    java,
    ask,
  ) => {
    const answer = await java.value({ ...ask({}), cmd: 'load', calls: 2_000, concurrency: 200 });
    expect(answer).toMatchObject({ right: 2_000 });
    expect((answer as { overtaken: number }).overtaken).toBeGreaterThan(20);
  },
};

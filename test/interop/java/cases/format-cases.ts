import { expect } from 'vitest';
import { Json, Orders, WrongJson } from '../contracts.js';
import { personText, summaryOf } from '../node-services.js';
import { pattern, person } from '../values.js';
import { type Cases, failureOf, remoteFailureOf } from './support.js';

const order = {
  id: 9007199254740993n,
  title: '订单 😀',
  items: [
    { name: 'apple', amount: 3n },
    { name: 'pear', amount: 1n << 40n },
  ],
  level: 'HIGH' as const,
  blob: pattern(5),
  counts: { a: 1, b: -2 },
  price: 1.5,
};

export const JSON_CALLS: Cases = {
  'passes one POJO as a bare object': async ({ client }) => {
    expect(await client.service(Json).describe({ ...person('full'), id: 5n })).toBe(
      personText({ ...person('full'), id: 5n }),
    );
  },

  'passes several arguments as an array': async ({ client }) => {
    expect(await client.service(Json).join('a', 1, ['x', '二'])).toBe('a 1 [x, 二]');
  },

  'passes one list as a bare array and reads a Map': async ({ client }) => {
    expect(await client.service(Json).count(['a', 'b', 'a'])).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    );
  },

  'passes no argument': async ({ client }) => {
    expect(await client.service(Json).none()).toBe('no arguments');
  },

  'reads a POJO with its long, Date, enum, List and Map as of the contract': async ({ client }) => {
    expect(await client.service(Json).find(5n)).toEqual({ ...person('full'), id: 5n });
  },

  'passes and reads a long beyond 2^53 exactly': async ({ client }) => {
    const beyond = { ...person('full'), id: 9007199254740993n };
    expect(await client.service(Json).describe(beyond)).toBe(personText(beyond));
    expect((await client.service(Json).find(9007199254740993n))?.id).toBe(9007199254740993n);
  },

  'reads a list of POJOs': async ({ client }) => {
    const crowd = await client.service(Json).crowd(3);
    expect(crowd).toEqual([0n, 1n, 2n].map((id) => ({ ...person('bare'), id })));
  },

  "fails with the provider's message where the method threw": async ({ client }) => {
    const error = await remoteFailureOf(client.service(Json).fail('oops "q" 坏'));
    expect(error.message).toBe('oops "q" 坏');
  },

  'fails where the provider finds no method of that name': async ({ client }) => {
    const error = await failureOf(client.service(WrongJson).vanished());
    expect(error.message).toContain('vanished');
  },
};

export const JAVA_JSON_CALLS: Cases = {
  'fails with what Java says, in Hessian, of a request that it cannot read': async ({ client }) => {
    const error = await failureOf(client.service(WrongJson).join('a'));
    expect(error.code).toBe('REMOTE_FAILURE');
    expect(error.message).toContain('JSON data must be json array');
  },
};

export const PROTOBUF_CALLS: Cases = {
  'passes and reads a message with every sort of field': async ({ client }) => {
    const summary = await client.service(Orders).summarize(order);
    expect(summary).toEqual(summaryOf(order));
    expect(summary.text).toBe('9007199254740993 订单 😀 HIGH apple pear {a=1, b=-2} 1.5');
  },

  'reads the defaults of fields that were not sent': async ({ client }) => {
    const summary = await client.service(Orders).summarize({ id: 1n });
    expect(summary).toMatchObject({ text: '1  LOW {} 0.0', total: 0n, level: 'LOW' });
    expect(summary.blob).toHaveLength(0);
  },

  "fails with the provider's message where the method threw": async ({ client }) => {
    const error = await remoteFailureOf(client.service(Orders).summarize({ id: 13n, fail: true }));
    expect(error.message).toBe('order 13 失败');
  },
};

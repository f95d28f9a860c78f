import { CLASS_NAME, java } from 'sofa-mesh-sdk';
import { expect } from 'vitest';
import { Context, Greet, GreetBlue, GreetSecond, Notes } from '../contracts.js';
import { personText } from '../node-services.js';
import { person } from '../values.js';
import { type Cases, remoteFailureOf } from './support.js';

export const SERVICES: Cases = {
  'tells services apart by uniqueId and version': async ({ client }) => {
    expect(await client.service(Greet).greet('a')).toBe('plain greets a');
    expect(await client.service(GreetBlue).greet('b')).toBe('blue greets b');
    expect(await client.service(GreetSecond).greet('c')).toBe('second greets c');
  },

  'sends metadata as Bolt headers that the provider sees': async ({ client }) => {
    const context = client.service(Context);
    expect(await context.header('x-tenant', { metadata: { 'x-tenant': 'acme 甲' } })).toBe('acme 甲');
    expect(await context.header('x-tenant')).toBeNull();
  },

  'sends metadata as requestProps that a filter of the provider sees': async ({ client }) => {
    const props = await client.service(Context).props({ metadata: { 'x-tenant': 'acme' } });
    expect(props.get('x-tenant')).toBe('acme');
  },

  'sends the headers that every SOFARPC client sends': async ({ client }) => {
    const headers = await client.service(Context).headers();
    expect(Object.fromEntries(headers)).toMatchObject({
      service: 'com.lab.ContextService:1.0',
      sofa_head_target_service: 'com.lab.ContextService:1.0',
      sofa_head_method_name: 'headers',
      app: 'node-consumer',
      protocol: 'bolt',
      type: 'sync',
    });
  },

  'sends baggage and reads the baggage of the response': async ({ client }) => {
    const { value, reply } = await client
      .service(Context)
      .baggage.withReply('who', { metadata: { 'rpc_req_baggage.who': 'node' } });
    expect(value).toBe('node');
    expect(reply.metadata['rpc_resp_baggage.answer']).toBe('for node');
  },

  'sends one-way calls that the provider runs and never answers': async ({ client }) => {
    const notes = client.service(Notes);
    const before = await notes.count();
    for (const mark of ['a', 'b', 'c']) await notes.note(`one way ${mark}`);
    while ((await notes.count()) < before + 3);
    expect((await notes.notes()).slice(before).sort()).toEqual(['one way a', 'one way b', 'one way c']);
    expect(client.stats().pending).toBe(0);
  },

  'does not hear of a one-way call that fails there': async ({ client, people }) => {
    const notes = client.service(Notes);
    const before = await notes.count();
    await notes.failingNote('fails');
    while ((await notes.count()) < before + 1);
    expect(await people.ping()).toBe('pong');
  },
};

export const UNTYPED: Cases = {
  'invokes with java.* values and reads the plain form': async ({ client }) => {
    expect(await client.invoke('com.lab.PeopleService:1.0', 'which', [java.int(5)])).toBe('int 5');
    expect(await client.invoke('com.lab.PeopleService:1.0', 'which', [java.long(5n)])).toBe('long 5');
    expect(await client.invoke('com.lab.PeopleService:1.0', 'which', ['x'])).toBe('String x');
  },

  'reads a POJO as a plain object that knows its class': async ({ client }) => {
    const found = await client.invoke('com.lab.PeopleService:1.0', 'find', [java.long(8n)]);
    expect(found).toEqual({
      ...person('full'),
      id: 8n,
      color: { name: 'GREEN', [CLASS_NAME]: 'com.lab.Color' },
      [CLASS_NAME]: 'com.lab.Person',
    });
  },

  'passes a POJO made of java.object': async ({ client }) => {
    const value = java.object('com.lab.Person', { id: java.long(3n), name: 'Untyped', age: java.int(4) });
    expect(await client.invoke('com.lab.PeopleService:1.0', 'describe', [value])).toBe(
      '3|Untyped|4|0.0|false|-|-|-|-|-',
    );
  },

  'passes back what it read': async ({ client }) => {
    const found = await client.invoke('com.lab.PeopleService:1.0', 'find', [java.long(8n)]);
    expect(await client.invoke('com.lab.PeopleService:1.0', 'describe', [found])).toBe(
      personText({ ...person('full'), id: 8n }),
    );
  },

  'throws what the provider threw, with its fields': async ({ client }) => {
    const error = await remoteFailureOf(
      client.invoke('com.lab.PeopleService:1.0', 'find', [java.long(404n)]),
    );
    expect([error.className, error.message]).toEqual(['com.lab.NotFoundException', 'no person 404']);
    expect(error.fields).toEqual({ id: 404n, kind: 'person' });
  },

  'invokes a service of another uniqueId': async ({ client }) => {
    expect(await client.invoke('com.lab.GreetService:1.0:blue', 'greet', ['u'])).toBe('blue greets u');
  },

  'invokes one way': async ({ client }) => {
    const notes = client.service(Notes);
    const before = await notes.count();
    await client.invoke('com.lab.NoteService:1.0', 'note', ['untyped one way'], { oneway: true });
    while ((await notes.count()) < before + 1);
    expect((await notes.notes()).at(-1)).toBe('untyped one way');
  },
};

// What the cases of a Node.js client have in common. A case needs nothing but a client: which way its calls go, and whether
// Java or Node.js answers, is the business of the test that runs it.
import { type Client, type MeshClient, MeshError, RemoteError } from 'sofa-mesh-sdk';
import { expect } from 'vitest';
import { Faults, Graphs, People, Slow } from '../contracts.js';

/** A client, and those of its services that most cases call. */
export interface Services {
  readonly client: MeshClient;
  readonly people: Client<typeof People>;
  readonly graphs: Client<typeof Graphs>;
  readonly faults: Client<typeof Faults>;
  readonly slow: Client<typeof Slow>;
}

/** By what they show. */
export type Cases = Readonly<Record<string, (services: Services) => Promise<void>>>;

export function servicesOf(client: MeshClient): Services {
  return {
    client,
    people: client.service(People),
    graphs: client.service(Graphs),
    faults: client.service(Faults),
    slow: client.service(Slow),
  };
}

export async function failureOf(call: Promise<unknown>): Promise<MeshError> {
  try {
    await call;
  } catch (error) {
    if (MeshError.is(error)) return error;
    throw error;
  }
  throw new Error('expected the call to fail');
}

export async function remoteFailureOf(call: Promise<unknown>): Promise<RemoteError> {
  const error = await failureOf(call);
  expect(error).toBeInstanceOf(RemoteError);
  return error as RemoteError;
}

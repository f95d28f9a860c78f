import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';
import type { Call, Handler, Reply } from '../../src/core/call.js';
import type { Clock } from '../../src/core/clock.js';
import { type Endpoint, endpointOf } from '../../src/core/endpoint.js';
import { type ErrorCode, type ErrorContext, MeshError } from '../../src/core/errors.js';
import type { EventMessages } from '../../src/core/events.js';

export const reply = { value: 'fine' } as Reply;

/** As the client makes them: an instance of a class, with a field that is no part of Call. */
class TestCall implements Call {
  readonly service = 'com.acme.People:1.0';
  readonly method: string = 'find';
  readonly args = [42n];
  readonly metadata = {};
  readonly deadline: number = Number.POSITIVE_INFINITY;
  readonly signal: AbortSignal | undefined = undefined;
  readonly idempotent: boolean = false;
  readonly oneway: boolean = false;
  endpoint: Endpoint | undefined = undefined;
  readonly tried: readonly Endpoint[] = [];
  readonly via = { path: 'direct', reason: 'a test' } as const;
  readonly plan = {};
  readonly fieldOfTheClient = 'kept';

  constructor(own: Partial<Call>) {
    Object.assign(this, own);
  }
}

export function callOf(own: Partial<Call> = {}): Call {
  return new TestCall(own);
}

export function failure(code: ErrorCode, context: ErrorContext = {}): MeshError {
  return new MeshError(code, `${code} it is`, context);
}

/** What one attempt comes to: an error, a reply, or whatever is done with the call. */
type Step = MeshError | Error | Reply | ((call: Call) => Promise<Reply>);

export interface Attempt {
  readonly at: number;
  readonly call: Call;
}

/**
 * Stands for the route: sets the endpoint of each attempt (a:1, b:1, .. in turn, those that were tried last) and answers
 * with the steps in order; the last one goes on for ever.
 */
export function route(clock: Clock, steps: readonly Step[], addresses = ['a', 'b', 'c']) {
  const endpoints = addresses.map((host) => endpointOf(host, 1));
  const attempts: Attempt[] = [];
  const handler: Handler = (call) => {
    const step = steps[Math.min(attempts.length, steps.length - 1)];
    const picked = endpoints.find((endpoint) => !call.tried.includes(endpoint)) ?? endpoints[0];
    if (picked !== undefined) (call as { endpoint: Endpoint }).endpoint = picked;
    attempts.push({ at: clock.now(), call });
    if (typeof step === 'function') return step(call);
    return step instanceof Error ? Promise.reject(step) : Promise.resolve(step);
  };
  return { handler, attempts, endpoints };
}

/** What is published to a channel until the test is over. */
export function published<K extends keyof EventMessages>(name: K): EventMessages[K][] {
  const messages: EventMessages[K][] = [];
  const listen = (message: unknown) => {
    messages.push(message as EventMessages[K]);
  };
  subscribe(`sofa-mesh-sdk:${name}`, listen);
  onTestFinished(() => {
    unsubscribe(`sofa-mesh-sdk:${name}`, listen);
  });
  return messages;
}

// Requests as a provider gets them, to be compared byte by byte with those of another way.
import type { MeshClient } from 'sofa-mesh-sdk';
import { Context, Json, Notes, Orders, People } from '../java/contracts.js';
import { framesOf, STATUS_AT, type WireFrame } from '../java/frames.js';
import type { Jvm } from '../java/harness.js';
import { person, text } from '../java/values.js';
import type { Hop } from './hops.js';

const REQUEST_ID_AT = { 1: 5, 2: 6 } as const;

/** What a client of ours may send, by the method. */
const NODE_CALLS: Readonly<Record<string, (client: MeshClient) => Promise<unknown>>> = {
  describe: (client) => client.service(People).describe(person('full')),
  touch: (client) => client.service(People).touch('x', { timeoutMs: 4_321 }),
  digest: (client) => client.service(People).digest(text('mega')),
  header: (client) =>
    client.service(Context).header('x-tenant', { metadata: { 'x-tenant': 'acme 甲', empty: '' } }),
  note: (client) => client.service(Notes).note('one way'),
  join: (client) => client.service(Json).join('a', 1, ['二']),
  summarize: (client) => client.service(Orders).summarize({ id: 1n, title: '订单 😀' }),
  greet: (client) => client.invoke('com.lab.GreetService:1.0:blue', 'greet', ['u']),
};

/** Cases of Cases.java with one call each, and their methods. */
const JAVA_CASES = {
  'describe full': 'describe',
  'digest mega': 'digest',
  'json several arguments': 'join',
  protobuf: 'summarize',
};

/** Requests by their method. */
type Requests = Record<string, WireFrame>;

export async function nodeRequests(hop: Hop): Promise<Requests> {
  const relay = await hop.provideTapped();
  const client = hop.client();
  // The first request on a direct connection says that go-away is understood.
  await client.service(People).ping();
  for (const call of Object.values(NODE_CALLS)) await call(client);
  const methods = Object.keys(NODE_CALLS);
  await relay.until(() => methods.every((method) => method in byMethod(relay.sent)));
  return pick(byMethod(relay.sent), methods);
}

export async function javaRequests(hop: Hop, java: Jvm): Promise<Requests> {
  const relay = await hop.provideTapped();
  const address = hop.javaAddress;
  for (const name of Object.keys(JAVA_CASES)) await java.value({ cmd: 'case', name, address });
  await java.value({ cmd: 'forget', address });
  return pick(byMethod(relay.sent), Object.values(JAVA_CASES));
}

/** A frame of ours but for what differs between any two calls: the request id, and the milliseconds that are left. */
export function nodeBytes(frame: WireFrame): Buffer {
  const bytes = withoutId(frame);
  const at = STATUS_AT[frame.proto as 1 | 2];
  return bytes.fill(0, at, at + 4);
}

/** A frame of Java's but for what differs between any two calls: the request id, and that of the trace. */
export function javaBytes(frame: WireFrame): Buffer {
  const bytes = withoutId(frame);
  const { 'rpc_trace_context.sofaTraceId': own, new_rpc_trace_context: whole = '' } = frame.headers;
  const traceId = own ?? /tcid=([^&]*)/.exec(whole)?.[1];
  if (traceId === undefined) return bytes;
  // It is in the header, and in the body again.
  for (let at = bytes.indexOf(traceId); at >= 0; at = bytes.indexOf(traceId))
    bytes.fill('*', at, at + traceId.length);
  return bytes;
}

function withoutId(frame: WireFrame): Buffer {
  const at = REQUEST_ID_AT[frame.proto as 1 | 2];
  return Buffer.from(frame.bytes).fill(0, at, at + 4);
}

function byMethod(sent: readonly Buffer[]): Requests {
  const requests = framesOf(sent).filter(({ cmd }) => cmd === 1);
  return Object.fromEntries(requests.map((frame) => [frame.headers.sofa_head_method_name, frame]));
}

function pick(requests: Requests, methods: readonly string[]): Requests {
  return Object.fromEntries(methods.map((method) => [method, requests[method]]));
}

import {
  type Call,
  chain,
  type Handler,
  type Interceptor,
  type Metadata,
  type Reply,
} from '../../core/call.js';
import type { Packet } from '../bolt/frames.js';
import { OldPlan } from './old-plan.js';
import type { RpcRequest } from './rpc-request.js';

const REQUEST = Symbol('request');
const ANSWER = Symbol('answer');

/** A consumer's call as interceptors see it. */
interface ShownCall extends Call {
  readonly [REQUEST]?: RpcRequest;
}

/** A reply as interceptors see it. */
interface ShownReply extends Reply {
  readonly [ANSWER]?: Reply;
}

/**
 * The user's interceptors, as one of the core's. Of a consumer's call they see what they see of any other: arguments, the
 * texts among its properties as metadata, the value of the response; an error that was answered is thrown. On either side of
 * them there is a request, and a packet.
 */
export function interceptorsOf(given: readonly Interceptor[] | undefined): readonly Interceptor[] {
  if (!given?.length) return [];
  return [(next) => shownTo(given, next)];
}

function shownTo(interceptors: readonly Interceptor[], next: Handler): Handler {
  const answered = new WeakMap<object, Reply>();
  const handler = chain(interceptors, (call: ShownCall) =>
    call[REQUEST] === undefined ? next(call) : opened(next(requestedBy(call)), answered),
  );
  return (call) => (isOld(call) ? closed(handler, shown(call), answered) : handler(call));
}

/** A typed call has arguments and a value already. */
function isOld(call: Call): boolean {
  return (call as { plan?: unknown }).plan instanceof OldPlan;
}

function shown(call: Call): ShownCall {
  const [request] = call.args as [RpcRequest];
  return { ...call, args: request.args, metadata: textsOf(request.requestProps), [REQUEST]: request };
}

/** The call that an interceptor has passed on, with what it has changed. */
function requestedBy(call: ShownCall): Call {
  const request = call[REQUEST] as RpcRequest;
  const before = request.requestProps ?? {};
  const changed = Object.entries(call.metadata).filter(([name, text]) => before[name] !== text);
  if (call.args === request.args && changed.length === 0) return { ...call, args: [request] };
  const changes = { args: [...call.args], requestProps: { ...before, ...Object.fromEntries(changed) } };
  // Middlewares and events keep the one that they know; what becomes known of the call is noted in the same meta.
  const copy: RpcRequest = Object.assign(Object.create(Object.getPrototypeOf(request)), request, changes);
  return { ...call, args: [copy] };
}

/** From a packet to a value, or to the error that was answered. */
async function opened(replying: Promise<Reply>, answered: WeakMap<object, Reply>): Promise<ShownReply> {
  const reply = await replying;
  const { error, appResponse, responseProps } = (reply.value as Packet).data;
  if (error != null) {
    answered.set(error, reply);
    throw error;
  }
  return { ...reply, value: appResponse, metadata: textsOf(responseProps), [ANSWER]: reply };
}

/** From a value, or the error that was answered, to the packet. An interceptor may have answered by itself. */
async function closed(handler: Handler, call: Call, answered: WeakMap<object, Reply>): Promise<Reply> {
  try {
    const reply: ShownReply = await handler(call);
    const packet = reply[ANSWER]?.value as Packet | undefined;
    if (packet !== undefined && packet.data.appResponse === reply.value) return { ...reply, value: packet };
    const data = { responseProps: null, ...packet?.data, error: null, appResponse: reply.value };
    return { ...reply, value: { meta: null, ...packet, data } };
  } catch (error) {
    const reply = answered.get(error as object);
    if (reply === undefined) throw error;
    return reply;
  }
}

function textsOf(props: unknown): Metadata {
  const entries = Object.entries(props ?? {}).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries);
}

import assert from 'node:assert';
import type { ByteWriter } from '../../core/bytes.js';
import { decodeFault } from '../../hessian/faults.js';
import type { Asked, ReadContext, RequestData } from './options.js';

/** What is asked of a message type of protobufjs. */
interface MessageType {
  fromObject(object: unknown): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Buffer): object;
  toObject(message: object, options?: unknown): unknown;
}

/** What is asked of a method of protobufjs. */
interface Method {
  readonly requestType?: unknown;
  readonly responseType?: unknown;
  readonly resolvedRequestType: MessageType;
  readonly resolvedResponseType: MessageType;
  resolve(): Method;
}

/** What is asked of what users hand over as `proto`. */
interface Proto {
  lookupService(name: string): { get(method: string): Method | null | undefined };
}

/** The headers of a protobuf frame, as objects without a prototype: a key may be anything. */
export type Headers = Record<string, string | null>;

const methods = new WeakMap<object, Map<string, Method>>();

/** @throws where there is no such service or method. */
function methodOf(proto: unknown, { serverSignature, methodName }: Asked): Method {
  let known = methods.get(proto as object);
  const key = `${serverSignature}#${methodName}`;
  const found = known?.get(key);
  if (found !== undefined) return found;
  if (typeof (proto as Proto | undefined)?.lookupService !== 'function')
    throw new TypeError(`protobuf needs a proto, the request of ${key} has none`);
  const service = (proto as Proto).lookupService(serverSignature.split(':')[0]);
  const method = service.get(methodName);
  if (!method) throw new Error(`no such Method '${methodName}' in Service '${serverSignature}'`);
  const resolved = method.resolve();
  if (known === undefined) {
    known = new Map();
    methods.set(proto as object, known);
  }
  known.set(key, resolved);
  return resolved;
}

export function writeProtobufRequest(out: ByteWriter, proto: unknown, request: RequestData): void {
  const method = methodOf(proto, request);
  if (method.requestType) out.writeBytes(encoded(method.resolvedRequestType, request.args[0]));
}

export function writeProtobufResponse(out: ByteWriter, proto: unknown, asked: Asked, value: unknown): void {
  const method = methodOf(proto, asked);
  if (method.responseType) out.writeBytes(encoded(method.resolvedResponseType, value));
}

/** Not `create`: users may give the name of an enum's constant, or a long's text. */
function encoded(type: MessageType, value: unknown): Uint8Array {
  return type.encode(type.fromObject(value)).finish();
}

function decoded(type: MessageType, bytes: Buffer): object {
  const message = type.decode(bytes);
  Object.defineProperty(message, 'toObject', {
    enumerable: false,
    value: (options?: unknown) => type.toObject(message, options),
  });
  return message;
}

const TRACE = 'rpc_trace_context.';

export function readProtobufRequest(proto: unknown, headers: Headers, content: Buffer): unknown {
  const trace: Headers = {};
  const props: Record<string, unknown> = { rpc_trace_context: trace };
  for (const key of Object.keys(headers)) {
    if (key.startsWith(TRACE)) put(trace, key.slice(TRACE.length), headers[key]);
    else put(props, key, headers[key]);
  }
  const serverSignature = headers.sofa_head_target_service;
  const methodName = headers.sofa_head_method_name;
  if (!serverSignature || !methodName)
    throw decodeFault('the headers of a protobuf request name no service and method');
  const method = methodOf(proto, { serverSignature, methodName });
  const hasArgument = method.requestType && content.length > 0;
  const args = hasArgument ? [decoded(method.resolvedRequestType, content)] : [];
  return { args, serverSignature, methodName, requestProps: props };
}

export function readProtobufResponse(context: ReadContext, id: number, content: Buffer): unknown {
  const asked = context.asked?.(id);
  assert(asked, `[sofa-bolt-node] not found req for res#${id}`);
  const method = methodOf(context.proto, asked);
  const appResponse = method.responseType ? decoded(method.resolvedResponseType, content) : undefined;
  return { error: null, appResponse };
}

/** Always an own property. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Adds the props that are texts or numbers; what is inside others gets a dot before it, as Java flattens them. */
export function addProps(prefix: string, props: unknown, into: Headers): void {
  for (const name in props as object) {
    const key = prefix + name;
    const value = (props as Record<string, unknown>)[name];
    if (typeof value === 'string') into[key] = value;
    else if (typeof value === 'number') into[key] = value.toString();
    else if (typeof value === 'object') addProps(`${key}.`, value, into);
  }
}

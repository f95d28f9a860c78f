import type { ErrorNode, SchemaNode } from '../values/schema.js';
import { shown } from '../values/value.js';
import { checkClassName, checkIdentifier, invalid } from './names.js';
import { nodeOf } from './node-type.js';
import type { AnyErrorClass, AnyType, MethodSpec, MethodSpecs } from './types.js';

/** The protobuf serialization of a service: made by the function that loads .proto files. */
export interface ProtobufSerialization {
  readonly codec: 'protobuf';
}

export interface ServiceOptions {
  /** Default `1.0`, as Java's. */
  readonly version?: string;
  /** Tells apart several implementations of one interface and version. */
  readonly uniqueId?: string;
  /** The registry's group. */
  readonly group?: string;
  /** Default `hessian2`. */
  readonly serialization?: 'hessian2' | 'json' | ProtobufSerialization;
  /** Which Hessian: SOFARPC's own (`sofa`, the default) or Hessian 2.0 as published (`final`). */
  readonly grammar?: 'sofa' | 'final';
  /** Milliseconds, for methods that have none of their own; default is the client's. */
  readonly timeoutMs?: number;
}

/** A method of a contract, ready for the layers that carry a call. */
export interface MethodContract {
  /** Its key in the contract. */
  readonly key: string;
  /** Java's name; overloads share it. */
  readonly name: string;
  /** @internal */
  readonly args: readonly SchemaNode[];
  /** @internal */
  readonly returns: SchemaNode;
  /** @internal */
  readonly throws: readonly ErrorNode[];
  readonly idempotent: boolean;
  readonly oneway: boolean;
  /** The method's own, or the service's. */
  readonly timeoutMs?: number;
}

/** A service: what a client calls and a server implements. Data only. */
export interface ServiceContract<M extends MethodSpecs = MethodSpecs> {
  /** `interface:version[:uniqueId]`. */
  readonly id: string;
  readonly interfaceName: string;
  readonly version: string;
  readonly uniqueId?: string;
  readonly group?: string;
  readonly serialization: 'hessian2' | 'json' | ProtobufSerialization;
  readonly grammar: 'sofa' | 'final';
  readonly methods: { readonly [K in keyof M]: MethodContract };
  /** For the compiler alone: see `Client` and `Handlers`. */
  readonly '~methods': M;
}

/**
 * A Java service interface. The keys of `methods` are the names that JavaScript calls; Java's name is the key unless
 * `name` says otherwise, which is how overloads are told apart.
 * @throws MeshError INVALID_ARGUMENT for a bad name, two methods of one signature, a oneway method that returns
 * something, or types that the serialization cannot carry.
 */
export function defineService<const M extends MethodSpecs>(
  interfaceName: string,
  methods: M,
  options: ServiceOptions = {},
): ServiceContract<M> {
  checkClassName(interfaceName, 'defineService');
  const what = `defineService('${interfaceName}')`;
  const {
    version = '1.0',
    uniqueId,
    group,
    serialization = 'hessian2',
    grammar = 'sofa',
    timeoutMs,
  } = options;
  checkIdPart(version, `${what}: version`);
  if (uniqueId !== undefined) checkIdPart(uniqueId, `${what}: uniqueId`);
  if (grammar !== 'sofa' && grammar !== 'final') {
    throw invalid(`${what}: grammar must be 'sofa' or 'final', got ${shown(grammar)}.`);
  }
  const protobuf = typeof serialization === 'object' && serialization?.codec === 'protobuf';
  if (!protobuf && serialization !== 'hessian2' && serialization !== 'json') {
    throw invalid(
      `${what}: serialization must be 'hessian2', 'json' or a protobuf one, got ${shown(serialization)}.`,
    );
  }
  checkTimeout(timeoutMs, what);

  const contracts: { [key: string]: MethodContract } = {};
  const keysBySignature = new Map<string, string>();
  for (const [key, spec] of Object.entries(methods)) {
    const method = methodContract(key, spec, timeoutMs, what);
    checkCarried(method, protobuf, `${what}: ${key}`);
    const signature = `${method.name}(${method.args.map((arg) => arg.javaName).join(', ')})`;
    const other = keysBySignature.get(signature);
    if (other !== undefined) {
      throw invalid(
        `${what}: ${other} and ${key} are both ${signature}. Java cannot tell them apart: remove one.`,
      );
    }
    keysBySignature.set(signature, key);
    contracts[key] = Object.freeze(method);
  }
  if (keysBySignature.size === 0) throw invalid(`${what}: it needs at least one method.`);

  const contract: Omit<ServiceContract<M>, '~methods'> = {
    id: uniqueId === undefined ? `${interfaceName}:${version}` : `${interfaceName}:${version}:${uniqueId}`,
    interfaceName,
    version,
    uniqueId,
    group,
    serialization,
    grammar,
    methods: Object.freeze(contracts) as { readonly [K in keyof M]: MethodContract },
  };
  return Object.freeze(contract) as ServiceContract<M>;
}

function methodContract(
  key: string,
  spec: MethodSpec,
  timeoutMs: number | undefined,
  service: string,
): MethodContract {
  const what = `${service}: ${key}`;
  // A client with a method of that name would be taken for a promise by `await`.
  if (key === 'then') throw invalid(`${what}: "then" cannot be a key. Use another one with name: 'then'.`);
  const name = spec.name ?? key;
  checkIdentifier(name, what);
  if (!Array.isArray(spec.args)) throw invalid(`${what}: args must be a list of types; [] for none.`);
  checkTimeout(spec.timeoutMs, what);
  const returns: AnyType | undefined = spec.returns;
  const isVoid = returns?.node?.kind === 'void';
  const oneway = spec.oneway ?? false;
  if (oneway && !isVoid) throw invalid(`${what}: a oneway method has no reply, so returns must be t.void.`);
  return {
    key,
    name,
    args: Object.freeze(spec.args.map((arg: AnyType, at: number) => nodeOf(arg, `${what}: args[${at}]`))),
    returns: isVoid ? returns.node : nodeOf(returns, `${what}: returns`),
    throws: Object.freeze((spec.throws ?? []).map((error, at) => errorNode(error, `${what}: throws[${at}]`))),
    idempotent: spec.idempotent ?? false,
    oneway,
    timeoutMs: spec.timeoutMs ?? timeoutMs,
  };
}

function errorNode(error: AnyErrorClass, what: string): ErrorNode {
  const node = (error as AnyErrorClass | undefined)?.node;
  if (node?.kind === 'error') return node;
  throw invalid(`${what}: expected a class made by defineError, got ${shown(error)}.`);
}

/** SOFARPC's protobuf carries one message each way; the other serializations carry no message at all. */
function checkCarried({ args, returns, oneway }: MethodContract, protobuf: boolean, what: string): void {
  if (protobuf) {
    if (args.length === 1 && args[0].kind === 'message' && (returns.kind === 'message' || oneway)) return;
    throw invalid(
      `${what}: over protobuf a method takes one t.message and returns one (t.void where it is oneway).`,
    );
  }
  if ([...args, returns].some(({ kind }) => kind === 'message')) {
    throw invalid(`${what}: t.message needs the option serialization: a protobuf one.`);
  }
}

function checkIdPart(part: unknown, what: string): void {
  if (typeof part === 'string' && /^[^\s:]+$/.test(part)) return;
  throw invalid(`${what}: expected text without spaces and colons, got ${shown(part)}.`);
}

/** Bolt carries a timeout as an int32. */
function checkTimeout(timeoutMs: unknown, what: string): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= 0x7fffffff) return;
  throw invalid(
    `${what}: timeoutMs must be above 0 and at most 2147483647 milliseconds, got ${String(timeoutMs)}.`,
  );
}

import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import { BytePattern } from '../core/byte-pattern.js';
import { MeshError } from '../core/errors.js';
import type { TypedCodec } from '../hessian/compile.js';
import { decodeFault, within } from '../hessian/faults.js';
import type { HessianReader, ReaderState } from '../hessian/reader.js';
import { skipValue } from '../hessian/skip.js';
import type { HessianTools } from './hessian-tools.js';
import type { InboundBody } from './serializer.js';
import { readProps, skipEntries } from './sofa-props.js';
import { requestParts, SOFA_REQUEST, STRING_ARRAY } from './sofa-request-write.js';

interface Candidate {
  readonly method: MethodContract;
  readonly signature: readonly string[];
  readonly args: readonly TypedCodec[];
  /** What stands behind requestProps where a request asks for this method. */
  readonly closing: BytePattern;
}

/** Reads SofaRequests of one service: finds the method by name and argument types, then reads the arguments typed. */
export class RequestReader {
  private readonly byName = new Map<string, Candidate[]>();
  private readonly opening: BytePattern;
  private readonly serviceName: BytePattern;
  /** What the opening has numbered. */
  private readonly opened: ReaderState;

  constructor(
    private readonly tools: HessianTools,
    private readonly service: ServiceContract,
  ) {
    for (const method of Object.values(service.methods)) {
      const signature = method.args.map((arg) => arg.javaName);
      const args = method.args.map((arg) => tools.codecs.compile(arg));
      const closing = new BytePattern(requestParts(tools.grammar, service.id, method.args).closing);
      const overloads = this.byName.get(method.name) ?? [];
      overloads.push({ method, signature, args, closing });
      this.byName.set(method.name, overloads);
    }
    const { opening, service: serviceName } = requestParts(tools.grammar, service.id, []);
    this.opening = new BytePattern(opening);
    this.serviceName = new BytePattern(serviceName);
    this.opened = openedState(tools.reader, opening);
  }

  read(buf: Buffer, start: number, end: number): InboundBody {
    const { reader } = this.tools;
    reader.reset(buf, start, end);
    const known = this.readKnown(reader);
    if (known !== undefined) return known;
    reader.reset(buf, start, end);
    return this.readAnyOrder(reader);
  }

  /**
   * Reads a request that is written as Java and this library write it, by comparing its constant parts. Undefined where
   * it is written in another way: nothing is wrong with that.
   */
  private readKnown(reader: HessianReader): InboundBody | undefined {
    if (!reader.skipPattern(this.opening)) return undefined;
    reader.restore(this.opened, reader.pos);
    const name = readText(reader);
    const overloads = name === null ? undefined : this.byName.get(name);
    if (overloads === undefined || !reader.skipPattern(this.serviceName)) return undefined;
    reader.addRef(undefined);
    const props = skipEntries(reader);
    for (const overload of overloads) {
      if (!reader.skipPattern(overload.closing)) continue;
      reader.addRef(undefined);
      reader.addType(STRING_ARRAY);
      return { method: overload.method, args: this.readArgs(reader, overload), props };
    }
    return undefined;
  }

  /** Reads a request whose fields stand in any order, or are only some of Java's. */
  private readAnyOrder(reader: HessianReader): InboundBody {
    const wireClass = reader.readClass(reader.readTag());
    if (wireClass.name !== SOFA_REQUEST.name) {
      throw decodeFault(`expected a ${SOFA_REQUEST.name}, got a ${wireClass.name}`);
    }
    reader.addRef(undefined);
    let name: string | null = null;
    let signature: readonly string[] | null = null;
    let props: readonly string[] | undefined;
    for (const field of wireClass.fieldNames) {
      if (field === 'methodName') name = readText(reader);
      else if (field === 'methodArgSigs') signature = readSignature(reader);
      else if (field === 'requestProps') props = readProps(reader);
      else skipValue(reader);
    }
    const found = this.find(name, signature);
    const args = this.readArgs(reader, found);
    return {
      method: found.method,
      args,
      props: props && props.length > 0 ? { mention: () => true, read: () => props } : undefined,
    };
  }

  private find(name: string | null, signature: readonly string[] | null): Candidate {
    const overloads = name === null ? undefined : this.byName.get(name);
    if (overloads !== undefined) {
      for (const overload of overloads)
        if (signature === null || same(overload.signature, signature)) return overload;
    }
    throw methodNotFound(this.service.id, name, signature, overloads);
  }

  private readArgs(reader: HessianReader, { args, signature }: Candidate): unknown[] {
    const values = new Array<unknown>(args.length);
    for (let i = 0; i < args.length; i++) {
      if (reader.atEnd)
        throw decodeFault(`the request has ${i} arguments, the method takes ${signature.length}`);
      try {
        values[i] = args[i].read(reader);
      } catch (error) {
        throw within(error, `args[${i}]`);
      }
    }
    return values;
  }
}

/** The state of a reader that has read the opening of a request. */
function openedState(reader: HessianReader, opening: Buffer): ReaderState {
  reader.reset(opening);
  reader.readClass(reader.readTag());
  reader.addRef(undefined);
  const state = reader.snapshot();
  reader.release();
  return state;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function readText(reader: HessianReader): string | null {
  return reader.readNull() ? null : reader.readString(reader.readTag());
}

function readSignature(reader: HessianReader): string[] | null {
  if (reader.readNull()) return null;
  const length = reader.beginList(reader.readTag());
  const marked = reader.marked;
  reader.addRef(undefined);
  const signature: string[] = [];
  if (length < 0) while (!reader.isEnd()) signature.push(reader.readString(reader.readTag()));
  else {
    for (let i = 0; i < length; i++) signature.push(reader.readString(reader.readTag()));
    reader.endList(marked);
  }
  return signature;
}

/** In Java's words, with Java's error code, by which SOFARPC's own tools tell it apart. */
function methodNotFound(
  serviceId: string,
  name: string | null,
  signature: readonly string[] | null,
  overloads: readonly Candidate[] | undefined,
): MeshError {
  const asked = `${serviceId}, method: ${name}(${signature?.join(', ') ?? ''})`;
  const hint = overloads?.length
    ? `; it is there with other arguments: ${overloads.map((one) => `(${one.signature.join(', ')})`).join(', ')}`
    : '';
  return new MeshError(
    'METHOD_NOT_FOUND',
    `RPC-020100011: Cannot find invoke method of service: ${asked}${hint}`,
    { method: name ?? undefined },
  );
}

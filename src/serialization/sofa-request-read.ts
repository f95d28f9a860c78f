import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import { MeshError } from '../core/errors.js';
import type { TypedCodec } from '../hessian/compile.js';
import { decodeFault, within } from '../hessian/faults.js';
import type { HessianReader } from '../hessian/reader.js';
import { readAny } from '../hessian/untyped-read.js';
import type { HessianTools } from './hessian-tools.js';
import type { InboundBody } from './serializer.js';
import { type FlatProps, readProps } from './sofa-props.js';
import { SOFA_REQUEST } from './sofa-request-write.js';

interface Candidate {
  readonly method: MethodContract;
  readonly signature: readonly string[];
  readonly args: readonly TypedCodec[];
}

/** Reads SofaRequests of one service: finds the method by name and argument types, then reads the arguments typed. */
export class RequestReader {
  private readonly byName = new Map<string, Candidate[]>();

  constructor(
    private readonly tools: HessianTools,
    private readonly service: ServiceContract,
  ) {
    for (const method of Object.values(service.methods)) {
      const signature = method.args.map((arg) => arg.javaName);
      const args = method.args.map((arg) => tools.codecs.compile(arg));
      const overloads = this.byName.get(method.name) ?? [];
      overloads.push({ method, signature, args });
      this.byName.set(method.name, overloads);
    }
  }

  read(buf: Buffer, start: number, end: number): InboundBody {
    const { reader } = this.tools;
    reader.reset(buf, start, end);
    const wireClass = reader.readClass(reader.readTag());
    if (wireClass.name !== SOFA_REQUEST.name) {
      throw decodeFault(`expected a ${SOFA_REQUEST.name}, got a ${wireClass.name}`);
    }
    reader.addRef(undefined);
    let name: string | null = null;
    let signature: readonly string[] | null = null;
    let props: FlatProps | undefined;
    for (const field of wireClass.fieldNames) {
      if (field === 'methodName') name = readText(reader);
      else if (field === 'methodArgSigs') signature = readSignature(reader);
      else if (field === 'requestProps') props = readProps(reader);
      else readAny(reader);
    }
    const found = this.find(name, signature);
    const args = this.readArgs(reader, found);
    return { method: found.method, args, props: props && props.length > 0 ? props : undefined };
  }

  private find(name: string | null, signature: readonly string[] | null): Candidate {
    const overloads = name === null ? undefined : this.byName.get(name);
    if (overloads !== undefined) {
      for (const overload of overloads) if (signature === null || same(overload.signature, signature)) return overload;
    }
    throw methodNotFound(this.service.id, name, signature, overloads);
  }

  private readArgs(reader: HessianReader, { args, signature }: Candidate): unknown[] {
    const values = new Array<unknown>(args.length);
    for (let i = 0; i < args.length; i++) {
      if (reader.atEnd) throw decodeFault(`the request has ${i} arguments, the method takes ${signature.length}`);
      try {
        values[i] = args[i].read(reader);
      } catch (error) {
        throw within(error, `args[${i}]`);
      }
    }
    return values;
  }
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
  return new MeshError('METHOD_NOT_FOUND', `RPC-020100011: Cannot find invoke method of service: ${asked}${hint}`);
}

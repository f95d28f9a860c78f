import { MeshError, RemoteError } from '../core/errors.js';
import type { ErrorNode, FieldNode } from '../values/schema.js';
import { ClassDef } from './class-def.js';
import { encodeFault, within } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import { skipValue } from './skip.js';
import { javaOrder } from './typed-class.js';
import { Codec, type Codecs, type TypedCodec } from './typed-codec.js';
import { readAny } from './untyped-read.js';
import { isThrowableField, stackText } from './untyped-throwable.js';
import { writeAny } from './untyped-write.js';
import type { WireClass } from './wire-class.js';
import type { HessianWriter } from './writer.js';

/** A Java exception to be written: a RemoteError is one. */
export interface Thrown {
  readonly className: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Reads what a Java method may have thrown: an exception of one of `nodes`, or of a listed subclass, becomes the
 * contract's own error; any other a RemoteError.
 */
export function throwableCodec(nodes: readonly ErrorNode[], codecs: Codecs): TypedCodec {
  return new ThrowableCodec(nodes, codecs);
}

/** Writes an exception; the fields by its contract class where `error` is of one, without a contract otherwise. */
export function writeThrowable(w: HessianWriter, error: Thrown, codecs: Codecs): void {
  const own: unknown = (error.constructor as { node?: unknown }).node;
  const node = isErrorNode(own) && own.javaName === error.className ? own : undefined;
  if (w.addRef(error, error.className)) return;
  // Where there is no cause Java's Throwable holds itself (vectors, throwable/RuntimeException).
  const self = w.lastRef;
  const fields = node === undefined ? undefined : javaOrder(node.fields());
  const names = fields === undefined ? Object.keys(error.fields) : fields.map(({ name }) => name);
  w.writeObjectBegin(new ClassDef(error.className, [...names, 'detailMessage', 'cause', 'stackTrace']));
  w.enter();
  for (let i = 0; i < names.length; i++) {
    const value = error.fields[names[i]];
    try {
      if (fields === undefined) writeAny(w, value);
      else codecs.codec(fields[i].node).write(w, value);
    } catch (fault) {
      throw within(fault, `.${names[i]}`);
    }
  }
  w.writeString(error.message);
  // Only what came from Java goes back to Java: a cause of this process stays here.
  if (isRemote(error.cause)) writeThrowable(w, error.cause, codecs);
  else w.writeRef(self);
  // No stack of this process either. An empty one, or Java would fill in where it decoded this.
  w.skipRefs(1);
  w.endList(w.beginList('[java.lang.StackTraceElement', 0));
  w.leave();
}

/** A RemoteError, also of another copy of this package. */
function isRemote(value: unknown): value is RemoteError {
  return MeshError.is(value) && typeof (value as Partial<RemoteError>).className === 'string';
}

function isErrorNode(node: unknown): node is ErrorNode {
  return typeof node === 'object' && node !== null && (node as { kind?: unknown }).kind === 'error';
}

/** Exceptions as values: results, fields and what was thrown. */
export class ThrowableCodec extends Codec {
  constructor(
    private readonly nodes: readonly ErrorNode[],
    private readonly codecs: Codecs,
    nullable = true,
  ) {
    super(nodes.length === 1 ? nodes[0].javaName : 'java.lang.Throwable', nullable, 'java.lang.Throwable');
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (!isRemote(value)) throw this.wrong(value);
    const known = this.nodes.some(
      (node) => node.javaName === value.className || node.subclasses.has(value.className),
    );
    if (this.nodes.length > 0 && !known)
      throw encodeFault(`${value.className} is no listed subclass of ${this.expected}`);
    writeThrowable(w, value, this.codecs);
  }

  readValue(r: HessianReader, tag: number): unknown {
    const kind = r.kinds[tag];
    if (kind === Kind.ref) return this.readReference(r, tag);
    if (kind !== Kind.object && kind !== Kind.definition) throw r.unexpected(this.expected, tag);
    const of = r.readClass(tag);
    const node = this.nodeOf(of.name);
    // A cause that is the exception itself, which is how Java says that there is none, is read as this null.
    const ref = r.addRef(null, of);
    r.enter();
    const error = readParts(r, of, node, this.codecs);
    r.leave();
    r.setRef(ref, error);
    return error;
  }

  private nodeOf(className: string): ErrorNode | undefined {
    for (const node of this.nodes) {
      if (node.javaName === className) return node;
      const subclass = node.subclasses.get(className);
      if (subclass !== undefined) return subclass;
    }
    return undefined;
  }
}

function readParts(r: HessianReader, of: WireClass, node: ErrorNode | undefined, codecs: Codecs): Error {
  const known = new Map<string, FieldNode>();
  for (const field of node?.fields() ?? []) if (!known.has(field.name)) known.set(field.name, field);
  const fields: Record<string, unknown> = {};
  let message: string | null = null;
  let cause: unknown;
  let remoteStack = '';
  for (const name of of.fieldNames) {
    try {
      if (name === 'detailMessage') message = readMessage(r);
      else if (name === 'cause') cause = readAny(r) ?? undefined;
      else if (name === 'stackTrace') remoteStack = stackText(readAny(r));
      else if (isThrowableField(name)) skipValue(r);
      else if (node === undefined) define(fields, name, readAny(r));
      else {
        const field = known.get(name);
        if (field === undefined) skipValue(r);
        else define(fields, name, codecs.codec(field.node).read(r));
        known.delete(name);
      }
    } catch (fault) {
      throw within(fault, `.${name}`);
    }
  }
  if (node === undefined) return new RemoteError({ className: of.name, message, fields, remoteStack, cause });
  for (const field of known.values()) fields[field.name] = codecs.codec(field.node).missing();
  return node.create({ message, fields, remoteStack, cause });
}

function readMessage(r: HessianReader): string | null {
  const tag = r.readTag();
  if (tag === 0x4e) return null;
  if (r.kinds[tag] !== Kind.string) throw r.unexpected('a message', tag);
  return r.readString(tag);
}

/** Of a field that subclass and base both declare the subclass's, which comes first, is kept. */
function define(target: object, name: string, value: unknown): void {
  if (Object.hasOwn(target, name)) return;
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

import type { MethodContract } from '../contract/define-service.js';
import { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import { ClassDef } from '../hessian/class-def.js';
import type { Grammar } from '../hessian/grammar.js';
import { createWriter, type HessianWriter, type WriterState } from '../hessian/writer.js';
import { DEADLINE_PROP } from './sofa-props.js';

/** Java's field order (vectors, v1-call/*); a reader accepts any. */
export const SOFA_REQUEST = new ClassDef('com.alipay.sofa.rpc.core.request.SofaRequest', [
  'targetAppName',
  'methodName',
  'targetServiceUniqueName',
  'requestProps',
  'methodArgSigs',
]);

/** The type name that Java gives a String[] in each grammar. */
export const STRING_ARRAY = '[string';

/** A method's SofaRequest in its constant parts, as Java's clients and ours write them. */
export interface RequestParts {
  /** The class definition and targetAppName, which is null; the same for every method. */
  readonly opening: Buffer;
  /** targetServiceUniqueName and the beginning of requestProps. Before it stands methodName. */
  readonly service: Buffer;
  /** The end of requestProps and methodArgSigs. */
  readonly closing: Buffer;
  /** What the parts have numbered. */
  readonly state: WriterState;
}

/** The constant parts of a method's SofaRequest. */
export function requestParts(
  grammar: Grammar,
  serviceId: string,
  args: MethodContract['args'],
): RequestParts {
  const out = new ByteWriter();
  const writer = createWriter(grammar, out);
  writer.skipRefs(1);
  writer.writeObjectBegin(SOFA_REQUEST);
  writer.writeNull();
  const openingEnd = out.pos;
  writer.writeString(serviceId);
  writer.skipRefs(1);
  writer.beginMap(null);
  const serviceEnd = out.pos;
  writer.endMap();
  writer.skipRefs(1);
  const marked = writer.beginList(STRING_ARRAY, args.length);
  for (const arg of args) writer.writeString(arg.javaName);
  writer.endList(marked);
  const part = (from: number, to: number) => Buffer.from(out.buf.subarray(from, to));
  return {
    opening: part(0, openingEnd),
    service: part(openingEnd, serviceEnd),
    closing: part(serviceEnd, out.pos),
    state: writer.snapshot(),
  };
}

/**
 * A method's SofaRequest, written once: only the requestProps that differ from call to call go between its two constant
 * parts. The arguments follow on the same stream, numbered on from `state`.
 */
export class RequestTemplate {
  private readonly beforeProps: Buffer;
  /** The same and the key of one more: how much time is left. */
  private readonly beforeDeadline: Buffer;
  private readonly afterProps: Buffer;
  private readonly state: WriterState;

  constructor(grammar: Grammar, serviceId: string, method: MethodContract) {
    const { opening, service, closing, state } = requestParts(grammar, serviceId, method.args);
    const out = new ByteWriter();
    const writer = createWriter(grammar, out);
    out.writeBytes(opening);
    writer.writeString(method.name);
    out.writeBytes(service);
    writer.writeString('type');
    writer.writeString(method.oneway ? 'oneway' : 'sync');
    this.beforeProps = Buffer.from(out.written());
    writer.writeString(DEADLINE_PROP);
    this.beforeDeadline = Buffer.from(out.written());
    this.afterProps = closing;
    this.state = state;
  }

  /** Appends the SofaRequest and leaves `writer` ready for the arguments. `remainingMs` 0 says nothing of a deadline. */
  write(writer: HessianWriter, out: ByteWriter, props: Readonly<Metadata>, remainingMs: number): void {
    writer.out = out;
    if (remainingMs > 0) {
      out.writeBytes(this.beforeDeadline);
      writer.writeInt(remainingMs);
    } else {
      out.writeBytes(this.beforeProps);
    }
    for (const key in props) {
      writer.writeString(key);
      writer.writeString(props[key]);
    }
    out.writeBytes(this.afterProps);
    writer.restore(this.state);
  }
}

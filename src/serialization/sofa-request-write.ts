import type { MethodContract } from '../contract/define-service.js';
import { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import { ClassDef } from '../hessian/class-def.js';
import type { Grammar } from '../hessian/grammar.js';
import { createWriter, type HessianWriter, type WriterState } from '../hessian/writer.js';

/** Java's field order (vectors, v1-call/*); a reader accepts any. */
export const SOFA_REQUEST = new ClassDef('com.alipay.sofa.rpc.core.request.SofaRequest', [
  'targetAppName',
  'methodName',
  'targetServiceUniqueName',
  'requestProps',
  'methodArgSigs',
]);

/** The type name that Java gives a String[] in each grammar. */
const STRING_ARRAY = '[string';

/**
 * A method's SofaRequest, written once: only the requestProps that differ from call to call go between its two constant
 * parts. The arguments follow on the same stream, numbered on from `state`.
 */
export class RequestTemplate {
  private readonly beforeProps: Buffer;
  private readonly afterProps: Buffer;
  private readonly state: WriterState;

  constructor(grammar: Grammar, serviceId: string, method: MethodContract) {
    const out = new ByteWriter();
    const writer = createWriter(grammar, out);
    writer.skipRefs(1);
    writer.writeObjectBegin(SOFA_REQUEST);
    writer.writeNull();
    writer.writeString(method.name);
    writer.writeString(serviceId);
    writer.skipRefs(1);
    writer.beginMap(null);
    writer.writeString('type');
    writer.writeString(method.oneway ? 'oneway' : 'sync');
    const split = out.pos;
    writer.endMap();
    writer.skipRefs(1);
    const marked = writer.beginList(STRING_ARRAY, method.args.length);
    for (const arg of method.args) writer.writeString(arg.javaName);
    writer.endList(marked);
    this.beforeProps = Buffer.from(out.buf.subarray(0, split));
    this.afterProps = Buffer.from(out.buf.subarray(split, out.pos));
    this.state = writer.snapshot();
  }

  /** Appends the SofaRequest and leaves `writer` ready for the arguments. */
  write(writer: HessianWriter, out: ByteWriter, props: Readonly<Metadata>): void {
    writer.out = out;
    out.writeBytes(this.beforeProps);
    for (const key in props) {
      writer.writeString(key);
      writer.writeString(props[key]);
    }
    out.writeBytes(this.afterProps);
    writer.restore(this.state);
  }
}

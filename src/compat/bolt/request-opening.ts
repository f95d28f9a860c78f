import { writeHeader } from '../../bolt/headers.js';
import { ByteWriter } from '../../core/bytes.js';
import { ClassDef } from '../../hessian/class-def.js';
import type { Grammar } from '../../hessian/grammar.js';
import { string } from '../values/jdk-write.js';
import { ValueWriter, type WriterState } from '../values/writer.js';
import type { RequestData } from './options.js';

const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest';
/** Not Java's order of fields, but the predecessor's. */
const SOFA_REQUEST = new ClassDef(REQUEST_CLASS, [
  'methodName',
  'methodArgSigs',
  'targetServiceUniqueName',
  'targetAppName',
  'requestProps',
]);

/** Up to so many services, and methods of each, are known. */
const MAX_KNOWN = 1000;

/** A request up to its props, which depends on the service, the method and the arguments' classes alone. */
interface RequestOpening {
  readonly appName: string | undefined;
  readonly signature: readonly string[];
  /** The frame's class name, its header and the beginning of its content. */
  readonly bytes: Buffer;
  readonly headerLength: number;
}

export const REQUEST_CLASS_LENGTH = REQUEST_CLASS.length;

/** Makes the constant parts of requests once. */
export class RequestOpenings {
  private readonly known = new Map<unknown, Map<unknown, RequestOpening>>();
  private readonly out = new ByteWriter();
  private readonly writer: ValueWriter;
  /** What an opening has numbered, whatever is in it. */
  readonly state: WriterState;

  constructor(grammar: Grammar) {
    this.writer = new ValueWriter(grammar, this.out);
    this.make({ serverSignature: '', methodName: '', args: [], timeout: 0 }, []);
    this.state = this.writer.state();
  }

  of(request: RequestData, signature: readonly string[]): RequestOpening {
    const { serverSignature, methodName, targetAppName } = request;
    let methods = this.known.get(serverSignature);
    const found = methods?.get(methodName);
    if (found !== undefined && found.appName === targetAppName && isSame(found.signature, signature))
      return found;
    const made = this.make(request, signature);
    if (methods === undefined) {
      if (this.known.size >= MAX_KNOWN) this.known.clear();
      methods = new Map();
      this.known.set(serverSignature, methods);
    }
    if (methods.size >= MAX_KNOWN) methods.clear();
    methods.set(methodName, made);
    return made;
  }

  private make(request: RequestData, signature: readonly string[]): RequestOpening {
    const { methodName, serverSignature, targetAppName } = request;
    const { out, writer: w } = this;
    w.begin(out);
    out.pos = 0;
    out.writeBytes(Buffer.from(REQUEST_CLASS));
    writeText(out, 'service', serverSignature);
    const headerLength = out.pos - REQUEST_CLASS_LENGTH;
    w.skipRef();
    w.beginObject(SOFA_REQUEST);
    string(w, methodName, undefined);
    w.skipRef();
    const marked = w.beginList('[java.lang.String', signature.length);
    for (const name of signature) string(w, name, undefined);
    w.endList(marked);
    string(w, serverSignature, undefined);
    string(w, targetAppName, undefined);
    return { appName: targetAppName, signature, bytes: Buffer.from(out.written()), headerLength };
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Appends a header; what is no text is refused in Node's words. */
export function writeText(out: ByteWriter, key: string, value: string | null | undefined): void {
  if (value && typeof value !== 'string') Buffer.byteLength(value);
  writeHeader(out, key, value ? value : value === '' ? '' : null);
}

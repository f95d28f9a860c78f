import { BytePattern } from '../../core/byte-pattern.js';
import { ByteWriter } from '../../core/bytes.js';
import { ClassDef } from '../../hessian/class-def.js';
import { decodeFault } from '../../hessian/faults.js';
import { createReader, type HessianReader, type ReaderState } from '../../hessian/reader.js';
import { ClassCache } from '../values/class-cache.js';
import { type ClassMap, isWrapper } from '../values/class-map.js';
import { typesOf } from '../values/compile.js';
import { javaName } from '../values/java-name.js';
import { RPC_SERVER_EXCEPTION, string, writeError } from '../values/jdk-write.js';
import { writeLoose } from '../values/loose-write.js';
import { readValue } from '../values/read.js';
import { textOf } from '../values/text-of.js';
import type { Write } from '../values/types.js';
import { ValueWriter, type WriterState } from '../values/writer.js';
import { KnownRequests } from './known-requests.js';
import type { HessianVersion, RequestData, ResponseData } from './options.js';
import { RequestOpenings } from './request-opening.js';

const SOFA_RESPONSE = new ClassDef('com.alipay.sofa.rpc.core.response.SofaResponse', [
  'isError',
  'errorMsg',
  'appResponse',
  'responseProps',
]);

/** Where a writer writes that has nothing to write: it lets go of the values it wrote. */
const NOWHERE = new ByteWriter(16);
/** Bodies up to this many bytes may be held a little longer. */
const SMALL = 65_536;
/** What a new stream has numbered. */
const NOTHING: WriterState = { refs: 0, types: [], classNames: [] };

/** Writes and reads the bodies of one version of Hessian. Encoding and decoding never wait, so one of each serves all. */
class HessianBodies {
  private readonly writer: ValueWriter;
  private readonly reader: HessianReader;
  private readonly openings: RequestOpenings;
  private readonly requests = new KnownRequests();
  /** How the response of a call that succeeded begins, and what that has numbered. */
  private readonly success: BytePattern;
  private readonly succeeded: ReaderState;
  private readonly requestProps: Write;
  private readonly responseProps: Write;
  private readonly anything: Write;
  private writing = false;

  constructor(readonly sofa: boolean) {
    const grammar = sofa ? 'sofa' : 'final';
    this.writer = new ValueWriter(grammar, new ByteWriter(16));
    this.reader = createReader(grammar, new ClassCache());
    this.openings = new RequestOpenings(grammar);
    const types = typesOf(undefined, sofa);
    this.anything = types.of({ type: 'java.lang.Object' });
    const text = { type: 'java.lang.String' };
    this.requestProps = types.of({ type: 'java.util.Map', generic: [text, { type: 'java.lang.Object' }] });
    this.responseProps = types.of({ type: 'java.util.Map', generic: [text, text] });
    const success = new ByteWriter();
    this.write(success, NOTHING, (w) => {
      w.beginObject(SOFA_RESPONSE);
      w.writeBoolean(false);
      w.writeNull();
    });
    this.success = new BytePattern(success.written());
    this.succeeded = this.read(success.buf, 0, success.pos, (r) => {
      r.readClass(r.readTag());
      r.addRef(undefined);
      return r.snapshot();
    });
  }

  /** Appends the class name, the header and the content of a request. Returns how long the header is. */
  writeRequest(out: ByteWriter, request: RequestData, classMap: ClassMap | undefined): number {
    const { args } = request;
    const signature: string[] = [];
    for (let i = 0; i < args.length; i++) signature.push(javaName(args[i]));
    const { bytes, headerLength } = this.openings.of(request, signature);
    out.writeBytes(bytes);
    const types = classMap && typesOf(classMap, this.sofa);
    this.write(out, this.openings.state, (w) => {
      this.requestProps(w, request.requestProps, undefined);
      for (let i = 0; i < args.length; i++) {
        const arg = args[i];
        if (!isWrapper(arg)) writeLoose(w, arg);
        else if (types !== undefined) types.of(arg)(w, arg.$, undefined);
        else writeLoose(w, arg.$ === null || arg.$ === undefined ? null : arg);
      }
    });
    return headerLength;
  }

  writeResponse(out: ByteWriter, response: ResponseData, classMap: ClassMap | undefined): void {
    this.write(out, NOTHING, (w) => {
      w.register(response);
      w.beginObject(SOFA_RESPONSE);
      w.writeBoolean(Boolean(response.isError));
      string(w, response.errorMsg, undefined);
      this.anything(w, response.appResponse, classMap);
      this.responseProps(w, response.responseProps, undefined);
    });
  }

  /** The exception that Bolt's own failures carry. */
  writeServerException(out: ByteWriter, error: Pick<Error, 'name' | 'message'>): void {
    this.write(out, NOTHING, (w) => {
      w.skipRef();
      writeError(w, RPC_SERVER_EXCEPTION, error);
    });
  }

  private write(out: ByteWriter, from: WriterState, body: (w: ValueWriter) => void): void {
    // A getter of the user's may write a frame of its own meanwhile.
    const writer = this.writing ? new ValueWriter(this.writer.grammar, out) : this.writer;
    const isOuter = writer === this.writer;
    if (isOuter) this.writing = true;
    writer.resume(out, from);
    try {
      body(writer);
    } finally {
      if (isOuter) {
        this.writing = false;
        writer.begin(NOWHERE);
      }
    }
  }

  readRequest(buf: Buffer, start: number, end: number): unknown {
    return this.read(buf, start, end, (r) => {
      const head = this.requests.read(r);
      if (head !== undefined) {
        const { targetAppName, methodName, serverSignature } = head;
        const methodArgSigs = head.signature.slice();
        // What was not read can be referred to all the same.
        const request: Record<string, unknown> = { methodName, methodArgSigs, targetAppName };
        request.targetServiceUniqueName = serverSignature;
        r.setRef(0, request);
        r.setRef(1, methodArgSigs);
        const requestProps = readValue(r);
        request.requestProps = requestProps;
        const args = readArgs(r, methodArgSigs);
        return { targetAppName, methodName, serverSignature, args, methodArgSigs, requestProps };
      }
      r.reset(buf, start, end);
      const request = fieldsOf(readValue(r));
      const { targetAppName, methodName, targetServiceUniqueName, methodArgSigs, requestProps } = request;
      const args = readArgs(r, methodArgSigs);
      const serverSignature = targetServiceUniqueName;
      return { targetAppName, methodName, serverSignature, args, methodArgSigs, requestProps };
    });
  }

  readResponse(buf: Buffer, start: number, end: number): unknown {
    return this.read(buf, start, end, (r) => {
      if (r.skipPattern(this.success)) {
        r.restore(this.succeeded, r.pos);
        const response: SofaResponse = { isError: false, errorMsg: null };
        r.setRef(0, response);
        response.appResponse = readValue(r);
        response.responseProps = readValue(r);
        return responseOf(response);
      }
      const value = readValue(r);
      if (typeof value === 'string') return { error: withoutStack(value), ...NO_RESPONSE };
      if (value instanceof Error) return { error: value, ...NO_RESPONSE };
      return responseOf(fieldsOf(value));
    });
  }

  /** A value alone. */
  readValue(buf: Buffer, start: number, end: number): unknown {
    return this.read(buf, start, end, readValue);
  }

  private read<T>(buf: Buffer, start: number, end: number, body: (r: HessianReader) => T): T {
    const { reader } = this;
    reader.reset(buf, start, end);
    try {
      return body(reader);
    } finally {
      // Otherwise what was read last is held until the next: not worth the time where it is small.
      if (end - start > SMALL) reader.release();
    }
  }
}

const NO_RESPONSE = { appResponse: undefined, responseProps: undefined };

/** An error of the framework: a stack would mislead. */
export function withoutStack(message: unknown): Error {
  const error = new Error(message === undefined ? undefined : textOf(message));
  error.stack = '';
  return error;
}

function readArgs(r: HessianReader, signature: unknown): unknown[] {
  const args: unknown[] = [];
  if (!Array.isArray(signature)) return args;
  for (let i = 0; i < signature.length; i++) {
    if (r.atEnd) throw decodeFault(`the request has ${i} arguments, its signature names ${signature.length}`);
    args.push(readValue(r));
  }
  return args;
}

/** A response as it is in Java. */
interface SofaResponse {
  isError?: unknown;
  errorMsg?: unknown;
  appResponse?: unknown;
  responseProps?: unknown;
}

function responseOf({ isError, errorMsg, appResponse, responseProps }: SofaResponse): unknown {
  if (appResponse instanceof Error) return { error: appResponse, appResponse: null, responseProps };
  return { error: isError ? withoutStack(errorMsg) : null, appResponse, responseProps };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw decodeFault(`expected an object, got ${value === null ? 'null' : typeof value}`);
}

const bodies = { sofa: new HessianBodies(true), final: new HessianBodies(false) };

export function hessianBodies(version: HessianVersion): HessianBodies {
  return version === '3.0' ? bodies.sofa : bodies.final;
}

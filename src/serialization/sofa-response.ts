import { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import { RemoteError } from '../core/errors.js';
import { ClassDef } from '../hessian/class-def.js';
import type { TypedCodec } from '../hessian/compile.js';
import { decodeFault, within } from '../hessian/faults.js';
import type { Grammar } from '../hessian/grammar.js';
import type { HessianReader } from '../hessian/reader.js';
import { skipValue } from '../hessian/skip.js';
import { createWriter, type HessianWriter, type WriterState } from '../hessian/writer.js';
import type { ResponseBody } from './serializer.js';
import { metadataOf, readProps } from './sofa-props.js';
import { failureOfText } from './text-failure.js';

/** Java's field order (vectors, sofaresponse/*); a reader accepts any. */
const SOFA_RESPONSE = new ClassDef('com.alipay.sofa.rpc.core.response.SofaResponse', [
  'isError',
  'errorMsg',
  'appResponse',
  'responseProps',
]);

/** The tag of the value true, in both grammars. */
const TRUE = 0x54;
const NO_MESSAGE = 'the other side reports an error without a message';

/** A SofaResponse around a value: its beginning is constant. */
export class ResponseTemplate {
  private readonly opening: Buffer;
  private readonly state: WriterState;

  constructor(grammar: Grammar) {
    const out = new ByteWriter();
    const writer = createWriter(grammar, out);
    writer.skipRefs(1);
    writer.writeObjectBegin(SOFA_RESPONSE);
    writer.writeBoolean(false);
    // Java throws on any errorMsg that is not null, an empty one too (facts of the wire).
    writer.writeNull();
    this.opening = Buffer.from(out.written());
    this.state = writer.snapshot();
  }

  /** Appends what comes before appResponse, which the caller writes next. */
  begin(writer: HessianWriter, out: ByteWriter): void {
    writer.out = out;
    out.writeBytes(this.opening);
    writer.restore(this.state);
  }

  /** Appends what comes after appResponse. */
  end(writer: HessianWriter, props: Readonly<Metadata>): void {
    let open = false;
    for (const key in props) {
      if (!open) {
        open = true;
        writer.skipRefs(1);
        writer.beginMap(null);
      }
      writer.writeString(key);
      writer.writeString(props[key]);
    }
    if (open) writer.endMap();
    else writer.writeNull();
  }
}

/** Appends a SofaResponse that reports a failure of the framework. */
export function writeFailureResponse(writer: HessianWriter, out: ByteWriter, message: string): void {
  writer.out = out;
  writer.reset();
  writer.skipRefs(1);
  writer.writeObjectBegin(SOFA_RESPONSE);
  writer.writeBoolean(true);
  writer.writeString(message);
  writer.writeNull();
  writer.writeNull();
}

/** Reads the SofaResponse at the reader; `result` reads its appResponse. */
export function readSofaResponse(reader: HessianReader, result: TypedCodec): ResponseBody {
  const wireClass = reader.readClass(reader.readTag());
  if (wireClass.name !== SOFA_RESPONSE.name) {
    throw decodeFault(`expected a ${SOFA_RESPONSE.name}, got a ${wireClass.name}`);
  }
  reader.addRef(undefined);
  let isError = false;
  let message: string | null = null;
  let value: unknown = null;
  let props: Metadata | undefined;
  for (const field of wireClass.fieldNames) {
    if (field === 'isError') isError = reader.readTag() === TRUE;
    else if (field === 'errorMsg') message = reader.readNull() ? null : reader.readString(reader.readTag());
    else if (field === 'appResponse') value = readValue(reader, result);
    else if (field === 'responseProps') props = readResponseProps(reader);
    else skipValue(reader);
  }
  if (isError) return { value: null, error: failureOfText(message ?? NO_MESSAGE), props };
  return RemoteError.is(value) ? { value: null, error: value, props } : { value, error: undefined, props };
}

function readValue(reader: HessianReader, result: TypedCodec): unknown {
  try {
    return result.read(reader);
  } catch (error) {
    throw within(error, '.result');
  }
}

function readResponseProps(reader: HessianReader): Metadata | undefined {
  const props = readProps(reader);
  return props.length === 0 ? undefined : metadataOf(props);
}

import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import { RemoteError } from '../core/errors.js';
import type { TypedCodec } from '../hessian/compile.js';
import { within } from '../hessian/faults.js';
import { throwableCodec, writeThrowable } from '../hessian/throwable.js';
import { readAny } from '../hessian/untyped-read.js';
import { HessianTools } from './hessian-tools.js';
import type {
  ClientMethodCodec,
  InboundBody,
  ResponseBody,
  Serializer,
  ServerServiceCodec,
} from './serializer.js';
import { RequestReader } from './sofa-request-read.js';
import { RequestTemplate } from './sofa-request-write.js';
import { ResponseTemplate, readSofaResponse, writeFailureResponse } from './sofa-response.js';
import { thrownText } from './text-failure.js';

/** What Bolt itself reports in, below SOFARPC: statuses 2, 9, 17 and 18. */
export const RPC_SERVER_EXCEPTION = 'com.alipay.remoting.rpc.exception.RpcServerException';
/** What a Java caller is thrown for a JavaScript error that has no class of its own. */
const RUNTIME_EXCEPTION = 'java.lang.RuntimeException';

const untyped: TypedCodec = {
  write: () => undefined,
  read: (reader) => readAny(reader),
};

/** Hessian 2, Bolt's codec 1. One instance a client or server: it owns its writers, readers and caches. */
export class Hessian2Serializer implements Serializer {
  readonly codecId = 1;
  readonly namesMethod = true;
  private readonly tools = { sofa: new HessianTools('sofa'), final: new HessianTools('final') };

  client(service: ServiceContract, method: MethodContract): ClientMethodCodec {
    return new ClientCodec(this.tools[service.grammar], this.tools.sofa, service, method);
  }

  server(service: ServiceContract): ServerServiceCodec {
    return new ServerCodec(this.tools[service.grammar], service);
  }

  writeFailure(out: ByteWriter, message: string): void {
    writeFailureResponse(this.tools.sofa.writer, out, message);
  }

  /** Appends the RpcServerException that Bolt's own failures carry. */
  writeServerException(out: ByteWriter, message: string): void {
    const { writer, codecs } = this.tools.sofa;
    writer.out = out;
    writer.reset();
    writeThrowable(writer, new RemoteError({ className: RPC_SERVER_EXCEPTION, message }), codecs);
  }

  /** The message of an RpcServerException. @throws MeshError DECODE_FAILED. */
  readServerException(buf: Buffer, start: number, end: number): string {
    const { reader } = this.tools.sofa;
    reader.reset(buf, start, end);
    const value = readAny(reader);
    return value instanceof Error ? value.message : '';
  }
}

class ClientCodec implements ClientMethodCodec {
  private readonly template: RequestTemplate;
  private readonly args: readonly TypedCodec[];
  private readonly result: TypedCodec;
  private readonly thrown: TypedCodec;

  constructor(
    private readonly tools: HessianTools,
    private readonly sofa: HessianTools,
    service: ServiceContract,
    method: MethodContract,
  ) {
    this.template = new RequestTemplate(tools.grammar, service.id, method);
    this.args = method.args.map((node) => tools.codecs.compile(node));
    this.result = tools.codecs.compile(method.returns);
    this.thrown = throwableCodec(method.throws, tools.codecs);
  }

  writeRequest(
    out: ByteWriter,
    args: readonly unknown[],
    props: Readonly<Metadata>,
    remainingMs: number,
  ): void {
    const { writer } = this.tools;
    this.template.write(writer, out, props, remainingMs);
    for (let i = 0; i < this.args.length; i++) {
      try {
        this.args[i].write(writer, args[i]);
      } catch (error) {
        throw within(error, `args[${i}]`);
      }
    }
  }

  readResponse(buf: Buffer, start: number, end: number, thrown: boolean): ResponseBody {
    try {
      return this.read(buf, start, end, thrown ? this.thrown : this.result);
    } catch (error) {
      const failure = thrown ? this.readReported(buf, start, end) : this.readUnmarked(buf, start, end);
      if (failure !== undefined) return failure;
      throw error;
    }
  }

  private read(buf: Buffer, start: number, end: number, codec: TypedCodec): ResponseBody {
    const { reader } = this.tools;
    reader.reset(buf, start, end);
    return readSofaResponse(reader, codec);
  }

  /** A server that does not know the service, or the method, reports it in SOFARPC's own grammar. */
  private readReported(buf: Buffer, start: number, end: number): ResponseBody | undefined {
    if (this.tools === this.sofa) return undefined;
    try {
      this.sofa.reader.reset(buf, start, end);
      const body = readSofaResponse(this.sofa.reader, untyped);
      return body.error === undefined ? undefined : body;
    } catch {
      return undefined;
    }
  }

  /** An exception that no header announced: not every peer sets it. */
  private readUnmarked(buf: Buffer, start: number, end: number): ResponseBody | undefined {
    try {
      if (this.read(buf, start, end, untyped).error === undefined) return undefined;
      return this.read(buf, start, end, this.thrown);
    } catch {
      return undefined;
    }
  }
}

class ServerCodec implements ServerServiceCodec {
  private readonly requests: RequestReader;
  private readonly responses: ResponseTemplate;
  private readonly results = new Map<MethodContract, TypedCodec>();

  constructor(
    private readonly tools: HessianTools,
    service: ServiceContract,
  ) {
    this.requests = new RequestReader(tools, service);
    this.responses = new ResponseTemplate(tools.grammar);
    for (const method of Object.values(service.methods))
      this.results.set(method, tools.codecs.compile(method.returns));
  }

  readRequest(buf: Buffer, start: number, end: number): InboundBody {
    return this.requests.read(buf, start, end);
  }

  writeValue(out: ByteWriter, method: MethodContract, value: unknown, props: Readonly<Metadata>): void {
    const { writer } = this.tools;
    this.responses.begin(writer, out);
    try {
      (this.results.get(method) as TypedCodec).write(writer, value);
    } catch (error) {
      throw within(error, 'result');
    }
    this.responses.end(writer, props);
  }

  writeThrown(out: ByteWriter, _method: MethodContract, error: unknown, props: Readonly<Metadata>): void {
    const { writer, codecs } = this.tools;
    this.responses.begin(writer, out);
    writeThrowable(writer, remoteErrorOf(error), codecs);
    this.responses.end(writer, props);
  }
}

/** What Java is thrown. A JavaScript error becomes a RuntimeException with its message: its stack stays here. */
function remoteErrorOf(error: unknown): RemoteError {
  if (RemoteError.is(error)) return error;
  return new RemoteError({ className: RUNTIME_EXCEPTION, message: thrownText(error) });
}

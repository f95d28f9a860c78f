import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import { MeshError } from '../core/errors.js';
import type { SchemaNode } from '../values/schema.js';
import { fromJson } from './json-read.js';
import { numberText, parseJson, stringText } from './json-text.js';
import { toJson } from './json-write.js';
import type {
  ClientMethodCodec,
  InboundBody,
  ResponseBody,
  Serializer,
  ServerServiceCodec,
} from './serializer.js';
import { failureOfText, thrownText } from './text-failure.js';

/**
 * JSON, Bolt's codec 12, as Java's JacksonSerializer has it: one argument is the bare value, none or several are an
 * array; the method is found by its name alone; an error is a JSON string (seen with sofa-rpc-all 5.13.2).
 */
export class JsonSerializer implements Serializer {
  readonly codecId = 12;
  readonly namesMethod = false;

  client(_service: ServiceContract, method: MethodContract): ClientMethodCodec {
    return new ClientCodec(method);
  }

  server(service: ServiceContract): ServerServiceCodec {
    return new ServerCodec(service);
  }

  writeFailure(out: ByteWriter, message: string): void {
    write(out, JSON.stringify(message));
  }
}

class ClientCodec implements ClientMethodCodec {
  constructor(private readonly method: MethodContract) {}

  writeRequest(out: ByteWriter, args: readonly unknown[]): void {
    const texts = this.method.args.map((node, i) => toJson(node, args[i], `args[${i}]`));
    write(out, texts.length === 1 ? texts[0] : `[${texts.join(',')}]`);
  }

  readResponse(buf: Buffer, start: number, end: number, thrown: boolean): ResponseBody {
    const value = parseJson(buf.toString('utf8', start, end));
    if (thrown) return { value: null, error: failureOfText(textOf(value)), props: undefined };
    return { value: fromJson(this.method.returns, value, 'result'), error: undefined, props: undefined };
  }
}

class ServerCodec implements ServerServiceCodec {
  private readonly methods = new Map<string, MethodContract>();

  constructor(private readonly service: ServiceContract) {
    for (const method of Object.values(service.methods)) this.methods.set(method.name, method);
  }

  readRequest(buf: Buffer, start: number, end: number, methodName: string | undefined): InboundBody {
    const method = this.methods.get(methodName ?? '');
    if (method === undefined) {
      // Java answers a failed decode here, not a SofaResponse: its JSON codec looks the method up while it decodes.
      throw new MeshError(
        'DECODE_FAILED',
        `RPC-020050014: Cannot found method: [${this.service.interfaceName}].[${methodName}]`,
      );
    }
    const body = parseJson(buf.toString('utf8', start, end));
    return { method, args: argsOf(method.args, body), props: undefined };
  }

  writeValue(out: ByteWriter, method: MethodContract, value: unknown): void {
    write(out, toJson(method.returns, value, 'result'));
  }

  writeThrown(out: ByteWriter, _method: MethodContract, error: unknown): void {
    write(out, JSON.stringify(thrownText(error)));
  }
}

/** What an exception says of itself: Java's getMessage(), or null. */
function textOf(value: unknown): string {
  return value === null ? '' : (stringText(value) ?? numberText(value) ?? JSON.stringify(value));
}

function argsOf(nodes: readonly SchemaNode[], body: unknown): unknown[] {
  const values = nodes.length === 1 ? [body] : body;
  if (!Array.isArray(values) || values.length !== nodes.length) {
    throw new MeshError('DECODE_FAILED', `args: expected an array of ${nodes.length}`);
  }
  return nodes.map((node, i) => fromJson(node, values[i], `args[${i}]`));
}

function write(out: ByteWriter, text: string): void {
  out.writeBytes(Buffer.from(text));
}

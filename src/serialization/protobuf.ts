import type protobufjs from 'protobufjs';
import type { MethodContract, ProtobufSerialization, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { SchemaNode } from '../values/schema.js';
import { checkMessage } from './protobuf-check.js';
import { protobufLibrary, READ } from './protobuf-library.js';
import type {
  ClientMethodCodec,
  InboundBody,
  ResponseBody,
  Serializer,
  ServerServiceCodec,
} from './serializer.js';
import { failureOfText, thrownText } from './text-failure.js';

/** A protobufjs Root, as far as it is used here. */
export interface ProtobufRoot {
  lookupType(name: string): unknown;
}

const CODEC_ID = 11;

/** The message types of protobuf services. */
export class ProtobufMessages implements ProtobufSerialization {
  readonly codec = 'protobuf';

  constructor(private readonly root: ProtobufRoot) {}

  /** @throws MeshError INVALID_ARGUMENT where the root has no such message. */
  type(name: string): protobufjs.Type {
    try {
      return this.root.lookupType(name) as protobufjs.Type;
    } catch (error) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `the .proto files have no message ${JSON.stringify(name)}: write its full name, as in package.Message`,
        { cause: error },
      );
    }
  }
}

/**
 * Loads .proto files (paths, with what they import) for `defineService(.., { serialization: await loadProtobuf('people.proto') })`.
 * They are read by protobufjs, an optional peer dependency: `npm install protobufjs@8`. It compiles its codecs at run time and
 * does not work in a process that forbids code generation from strings.
 * @throws MeshError INVALID_ARGUMENT for a file that is missing or wrong, or where protobufjs is not there.
 */
export async function loadProtobuf(...files: string[]): Promise<ProtobufSerialization> {
  const protobufjs = await protobufLibrary();
  try {
    return new ProtobufMessages(await protobufjs.load(files));
  } catch (error) {
    throw new MeshError('INVALID_ARGUMENT', `cannot load ${files.join(', ')}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The same from a Root of protobufjs 8 that is there already. */
export function protobufOf(root: ProtobufRoot): ProtobufSerialization {
  return new ProtobufMessages(root);
}

/** Protobuf, Bolt's codec 11: the content is the bare message, an error is bare text (vectors, v1-protobuf/*). */
export class ProtobufSerializer implements Serializer {
  readonly codecId = CODEC_ID;
  readonly namesMethod = false;

  constructor(private readonly messages: ProtobufMessages | undefined) {}

  client(_service: ServiceContract, method: MethodContract): ClientMethodCodec {
    return new ClientCodec(this.typeOf(method.args[0]), this.typeOf(method.returns));
  }

  server(service: ServiceContract): ServerServiceCodec {
    return new ServerCodec(service, (node) => this.typeOf(node));
  }

  writeFailure(out: ByteWriter, message: string): void {
    out.writeBytes(Buffer.from(message));
  }

  private typeOf(node: SchemaNode): protobufjs.Type | undefined {
    return node.kind === 'message' ? this.messages?.type(node.typeName) : undefined;
  }
}

class ClientCodec implements ClientMethodCodec {
  constructor(
    private readonly argument: protobufjs.Type | undefined,
    private readonly result: protobufjs.Type | undefined,
  ) {}

  writeRequest(out: ByteWriter, args: readonly unknown[], _props: Readonly<Metadata>): void {
    if (this.argument !== undefined) writeMessage(out, this.argument, args[0], 'args[0]');
  }

  readResponse(buf: Buffer, start: number, end: number, thrown: boolean): ResponseBody {
    if (thrown)
      return { value: null, error: failureOfText(buf.toString('utf8', start, end)), props: undefined };
    const value = this.result === undefined ? undefined : readMessage(this.result, buf, start, end, 'result');
    return { value, error: undefined, props: undefined };
  }
}

class ServerCodec implements ServerServiceCodec {
  private readonly methods = new Map<string, MethodContract>();
  private readonly types = new Map<
    MethodContract,
    { argument?: protobufjs.Type; result?: protobufjs.Type }
  >();

  constructor(
    private readonly service: ServiceContract,
    typeOf: (node: SchemaNode) => protobufjs.Type | undefined,
  ) {
    for (const method of Object.values(service.methods)) {
      this.methods.set(method.name, method);
      this.types.set(method, { argument: typeOf(method.args[0]), result: typeOf(method.returns) });
    }
  }

  readRequest(buf: Buffer, start: number, end: number, methodName: string | undefined): InboundBody {
    const method = methodName === undefined ? undefined : this.methods.get(methodName);
    if (method === undefined) {
      const message = `RPC-020100011: Cannot find invoke method of service: ${this.service.id}, method: ${methodName}`;
      throw new MeshError('METHOD_NOT_FOUND', message, { method: methodName });
    }
    const argument = this.types.get(method)?.argument;
    const args = argument === undefined ? [] : [readMessage(argument, buf, start, end, 'args[0]')];
    return { method, args, props: undefined };
  }

  writeValue(out: ByteWriter, method: MethodContract, value: unknown): void {
    const result = this.types.get(method)?.result;
    if (result !== undefined) writeMessage(out, result, value, 'result');
  }

  writeThrown(out: ByteWriter, _method: MethodContract, error: unknown): void {
    out.writeBytes(Buffer.from(thrownText(error)));
  }
}

function writeMessage(out: ByteWriter, type: protobufjs.Type, value: unknown, path: string): void {
  checkMessage(type, value, path);
  out.writeBytes(type.encode(type.fromObject(value as object)).finish());
}

function readMessage(type: protobufjs.Type, buf: Buffer, start: number, end: number, path: string): unknown {
  try {
    return type.toObject(type.decode(buf.subarray(start, end)), READ);
  } catch (error) {
    const why = (error as Error).message;
    throw new MeshError('DECODE_FAILED', `${path}: the bytes are no ${type.fullName.slice(1)}: ${why}`, {
      cause: error,
    });
  }
}

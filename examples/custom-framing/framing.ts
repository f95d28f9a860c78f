/** A framing of one's own: JSON behind its length in four bytes. Run: npx tsx examples/custom-framing/main.ts */
import type {
  ByteWriter,
  Call,
  ClientFraming,
  FramedRequest,
  Framing,
  FramingLimits,
  FramingSession,
  Message,
  Metadata,
  MethodContract,
  MethodFraming,
  Refusal,
  Reply,
  ReplyAddress,
  ServerFraming,
  ServiceContract,
  ServiceFraming,
} from 'sofa-mesh-sdk';
import { MeshError, RemoteError, replyTo } from 'sofa-mesh-sdk';

/** What a message says. */
interface Said {
  readonly kind: Message['kind'];
  readonly id: number;
  readonly service?: string;
  readonly method?: string;
  readonly args?: unknown[];
  readonly timeoutMs?: number;
  readonly metadata?: Metadata;
  readonly value?: unknown;
  readonly error?: { readonly code: 'BUSY' | 'STOPPED' | 'REJECTED' | 'THROWN'; readonly message: string };
}

/** The part that connections look at. */
class JsonMessage implements Message {
  readonly tag = 0;

  constructor(
    readonly said: Said,
    private readonly bodyBytes: number,
  ) {}

  get kind(): Message['kind'] {
    return this.said.kind;
  }

  get requestId(): number {
    return this.said.id;
  }

  get byteLength(): number {
    return LENGTH_BYTES + this.bodyBytes;
  }

  get timeoutMs(): number {
    return this.said.timeoutMs ?? 0;
  }
}

const LENGTH_BYTES = 4;

function write(out: ByteWriter, said: Said): void {
  const text = JSON.stringify(said, (_key, value) =>
    typeof value === 'bigint' ? { $bigint: String(value) } : value,
  );
  const bytes = Buffer.from(text);
  const at = out.reserve(LENGTH_BYTES);
  out.buf.writeUInt32BE(bytes.length, at);
  out.pos = at + LENGTH_BYTES;
  out.writeBytes(bytes);
}

function read(bytes: Buffer): Said {
  try {
    return JSON.parse(bytes.toString(), (_key, value) =>
      typeof value?.$bigint === 'string' ? BigInt(value.$bigint) : value,
    );
  } catch (cause) {
    throw new MeshError('PROTOCOL_VIOLATION', 'a message is not JSON', { cause });
  }
}

/** One connection. */
class JsonSession implements FramingSession<JsonMessage> {
  readonly understandsGoAway = true;
  private held: Buffer = Buffer.alloc(0);

  constructor(private readonly limits: FramingLimits) {}

  get pendingBytes(): number {
    return this.held.length;
  }

  push(chunk: Buffer, onMessage: (message: JsonMessage) => void): void {
    let rest = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length > this.limits.maxFrameBytes)
        throw new MeshError('PROTOCOL_VIOLATION', `a message of ${length} bytes is over the limit`);
      if (rest.length < LENGTH_BYTES + length) break;
      onMessage(new JsonMessage(read(rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length)), length));
      rest = rest.subarray(LENGTH_BYTES + length);
    }
    this.held = Buffer.from(rest);
  }

  writeHeartbeat(out: ByteWriter, id: number): void {
    write(out, { kind: 'heartbeat', id });
  }

  writeHeartbeatAck(out: ByteWriter, { requestId }: JsonMessage): void {
    write(out, { kind: 'heartbeat-ack', id: requestId });
  }

  writeGoAway(out: ByteWriter): void {
    write(out, { kind: 'go-away', id: 0 });
  }
}

/** How a client calls one method. */
class JsonMethod implements MethodFraming<JsonMessage> {
  constructor(
    private readonly service: ServiceContract,
    private readonly method: MethodContract,
  ) {}

  writeRequest(out: ByteWriter, { args, metadata }: Call, id: number, timeoutMs: number): void {
    const { key, oneway } = this.method;
    write(out, {
      kind: oneway ? 'oneway' : 'request',
      id,
      service: this.service.id,
      method: key,
      args: [...args],
      metadata,
      ...(timeoutMs === Number.POSITIVE_INFINITY ? {} : { timeoutMs: Math.ceil(timeoutMs) }),
    });
  }

  readReply({ said: { value, error, metadata } }: JsonMessage, call: Call): Reply {
    if (error === undefined) return replyTo(call, value, metadata);
    const { code, message } = error;
    if (code === 'BUSY') throw new MeshError('OVERLOADED', message, { sent: true });
    if (code === 'STOPPED') throw new MeshError('SHUTTING_DOWN', message, { sent: true });
    throw new RemoteError({ className: code, message });
  }
}

/** How a server answers for one service. */
class JsonService implements ServiceFraming<JsonMessage> {
  constructor(private readonly contract: ServiceContract) {}

  readRequest({ said: { method: key = '', args = [], metadata = {} } }: JsonMessage): FramedRequest {
    const method = Object.hasOwn(this.contract.methods, key) ? this.contract.methods[key] : undefined;
    if (method === undefined)
      throw new MeshError('METHOD_NOT_FOUND', `${this.contract.id} has no method ${key}`);
    return { method, args, metadata, timeoutMs: undefined };
  }

  writeReply(
    out: ByteWriter,
    to: ReplyAddress,
    _method: MethodContract,
    value: unknown,
    metadata: Metadata,
  ): void {
    write(out, { kind: 'response', id: to.requestId, value, metadata });
  }

  writeError(
    out: ByteWriter,
    to: ReplyAddress,
    _method: MethodContract,
    error: unknown,
    metadata: Metadata,
  ): void {
    fail(out, to, 'THROWN', error instanceof Error ? error.message : String(error), metadata);
  }
}

type FailureCode = NonNullable<Said['error']>['code'];

function fail(
  out: ByteWriter,
  { requestId }: ReplyAddress,
  code: FailureCode,
  message: string,
  metadata?: Metadata,
): void {
  write(out, { kind: 'response', id: requestId, error: { code, message }, metadata });
}

class JsonServer implements ServerFraming<JsonMessage> {
  serviceIdOf({ said }: JsonMessage): string | undefined {
    return said.service;
  }

  service(contract: ServiceContract): JsonService {
    return new JsonService(contract);
  }

  writeRefusal(out: ByteWriter, to: ReplyAddress, refusal: Refusal): void {
    if (refusal.kind === 'busy') fail(out, to, 'BUSY', 'the server is busy');
    else if (refusal.kind === 'stopped') fail(out, to, 'STOPPED', `${refusal.address} has stopped`);
    else if (refusal.kind === 'unknown-service') fail(out, to, 'REJECTED', `no service ${refusal.service}`);
    else fail(out, to, 'REJECTED', refusal.error.message);
  }
}

/** Pass it to MeshClient and MeshServer as `framings: [jsonFraming]`; its addresses are `json://host:port`. */
export const jsonFraming: Framing<JsonMessage> = {
  name: 'json',
  // The first byte of a length below 16 MiB; Bolt begins with 1 or 2.
  detects: (head) => (head.length === 0 ? undefined : head[0] === 0),
  open: (_side, limits) => new JsonSession(limits),
  client: (): ClientFraming<JsonMessage> => ({
    method: (service, method) => new JsonMethod(service, method),
  }),
  server: () => new JsonServer(),
};

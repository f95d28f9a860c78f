import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import { Interner } from '../core/interner.js';
import type {
  ClientFraming,
  ClientFramingEnv,
  Framing,
  FramingLimits,
  Refusal,
  ReplyAddress,
  ServerFraming,
  ServerFramingEnv,
  Side,
} from '../framing/framing.js';
import { Serializers } from '../serialization/serializers.js';
import { type Frame, PROTO_V1, PROTO_V2 } from './frame.js';
import { findHeader, headerText } from './headers.js';
import { BoltMethod } from './method.js';
import { HEADER_SERVICE, HEADER_TARGET_SERVICE } from './names.js';
import { Refusals } from './refusals.js';
import { BoltService } from './service.js';
import { BoltSession } from './session.js';
import type { BoltVersion } from './version.js';

const SERVICE_BYTES = Buffer.from(HEADER_SERVICE);
const TARGET_SERVICE_BYTES = Buffer.from(HEADER_TARGET_SERVICE);

/** SOFARPC over Bolt: requests in one version, answers in the version of what was asked. */
export class BoltFraming implements Framing<Frame> {
  readonly name = 'bolt';

  constructor(protected readonly version: BoltVersion) {}

  detects(head: Buffer): boolean | undefined {
    return head.length === 0 ? undefined : head[0] === PROTO_V1 || head[0] === PROTO_V2;
  }

  open(side: Side, limits: FramingLimits): BoltSession {
    return new BoltSession(side, this.version, limits);
  }

  client(env: ClientFramingEnv): ClientFraming<Frame> {
    return new BoltClient(this.version, env);
  }

  server(env: ServerFramingEnv): ServerFraming<Frame> {
    return new BoltServer(env);
  }
}

class BoltClient implements ClientFraming<Frame> {
  private readonly serializers = new Serializers();

  constructor(
    private readonly version: BoltVersion,
    private readonly env: ClientFramingEnv,
  ) {}

  method(service: ServiceContract, method: MethodContract): BoltMethod {
    const { app, propagateDeadline } = this.env;
    const { hessian } = this.serializers;
    const serializer = this.serializers.of(service);
    return new BoltMethod(app, service, method, this.version, serializer, hessian, propagateDeadline);
  }
}

class BoltServer implements ServerFraming<Frame> {
  private readonly serializers = new Serializers();
  private readonly refusals = new Refusals(this.serializers);
  /** Service ids and method names that repeat. */
  private readonly texts = new Interner();

  constructor(private readonly env: ServerFramingEnv) {}

  serviceIdOf({ buf, headerStart, contentStart }: Frame): string | undefined {
    const { texts } = this;
    return (
      headerText(buf, findHeader(buf, headerStart, contentStart, SERVICE_BYTES), texts) ??
      headerText(buf, findHeader(buf, headerStart, contentStart, TARGET_SERVICE_BYTES), texts)
    );
  }

  service(contract: ServiceContract): BoltService {
    const { serializers, refusals, texts, env } = this;
    return new BoltService(contract, serializers.of(contract), refusals, texts, env.maxFrameBytes);
  }

  writeRefusal(out: ByteWriter, to: ReplyAddress, refusal: Refusal): void {
    this.refusals.write(out, to, refusal);
  }
}

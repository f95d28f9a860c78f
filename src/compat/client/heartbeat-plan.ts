import type { ByteWriter } from '../../core/bytes.js';
import type { Call } from '../../core/call.js';
import { MeshError } from '../../core/errors.js';
import type { CallPlan } from '../../framing/call-plan.js';
import type { MethodFraming } from '../../framing/framing.js';
import { writeHeartbeat } from '../bolt/frames.js';
import { BOLT_V1, type WireSettings, wireOptions } from '../bolt/wire-settings.js';

/** Heartbeats that a user asks for. Nobody waits for what is answered: it is read, and that is what counts. */
export class HeartbeatPlan implements CallPlan, MethodFraming {
  readonly serviceId = '';
  readonly method = { name: 'heartbeat', idempotent: true, oneway: true };
  readonly inheritsDeadline = false;

  constructor(private readonly wire: WireSettings) {}

  on(): this {
    return this;
  }

  writeRequest(out: ByteWriter, _call: Call, requestId: number): void {
    const { hessianVersion } = wireOptions(this.wire);
    writeHeartbeat(out, requestId, undefined, { ...BOLT_V1, codecType: 'hessian2', hessianVersion });
  }

  /** A oneway call has none. */
  readReply(): never {
    throw new MeshError('PROTOCOL_VIOLATION', 'a heartbeat has no reply');
  }
}

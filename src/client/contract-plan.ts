import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { CallPlan } from '../framing/call-plan.js';
import type { Framing, MethodFraming } from '../framing/framing.js';
import type { ClientFramings } from './framings.js';

/** The plan of a contract's method, in each framing that its endpoints speak. */
export class ContractPlan implements CallPlan {
  readonly serviceId: string;
  readonly inheritsDeadline = true;
  /** The last one that was asked for: nearly always there is no other. */
  private framing: Framing;
  private framed: MethodFraming;
  private readonly others = new Map<Framing, MethodFraming>();

  /** @throws MeshError INVALID_ARGUMENT for a contract that the default framing cannot carry. */
  constructor(
    private readonly service: ServiceContract,
    readonly method: MethodContract,
    private readonly framings: ClientFramings,
  ) {
    this.serviceId = service.id;
    this.framing = framings.default;
    this.framed = this.make(this.framing);
  }

  on(framing: Framing): MethodFraming {
    if (framing !== this.framing) {
      this.framed = this.others.get(framing) ?? this.make(framing);
      this.framing = framing;
    }
    return this.framed;
  }

  private make(framing: Framing): MethodFraming {
    const framed = this.framings.half(framing).method(this.service, this.method);
    this.others.set(framing, framed);
    return framed;
  }
}

import type { MethodContract } from '../contract/define-service.js';
import type { Framing, MethodFraming } from './framing.js';

/** What a call's path asks about its method. */
export type PlannedMethod = Pick<MethodContract, 'name' | 'idempotent' | 'oneway' | 'timeoutMs'>;

/** How the calls of one method are made: made once a method. */
export interface CallPlan {
  readonly serviceId: string;
  readonly method: PlannedMethod;
  /** Whether a call that is made while another one is served must end with that one. */
  readonly inheritsDeadline: boolean;
  /** How its calls look on a connection of this framing. @throws MeshError INVALID_ARGUMENT where they cannot. */
  on(framing: Framing): MethodFraming;
}

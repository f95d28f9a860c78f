import type { MethodContract } from '../contract/define-service.js';
import type { Handler } from '../core/call.js';
import type { ServerFraming, ServiceFraming } from '../framing/framing.js';

/** What a server answers for: a service, or all that no other one answers for. */
export interface Hosted {
  /** The service's id. */
  readonly id: string;
  /** How its messages are read and written in a framing. */
  on(framing: ServerFraming): ServiceFraming;
  /** The chain and, at its end, the implementation of a method that was read. */
  handlerOf(method: MethodContract): Handler;
}

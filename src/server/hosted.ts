import type { MethodContract } from '../contract/define-service.js';
import type { Handler } from '../core/call.js';
import type { ServerPlan } from '../protocol/server-plan.js';

/** What a server answers for: a service, or all that no other one answers for. */
export interface Hosted {
  /** The service's id. */
  readonly id: string;
  /** How its frames are read and written. */
  readonly plan: ServerPlan;
  /** Whether it reads requests in this codec. */
  reads(codec: number): boolean;
  /** The codecs it reads, in words. */
  readonly codecs: string;
  /** The chain and, at its end, the implementation of a method that the plan has read. */
  handlerOf(method: MethodContract): Handler;
}

import { MeshError } from '../../core/errors.js';
import type { Packet } from '../bolt/frames.js';

/** The responses that failures were made of, by the error that each told. */
const answers = new WeakMap<object, Packet>();

/** Notes the response that a failure was made of; copies of the failure keep it, for they keep its cause. Returns the failure. */
export function answeredWith(failure: MeshError, packet: Packet): MeshError {
  const told = packet.data.error as Error;
  answers.set(told, packet);
  failure.cause = told;
  return failure;
}

/** The response that a failure, or what it was caused by, was made of; undefined where nobody answered. */
export function answerOf(failure: unknown): Packet | undefined {
  for (let error = failure; error instanceof Error; error = error.cause) {
    const packet = answers.get(error);
    if (packet !== undefined) return packet;
    if (!MeshError.is(error)) return undefined;
  }
  return undefined;
}

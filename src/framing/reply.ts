import type { Call, Metadata, Reply } from '../core/call.js';

export const NO_METADATA: Readonly<Metadata> = Object.freeze({});

/** The reply of a call: where it came from and on which path is what the call knows. */
export function replyTo(call: Call, value: unknown, metadata: Readonly<Metadata> = NO_METADATA): Reply {
  const { path, reason } = call.via;
  return { value, metadata, path, reason, endpoint: call.endpoint };
}

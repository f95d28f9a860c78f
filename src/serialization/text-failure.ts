import { MeshError, RemoteError } from '../core/errors.js';

/** Java's codes for an unknown service and an unknown method. */
const NOT_FOUND = /^RPC-02010001[01]\b/;
/** What a stopped Java server answers on connections that it leaves open: the method did not run. */
const STOPPED = /^RPC-019990009\b/;

/** The class of what Java throws for a failure that arrives as text alone. */
const SOFA_RPC_EXCEPTION = 'com.alipay.sofa.rpc.core.exception.SofaRpcException';

/** The error for a failure that the other side reports in words. */
export function failureOfText(text: string): MeshError {
  if (NOT_FOUND.test(text)) return new MeshError('METHOD_NOT_FOUND', text, { sent: true });
  if (STOPPED.test(text)) return new MeshError('SHUTTING_DOWN', text, { sent: true });
  return new RemoteError({ className: SOFA_RPC_EXCEPTION, message: text });
}

/** What a handler threw, in words: its message, never its stack. */
export function thrownText(error: unknown): string {
  return error instanceof Error ? error.message : `the handler threw ${typeof error}, which is no Error`;
}

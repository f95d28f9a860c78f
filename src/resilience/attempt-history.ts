import type { Call } from '../core/call.js';
import { MeshError, RemoteError, type RetryAdvice } from '../core/errors.js';

const WORSE: Record<RetryAdvice, number> = { safe: 0, 'if-idempotent': 1, never: 2 };

/** What the failed attempts of one call say together: the caller must know of all of them, not of the last alone. */
export class AttemptHistory {
  attempts = 0;
  private sent = false;
  private retry: RetryAdvice = 'safe';

  add(error: unknown): void {
    this.attempts++;
    if (!MeshError.is(error)) return;
    this.sent ||= error.sent;
    if (WORSE[error.retry] > WORSE[this.retry]) this.retry = error.retry;
  }

  /**
   * The call's error, made of its last attempt's. It is a copy: several calls may have been given the same object. What
   * the other side threw is handed out as it is, with Java's message.
   */
  conclude(last: unknown, why?: string): unknown {
    const { attempts, sent, retry } = this;
    if ((attempts === 1 && why === undefined) || !MeshError.is(last) || RemoteError.is(last)) return last;
    const { code, message, service, method, endpoint, path, reason, cause } = last;
    const made = `after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
    const suffix = why === undefined ? made : `${made}; ${why}`;
    return new MeshError(code, `${message} (${suffix})`, {
      service,
      method,
      endpoint,
      path,
      reason,
      sent,
      retry,
      cause,
    });
  }

  /** The error of a call that was cancelled between two attempts. */
  cancelled(call: Call, last: MeshError): MeshError {
    const { service, method, signal } = call;
    const { code, endpoint, path, reason } = last;
    const message = `the caller cancelled between two attempts; attempt ${this.attempts} had failed with ${code}: ${last.message}`;
    return new MeshError('CANCELLED', message, {
      service,
      method,
      endpoint,
      path,
      reason,
      sent: this.sent,
      cause: signal?.reason,
    });
  }
}

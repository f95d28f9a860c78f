import type { Call, Handler, Interceptor, Reply } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { type ErrorCode, MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import { pause } from '../core/pause.js';
import type { Random } from '../core/random.js';
import { AttemptHistory } from './attempt-history.js';
import { RetryBudget } from './retry-budget.js';
import { type RetryOptions, type RetrySettings, retrySettings } from './retry-options.js';

/** How many attempts in all may go on to the next endpoint for nothing. */
const MAX_PASSED_OVER = 8;

/** Said before an endpoint was picked, these are of all endpoints or of the client itself: another attempt meets the same. */
const OF_ALL_ENDPOINTS: ReadonlySet<ErrorCode> = new Set(['NO_ENDPOINT', 'CONNECT_FAILED', 'SHUTTING_DOWN']);

/** What retrying needs of the outside. */
export interface RetryEnv {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Tries failed calls again, on another endpoint where there is one. For the call chain, innermost: what is inside runs
 * once an attempt. All that go through one interceptor share its budget.
 * @throws MeshError INVALID_ARGUMENT for options out of range.
 */
export function retry(options: RetryOptions, env: RetryEnv): Interceptor {
  const settings = retrySettings(options);
  const budget = new RetryBudget(settings.budgetPercent);
  return (next) => new Retrying(next, settings, budget, env).handle;
}

class Retrying {
  constructor(
    private readonly next: Handler,
    private readonly settings: RetrySettings,
    private readonly budget: RetryBudget,
    private readonly env: RetryEnv,
  ) {}

  readonly handle: Handler = (call) => {
    this.budget.deposit();
    const { attemptTimeoutMs } = this.settings;
    const first = attemptTimeoutMs === Number.POSITIVE_INFINITY ? call : this.attemptOf(call, call.tried);
    return this.next(first).then(undefined, (error) => this.repeat(call, first, error));
  };

  /** Goes on after the first attempt failed, until one is answered or there is a reason to stop. */
  private async repeat(call: Call, first: Call, firstError: unknown): Promise<Reply> {
    const { clock } = this.env;
    const history = new AttemptHistory();
    let attempt = first;
    let error = firstError;
    let passedOver = 0;
    for (;;) {
      history.add(error);
      const { endpoint, tried } = attempt;
      if (!MeshError.is(error) || !mayBeRepeated(error, call, endpoint)) throw history.conclude(error);
      if (clock.now() >= call.deadline) throw history.conclude(error);
      const isFresh = endpoint !== undefined && !tried.includes(endpoint);
      const costNothing = isFresh && !error.sent && passedOver < MAX_PASSED_OVER;
      if (costNothing) passedOver++;
      else {
        // Every endpoint's circuit is open: it stays so for longer than a backoff.
        if (error.code === 'CIRCUIT_OPEN') throw history.conclude(error);
        await this.payFor(call, history, history.attempts - passedOver, error);
      }
      const { service, method } = call;
      const failed = { endpoint: endpoint?.address, code: error.code, attempt: history.attempts };
      publish('call.retried', { service, method, ...failed });
      attempt = this.attemptOf(call, isFresh ? [...tried, endpoint] : tried);
      try {
        return await this.next(attempt);
      } catch (thrown) {
        error = thrown;
      }
    }
  }

  /** Waits until the call may be sent again after `made` attempts. @throws the call's error where it may not. */
  private async payFor(call: Call, history: AttemptHistory, made: number, error: MeshError): Promise<void> {
    const { attempts, firstMs, maxMs } = this.settings;
    const { clock, random } = this.env;
    if (made >= attempts) throw history.conclude(error);
    const waitMs = random() * Math.min(firstMs * 2 ** (made - 1), maxMs);
    if (clock.now() + waitMs >= call.deadline)
      throw history.conclude(error, 'there was no time for another before the deadline');
    if (!this.budget.take())
      throw history.conclude(error, 'the retry budget is used up: too many calls fail');
    if (!(await pause(clock, waitMs, call.signal))) throw history.cancelled(call, error);
  }

  /** A copy of the call with all its own fields, those that other layers keep on it included. */
  private attemptOf(call: Call, tried: readonly Endpoint[]): Call {
    const { attemptTimeoutMs } = this.settings;
    const end =
      attemptTimeoutMs === Number.POSITIVE_INFINITY
        ? call.deadline
        : Math.min(call.deadline, this.env.clock.now() + attemptTimeoutMs);
    return { ...call, tried, endpoint: undefined, deadline: end };
  }
}

function mayBeRepeated(error: MeshError, call: Call, endpoint: Endpoint | undefined): boolean {
  if (endpoint === undefined && OF_ALL_ENDPOINTS.has(error.code)) return false;
  if (call.oneway && error.sent) return false;
  return error.retry === 'safe' || (error.retry === 'if-idempotent' && call.idempotent);
}

import type { Finding } from '../finding.js';
import type { Source } from '../source.js';

const ADVICE =
  'the scheduler and the breaker of the whole process are gone, and each client has its own: docs/compat.md says which settings still do something';
const NAMES = new Set([
  ...['faultTolerance', 'circuitBreaker', 'latestHealthCount', 'resetCounter'],
  ...['HealthCounter', 'CircuitBreaker', 'HealthCounts', 'Scheduler'],
]);

/** What relied on the scheduler and the circuit breaker of the process. */
export function* scheduler(source: Source): Iterable<Finding> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    const isError = /^G?RpcCircuitBreakerError$/.test(code.stringAt(at) ?? '');
    const isName = code.isName(at) && NAMES.has(code.text(at)) && source.usesOld;
    if (isError || isName) {
      const name = code.stringAt(at) ?? code.text(at);
      yield { ...source.place(at), topic: 'scheduler', message: `${name}: ${ADVICE}` };
    }
  }
}

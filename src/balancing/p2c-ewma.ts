import type { Balancer } from './picker.js';
import { twoChoices } from './two-choices.js';

/** The one of two that an answer is expected from sooner: by its latency and what it has in flight. */
export const p2cEwma: Balancer = twoChoices((candidate, inFlight, now) => candidate.cost(inFlight, now));

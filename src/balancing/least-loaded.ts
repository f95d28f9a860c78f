import type { Balancer } from './picker.js';
import { twoChoices } from './two-choices.js';

/** The one of two that has less in flight, as Envoy's least request: for calls whose latency says nothing of the endpoint. */
export const leastLoaded: Balancer = twoChoices((_candidate, inFlight) => inFlight + 1);

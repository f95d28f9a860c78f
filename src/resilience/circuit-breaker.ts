import type { Interceptor } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { Circuit } from './circuit.js';
import { type CircuitBreakerOptions, type CircuitSettings, circuitSettings } from './circuit-options.js';

/** Circuits of one endpoint; the names of untyped calls may come from outside. */
const MAX_CIRCUITS = 1000;

/**
 * Stops calling a method of an endpoint that mostly fails, and tries it again from time to time. For the attempt chain.
 * What counts is silence, a lost connection, busy; not what a method throws.
 * @throws MeshError INVALID_ARGUMENT for options out of range.
 */
export function circuitBreaker(
  options: CircuitBreakerOptions,
  { clock }: { readonly clock: Clock },
): Interceptor {
  const settings = circuitSettings(options);
  // Dropped with the endpoint.
  const byEndpoint = new WeakMap<Endpoint, EndpointCircuits>();
  return (next) => (call) => {
    const { endpoint, service, method } = call;
    if (endpoint === undefined) return next(call);
    let circuits = byEndpoint.get(endpoint);
    if (circuits === undefined) {
      circuits = new EndpointCircuits(endpoint.address, settings, clock);
      byEndpoint.set(endpoint, circuits);
    }
    const circuit = circuits.of(service, method);
    const watch = circuit.admit();
    if (watch === undefined) return Promise.reject(circuit.refusal());
    try {
      return next(call).then(watch.onReply, watch.onError);
    } catch (error) {
      return watch.onError(error);
    }
  };
}

class EndpointCircuits {
  private readonly byService = new Map<string, Map<string, Circuit>>();
  private size = 0;

  constructor(
    private readonly endpoint: string,
    private readonly settings: CircuitSettings,
    private readonly clock: Clock,
  ) {}

  of(service: string, method: string): Circuit {
    return this.byService.get(service)?.get(method) ?? this.add(service, method);
  }

  private add(service: string, method: string): Circuit {
    if (this.size === MAX_CIRCUITS) {
      this.byService.clear();
      this.size = 0;
    }
    this.size++;
    const name = { service, method, endpoint: this.endpoint };
    const circuit = new Circuit(name, this.settings, this.clock);
    const byMethod = this.byService.get(service) ?? new Map<string, Circuit>();
    this.byService.set(service, byMethod.set(method, circuit));
    return circuit;
  }
}

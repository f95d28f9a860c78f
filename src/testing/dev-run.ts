import { createServer, type Server } from 'node:http';
import type { Clock } from '../core/clock.js';
import { type Endpoint, endpointOf } from '../core/endpoint.js';
import { pause } from '../core/pause.js';
import type { Relay } from '../framing/relay.js';
import { sidecarRelay } from '../protocol/framings.js';
import type { Connect } from '../transport/socket.js';
import type { DevFaults } from './dev-faults.js';
import { DevForwarder } from './dev-forwarder.js';
import { DevGate } from './dev-gate.js';
import { offered } from './dev-instances.js';
import { DevMeshApi } from './dev-mesh-api.js';
import type { DevPublished } from './dev-mesh-bodies.js';
import type { DevRegistry } from './dev-registry.js';
import { DevUpstreams } from './dev-upstream.js';

export interface DevRunOptions {
  readonly host: string;
  /** Where it is reached; asked for when somebody is told. */
  readonly egress: () => string;
  readonly ingress: () => Endpoint;
  readonly appPort: number;
  readonly registry: DevRegistry;
  readonly subscribeWaitMs: number;
  readonly version: 'v1' | 'v2';
  readonly maxRequests: number;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly faults: DevFaults;
}

/** A sidecar from its start to its end, as one process: all that it knows is gone with it. */
export class DevRun {
  readonly gate = new DevGate();
  readonly api: DevMeshApi;
  readonly http: Server;
  readonly egress: DevForwarder;
  readonly ingress: DevForwarder;
  private readonly announcements = new Map<string, AbortController>();
  private readonly life = new AbortController();
  private readonly relay: Relay;
  private readonly upstreams: DevUpstreams;

  constructor(private readonly options: DevRunOptions) {
    const { registry, host: appHost, connect, appPort, egress, version } = options;
    const { gate } = this;
    this.relay = sidecarRelay(version);
    this.upstreams = new DevUpstreams(connect, this.relay, gate);
    this.api = new DevMeshApi({
      gate,
      assumedPort: appPort,
      egress,
      announce: (published) => this.announce(published),
      withdraw: (service) => this.withdraw(service),
      appAt: (port) => endpointOf(appHost, port).address,
      providers: (service) => offered(registry.endpoints(service)),
      awaited: (service) => this.awaited(service),
    });
    this.http = createServer((request, response) => {
      // A client that goes away in the middle is nobody to tell.
      this.api.handle(request, response).catch(() => response.destroy());
    });
    // As MOSN, it leaves it to its clients to close a connection.
    this.http.keepAliveTimeout = 0;
    this.egress = this.forwarder((service) =>
      this.api.subscribed.has(service) ? offered(registry.endpoints(service)) : [],
    );
    this.ingress = this.forwarder((service) => {
      const published = this.api.published.get(service);
      return published === undefined ? [] : [endpointOf(appHost, published.port)];
    });
  }

  private forwarder(providers: (service: string) => readonly Endpoint[]): DevForwarder {
    const { maxRequests, clock, faults } = this.options;
    const { relay, gate, upstreams } = this;
    const { signal } = this.life;
    return new DevForwarder({ relay, maxRequests, clock, gate, upstreams, faults, signal, providers });
  }

  private announce({ service, port, attributes }: DevPublished): void {
    const { registry, ingress } = this.options;
    this.withdraw(service);
    const { host, port: own } = ingress();
    const announcement = new AbortController();
    this.announcements.set(service, announcement);
    const self = endpointOf(host, own, { ...attributes, port: String(port) });
    void registry.publish(service, self, announcement.signal);
  }

  private withdraw(service: string): void {
    this.announcements.get(service)?.abort();
    this.announcements.delete(service);
  }

  private withdrawAll(): void {
    for (const service of [...this.announcements.keys()]) this.withdraw(service);
  }

  /** The providers, as soon as there are any; none where nobody came in time. */
  private async awaited(service: string): Promise<readonly Endpoint[]> {
    const { registry, clock, subscribeWaitMs } = this.options;
    const enough = new AbortController();
    const end = () => enough.abort();
    this.life.signal.addEventListener('abort', end, { once: true });
    void pause(clock, subscribeWaitMs, enough.signal).then(end);
    for await (const listed of registry.watch(service, enough.signal)) if (listed.length > 0) break;
    end();
    this.life.signal.removeEventListener('abort', end);
    return offered(registry.endpoints(service));
  }

  hang(): void {
    this.gate.hang();
    this.egress.hang();
    this.ingress.hang();
    this.upstreams.hang();
  }

  /** Takes back what it announced, says go-away, and lets the calls in flight finish. */
  async drain(): Promise<void> {
    this.withdrawAll();
    await Promise.all([this.egress.drain(), this.ingress.drain()]);
  }

  end(): void {
    this.withdrawAll();
    this.life.abort();
    this.gate.clear();
    this.upstreams.destroy();
  }
}

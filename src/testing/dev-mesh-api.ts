import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from '../core/endpoint.js';
import type { DevGate } from './dev-gate.js';
import {
  applicationBy,
  attributesOf,
  type DevApplication,
  type DevPublished,
  portOf,
  serviceNameOf,
} from './dev-mesh-bodies.js';

/** A request of the mesh API as a dev sidecar received it. */
export interface DevRequest {
  readonly method: string;
  readonly path: string;
  /** The JSON of the body; undefined where there is none. */
  readonly body: unknown;
  /** The body's text. */
  readonly raw: string;
}

export interface DevMeshApiOptions {
  readonly gate: DevGate;
  readonly assumedPort: number;
  /** What callers are given. */
  readonly egress: () => string;
  /** `host:port` of an app's own port. */
  readonly appAt: (port: number) => string;
  readonly announce: (published: DevPublished) => void;
  readonly withdraw: (service: string) => void;
  /** The providers that are known now. */
  readonly providers: (service: string) => readonly Endpoint[];
  /** The same, but waits a moment for the registry while there are none. */
  readonly awaited: (service: string) => Promise<readonly Endpoint[]>;
}

type Body = Readonly<Record<string, unknown>>;
interface Reply {
  readonly status: number;
  readonly body: Body;
}

/** MOSN's words. */
const NOT_STARTED = "Registry module not startup. Should call '/configs/application' endpoint at first.";

const done = (more: Body = {}): Reply => ({
  status: 200,
  body: { errorMessage: '', success: true, ...more },
});
const failed = (errorMessage: string, status = 200): Reply => ({
  status,
  body: { errorMessage, success: false },
});

/** The mesh API of one run of a sidecar, and all that it was told. */
export class DevMeshApi {
  readonly requests: DevRequest[] = [];
  application: DevApplication | undefined;
  readonly published = new Map<string, DevPublished>();
  readonly subscribed = new Set<string>();

  constructor(private readonly options: DevMeshApiOptions) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await textOf(request);
    await this.options.gate.passed();
    const { status, body } = await this.answer(request.method ?? '', request.url ?? '', raw);
    await this.options.gate.passed();
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  private answer(method: string, url: string, raw: string): Reply | Promise<Reply> {
    const path = pathOf(url);
    const body = jsonOf(raw);
    this.requests.push({ method, path, body, raw });
    if (method === 'GET') return this.get(path);
    const act = path === '/configs/application' ? this.configure : this.actions[path];
    if (act === undefined && path !== '/services') return failed(`there is no ${path}`, 404);
    if (act === undefined || method !== 'POST') return failed(`${method} is not served here`, 405);
    if (body === undefined) return failed('the body is not a JSON object', 400);
    return act(body);
  }

  private get(path: string): Reply {
    if (path === '/configs/application') return done({ application: this.application ?? null });
    if (path === '/services') return done({ services: this.services() });
    const service = this.services().find(({ serviceName }) => path === `/services/${serviceName}`);
    return service === undefined ? failed(`there is no ${path}`, 404) : done(service);
  }

  private services() {
    const names = new Set([...this.published.keys(), ...this.subscribed]);
    return [...names].sort().map((serviceName) => {
      const published = this.published.get(serviceName);
      const subscribed = this.subscribed.has(serviceName);
      return {
        serviceName,
        published: published === undefined ? null : this.options.appAt(published.port),
        subscribed,
        providers: subscribed ? this.options.providers(serviceName).map(({ address }) => address) : [],
      };
    });
  }

  private readonly configure = (body: unknown): Reply => {
    const application = applicationBy(body);
    if (application === undefined) return failed('appName is missing');
    this.application = application;
    return done();
  };

  private readonly actions: Readonly<Record<string, (body: unknown) => Reply | Promise<Reply>>> = {
    '/services/publish': (body) => this.forService(body, (service, app) => this.publish(service, app, body)),
    '/services/unpublish': (body) =>
      this.forService(body, (service) => {
        this.published.delete(service);
        this.options.withdraw(service);
        return done();
      }),
    '/services/subscribe': (body) => this.forService(body, (service) => this.subscribe(service)),
    '/services/unsubscribe': (body) =>
      this.forService(body, (service) => {
        this.subscribed.delete(service);
        return done();
      }),
  };

  private forService<R>(body: unknown, act: (service: string, application: DevApplication) => R): R | Reply {
    const service = serviceNameOf(body);
    if (!/^[^:/]/.test(service)) {
      return failed(
        `serviceName ${JSON.stringify(service)} does not begin with the name of an interface, as in com.acme.PersonService:1.0`,
      );
    }
    return this.application === undefined ? failed(NOT_STARTED) : act(service, this.application);
  }

  private publish(service: string, application: DevApplication, body: unknown): Reply {
    const said = portOf(body);
    const port = said === '' ? this.options.assumedPort : Number(said);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      return failed(`port ${JSON.stringify(said)} of ${service} is not a port`);
    }
    const published = { service, port, attributes: attributesOf(body, application) };
    this.published.set(service, published);
    this.options.announce(published);
    return done();
  }

  private async subscribe(serviceName: string): Promise<Reply> {
    this.subscribed.add(serviceName);
    const [first] = await this.options.awaited(serviceName);
    return done({ serviceName, datas: first === undefined ? [] : [this.addressFor(first)] });
  }

  /** The sidecar itself, written as a provider's address, with what is known of the provider. */
  private addressFor({ attributes }: Endpoint): string {
    const query = new URLSearchParams({
      _TIMEOUT: '3000',
      p: '1',
      _SERIALIZETYPE: attributes.serialization ?? 'hessian2',
      app_name: attributes.appName ?? '',
      zone: '',
      v: '4.0',
    });
    return `${this.options.egress()}?${query}`;
  }
}

function pathOf(url: string): string {
  const path = url.replace(/\?.*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The object that a body is; undefined where it is none. */
function jsonOf(raw: string): unknown {
  try {
    const body = JSON.parse(raw);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

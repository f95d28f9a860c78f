import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ServerHealth, Whereabouts } from './health.js';
import { type Address, listen } from './listener.js';

/** A probe is one short request: whoever takes longer than this is cut off. */
const REQUEST_LIMIT_MS = 5_000;

/** Answers `GET /live` and `GET /ready` with 200 or 503, for the probes of an orchestrator or a load balancer. */
export class HealthEndpoint {
  private readonly http: Server;

  constructor(
    private readonly health: () => ServerHealth,
    private readonly warn: (text: string) => void,
  ) {
    const limits = {
      headersTimeout: REQUEST_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      maxHeaderSize: 8_192,
    };
    // Loaded when used: most processes have no such endpoint.
    const { createServer } = process.getBuiltinModule('node:http');
    this.http = createServer(limits, (request, response) => this.answer(request, response));
  }

  /** @throws MeshError CONNECT_FAILED where the port cannot be used. */
  listen(host: string | undefined, port: number): Promise<Address> {
    return listen(this.http, host, port, this.warn);
  }

  close(): void {
    this.http.close();
    this.http.closeAllConnections();
  }

  private answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const { live, ready, reasons, mode, reason } = this.health();
    const path = url.split('?', 1)[0];
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      send(response, 405, { status: 'method not allowed', reasons: ['use GET or HEAD'] });
    } else if (path === '/live') {
      send(response, live ? 200 : 503, { status: live ? 'live' : 'stopped', reasons: [] });
    } else if (path === '/ready') {
      const status = ready ? 'ready' : 'not ready';
      send(response, ready ? 200 : 503, { status, reasons, mode, reason });
    } else {
      send(response, 404, { status: 'not found', reasons: ['there are /live and /ready'] });
    }
  }
}

interface Body extends Partial<Whereabouts> {
  readonly status: string;
  readonly reasons: readonly string[];
}

function send(response: ServerResponse, status: number, body: Body): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  // Node leaves the body of an answer to HEAD out by itself.
  response.end(text);
}

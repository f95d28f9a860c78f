import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { reasonOf, shortly } from '../core/reason.js';
import { within } from '../core/within.js';
import type { Connect } from '../transport/socket.js';
import { type HttpReply, httpPost } from './http-post.js';
import {
  type ApplicationConfig,
  applicationBody,
  type Publication,
  publishBody,
  subscribeBody,
  unpublishBody,
  unsubscribeBody,
} from './mesh-api-bodies.js';
import { reach } from './reach.js';

export interface MeshApiEnv {
  readonly endpoint: Endpoint;
  readonly connect: Connect;
  readonly clock: Clock;
}

/** A subscription names a few addresses; whatever sends more is not a sidecar. */
const MAX_REPLY_BYTES = 1024 * 1024;
const MAX_QUOTED = 200;

type Answer = Readonly<Record<string, unknown>>;

/**
 * The sidecar's API: POSTs with a JSON body, a connection each. Every method rejects with a MeshError: CONNECT_FAILED
 * where nothing was reached or nothing came within `timeoutMs`, CONNECTION_LOST where the connection ended before the
 * answer did, PROTOCOL_VIOLATION where the answer is not a mesh API's, REMOTE_FAILURE where the sidecar refuses.
 */
export class MeshApi {
  /** What was sent and must not come back in a message. */
  private secrets: readonly string[] = [];

  constructor(private readonly env: MeshApiEnv) {}

  /** Says which application this is: to be called before anything else, and again after a restart of the sidecar. */
  async application(config: ApplicationConfig, timeoutMs: number): Promise<void> {
    this.secrets = [config.accessKey, config.secretKey].filter((secret) => secret !== undefined);
    await this.post('/configs/application', applicationBody(config), timeoutMs);
  }

  async publish(publication: Publication, timeoutMs: number): Promise<void> {
    await this.post('/services/publish', publishBody(publication), timeoutMs);
  }

  /** @returns `host:port?query`, as they came; empty where the sidecar knows no provider yet. */
  async subscribe(service: string, timeoutMs: number): Promise<readonly string[]> {
    const { datas = [] } = await this.post('/services/subscribe', subscribeBody(service), timeoutMs);
    if (Array.isArray(datas) && datas.every((data) => typeof data === 'string')) return datas;
    if (datas === null) return [];
    throw this.violation(
      '/services/subscribe',
      `the answer's datas is no list of texts: ${this.quoted(datas)}`,
    );
  }

  async unsubscribe(service: string, timeoutMs: number): Promise<void> {
    await this.post('/services/unsubscribe', unsubscribeBody(service), timeoutMs);
  }

  async unpublish(service: string, timeoutMs: number): Promise<void> {
    await this.post('/services/unpublish', unpublishBody(service), timeoutMs);
  }

  private async post(path: string, body: string, timeoutMs: number): Promise<Answer> {
    const { endpoint, connect, clock } = this.env;
    let sent = false;
    const late = () => {
      const missed = sent
        ? `accepted the connection, but did not answer ${path} within ${timeoutMs} ms`
        : `did not accept a connection within ${timeoutMs} ms`;
      throw this.failure('CONNECT_FAILED', missed, { sent });
    };
    const ask = async (signal: AbortSignal) => {
      const stream = await reach(connect, 'the mesh API', endpoint, signal);
      signal.addEventListener('abort', () => stream.destroy(), { once: true });
      sent = true;
      const host = endpoint.host.startsWith('/') ? 'localhost' : endpoint.address;
      return httpPost(stream, host, path, body, MAX_REPLY_BYTES).catch((error: unknown) => {
        throw this.unanswered(path, error);
      });
    };
    const reply = await within(clock, timeoutMs, ask, late);
    return this.answerOf(path, reply);
  }

  private unanswered(path: string, error: unknown): MeshError {
    const { code, rawPacket } = error as { code?: string; rawPacket?: Buffer };
    if (code?.startsWith('HPE_'))
      return this.violation(path, `it is not HTTP: ${this.quoted(`${rawPacket ?? ''}`)}`);
    const what = `closed the connection before it had answered ${path} (${reasonOf(error)}): is it a mesh API?`;
    return this.failure('CONNECTION_LOST', what, { sent: true, cause: error });
  }

  private answerOf(path: string, { status, contentType, body, isCut }: HttpReply): Answer {
    if (isCut) throw this.violation(path, `it has more than ${MAX_REPLY_BYTES} bytes`);
    const text = body.toString();
    const answer = status === 200 ? jsonObject(text) : undefined;
    if (typeof answer?.success !== 'boolean') {
      throw this.violation(
        path,
        `status ${status}, ${contentType || 'no content type'}: ${this.quoted(text)}`,
      );
    }
    if (answer.success) return answer;
    const { errorMessage } = answer;
    const why = errorMessage ? this.quoted(errorMessage) : 'it does not say why';
    throw this.failure('REMOTE_FAILURE', `refused ${path}: ${why}`, { sent: true });
  }

  private violation(path: string, what: string): MeshError {
    const message = `does not answer ${path} as a mesh API does; ${what}`;
    return this.failure('PROTOCOL_VIOLATION', message, { sent: true });
  }

  private failure(
    code: 'CONNECT_FAILED' | 'CONNECTION_LOST' | 'PROTOCOL_VIOLATION' | 'REMOTE_FAILURE',
    what: string,
    context: { sent: boolean; cause?: unknown },
  ): MeshError {
    const { address } = this.env.endpoint;
    return new MeshError(code, `the mesh API at ${address} ${what}`, { ...context, endpoint: address });
  }

  /** What the other side sent, cut, in one line; a sidecar may repeat what it was sent, keys included. */
  private quoted(value: unknown): string {
    let text = typeof value === 'string' ? value : shortly(value);
    for (const secret of this.secrets) {
      if (secret === '') continue;
      text = text.replaceAll(secret, '***').replaceAll(JSON.stringify(secret).slice(1, -1), '***');
    }
    return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text);
  }
}

function jsonObject(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

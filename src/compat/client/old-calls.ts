import { LRUCache } from 'lru-cache';
import type { Outbound } from '../../client/outbound.js';
import type { Reply } from '../../core/call.js';
import { systemClock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import type { CallPlan } from '../../framing/call-plan.js';
import type { Hessian2Serializer } from '../../serialization/hessian2.js';
import type { Packet } from '../bolt/frames.js';
import type { WireSettings } from '../bolt/wire-settings.js';
import type { Address } from './address.js';
import { answerOf } from './answered.js';
import { oldErrorOf } from './old-errors.js';
import { OldPlan } from './old-plan.js';
import type { RpcRequest } from './rpc-request.js';

/** What came of a call: an error, or a value. */
export interface Answer {
  error: Error | null;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the provider answers
  appResponse: any;
  // biome-ignore lint/suspicious/noExplicitAny: props are the provider's
  responseProps?: any;
}

export interface OldCallsOptions {
  readonly wire: WireSettings;
  readonly hessian: Hessian2Serializer;
  /** Starts the calls of a plan. */
  readonly outboundOf: (plan: CallPlan) => Outbound;
  /** The address of an endpoint, `host:port`. Undefined: of none in particular. */
  readonly addressOf: (endpoint: string | undefined) => Address | null;
  /** Whether the method may be executed more than once, as its contract says. */
  readonly isIdempotent: (methodName: string) => boolean;
}

const KEPT_METHODS = 1_000;
/** How long a call may wait for a connection where its own timeout does not say. */
const DEFAULT_WAIT_MS = 3_000;

/**
 * How long a call of this timeout may wait. One that is no number, or not positive, is refused when the request is written:
 * that there is nobody to call is said before, as ever.
 */
export function waitMsOf(timeout: number): number {
  return typeof timeout === 'number' && timeout > 0 ? timeout : DEFAULT_WAIT_MS;
}

/** Makes RpcRequests into calls of the core, and what comes of them into answers. */
export class OldCalls {
  /** The least used are forgotten: who passes on the calls of others has any number of methods. */
  private readonly outbounds = new LRUCache<string, Outbound>({ max: KEPT_METHODS });

  constructor(private readonly options: OldCallsOptions) {}

  /**
   * Resolves to the answer, which may be an error; to the failure itself where there was nobody to call. Never rejects.
   * @param timeoutMs what is left of the request's own.
   */
  async call(request: RpcRequest, timeoutMs = waitMsOf(request.timeout)): Promise<Answer | MeshError> {
    const { meta } = request;
    try {
      const reply = await this.outboundFor(request).call([request], { timeoutMs }, itself);
      meta.address = this.options.addressOf(reply.endpoint?.address);
      return this.ended(request, reply.value as Packet);
    } catch (failure) {
      return this.failed(request, failure);
    }
  }

  private failed(request: RpcRequest, failure: unknown): Answer | MeshError {
    const { meta } = request;
    const endpoint = MeshError.is(failure) ? failure.endpoint : undefined;
    const address = this.options.addressOf(endpoint);
    const packet = answerOf(failure);
    if (packet !== undefined) {
      meta.address = address;
      return this.ended(request, packet);
    }
    const rt = systemClock.wallTime() - meta.start;
    const url = address?.href ?? request.serverSignature;
    const error = oldErrorOf(failure, { request, url, rt });
    if (error === undefined) return failure as MeshError;
    meta.address = address;
    meta.rt = rt;
    return { error, appResponse: null };
  }

  private ended({ meta }: RpcRequest, { data, meta: decoded }: Packet): Answer {
    if (decoded !== null) {
      meta.responseDecodeStart = decoded.start;
      meta.responseDecodeRT = decoded.rt;
      meta.resSize = decoded.size;
    }
    meta.rt = systemClock.wallTime() - meta.start;
    return data as Answer;
  }

  private outboundFor({ serverSignature, methodName }: RpcRequest): Outbound {
    const key = `${serverSignature}#${methodName}`;
    let outbound = this.outbounds.get(key);
    if (outbound === undefined) {
      const { wire, hessian, outboundOf, addressOf, isIdempotent } = this.options;
      const plan = new OldPlan({
        serviceId: serverSignature,
        method: { name: methodName, idempotent: isIdempotent(methodName), oneway: false },
        wire,
        hessian,
        codecOfService: () => textOf(addressOf(undefined)?.query?.serialization),
      });
      outbound = outboundOf(plan);
      this.outbounds.set(key, outbound);
    }
    return outbound;
  }
}

const itself = (reply: Reply) => reply;

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.at(-1) : value;
}

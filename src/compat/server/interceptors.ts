import { type Call, chain, type Handler, type Interceptor, type Reply } from '../../core/call.js';
import { MeshError } from '../../core/errors.js';
import { type Inbound, type InboundCall, SERVED_HERE } from '../../server/inbound.js';
import type { ResponseData } from '../bolt/frames.js';
import type { ServerRequest } from './types.js';

const REQUEST = Symbol('request');

/** A request as interceptors see it. */
interface ShownCall extends InboundCall {
  readonly [REQUEST]: ServerRequest;
}

export interface InterceptedEnv {
  /** Hands the request to the service; the response is written by the time that it resolves. */
  readonly serve: Handler;
  /** Answers a request that no service has answered. */
  readonly send: (context: Inbound, request: ServerRequest, response: ResponseData) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

/** Nothing more is written: whoever took the request has answered, or means not to. */
export const ANSWERED: Reply = Object.freeze({
  value: undefined,
  metadata: Object.freeze({}),
  ...SERVED_HERE,
  endpoint: undefined,
});

/**
 * The user's interceptors around all requests. They see arguments, and the request's properties and headers as metadata;
 * then the value that was answered, or, thrown, the error. By then it is written: what they make of it reaches nobody. What
 * they throw, or return, without having called on is answered as if a method had done so.
 */
export class Intercepted {
  private readonly handler: Handler;
  private readonly answers = new WeakMap<Inbound, ResponseData>();
  /** What a service failed with: the server's to tell, and told. */
  private readonly failures = new WeakMap<Inbound, { readonly error: unknown }>();
  /** What services have answered. */
  private readonly told = new WeakSet<object>();

  constructor(
    interceptors: readonly Interceptor[],
    private readonly env: InterceptedEnv,
  ) {
    this.handler = chain(interceptors, (call) => this.serve(call as ShownCall));
  }

  /** Notes what a request was answered with. */
  note(context: Inbound, response: ResponseData): void {
    this.answers.set(context, response);
  }

  readonly handle: Handler = async (call) => {
    const { context } = call as InboundCall;
    const [request] = call.args as [ServerRequest];
    try {
      const reply = await this.handler(shown(call as InboundCall, request));
      if (!context.isAnswered) await this.answer(context, request, answerOf(reply));
    } catch (error) {
      const failure = this.failures.get(context);
      if ((failure !== undefined && failure.error === error) || isBusy(error)) throw error;
      if (this.told.has(error as object)) return ANSWERED;
      this.env.onError(error);
      if (!context.isAnswered) await this.answer(context, request, failureOf(error));
    }
    return ANSWERED;
  };

  private async serve(call: ShownCall): Promise<Reply> {
    const request = call[REQUEST];
    request.data.args = call.args as unknown[];
    try {
      await this.env.serve({ ...call, args: [request] } as Call);
    } catch (error) {
      this.failures.set(call.context, { error });
      throw error;
    }
    const response = this.answers.get(call.context);
    if (response?.isError) throw this.errorOf(response);
    return { ...ANSWERED, value: response?.appResponse };
  }

  private errorOf({ appResponse, errorMsg }: ResponseData): Error {
    // An exception is sent with the name of its Java class.
    const { $: wrapped } = (appResponse ?? {}) as { $?: unknown };
    const error = [appResponse, wrapped].find((one) => one instanceof Error) ?? new Error(errorMsg ?? '');
    this.told.add(error as Error);
    return error as Error;
  }

  private async answer(context: Inbound, request: ServerRequest, response: ResponseData): Promise<void> {
    if (context.oneway) return;
    try {
      await this.env.send(context, request, response);
    } catch (error) {
      this.env.onError(error);
      // Late, or not to be encoded; where it is neither, the caller is told that the server failed.
      context.isAnswered ||= context.remainingMs() === 0;
      this.failures.set(context, { error });
      throw error;
    }
  }
}

function shown(call: InboundCall, request: ServerRequest): Call {
  const { serverSignature, args } = request.data;
  return { ...call, service: call.service || serverSignature, args, [REQUEST]: request } as Call;
}

function answerOf(reply: Reply | undefined): ResponseData {
  if (reply !== undefined) return { isError: false, errorMsg: null, appResponse: reply.value };
  throw new Error(
    'an interceptor of the server returned no reply: it must return what next(call) resolves to',
  );
}

function failureOf(error: unknown): ResponseData {
  const { message } = error instanceof Error ? error : new Error(String(error));
  return { isError: true, errorMsg: message, appResponse: null };
}

/** Answered as BUSY, which callers take for unexecuted. */
function isBusy(error: unknown): boolean {
  return MeshError.is(error) && error.code === 'OVERLOADED' && error.service === undefined;
}

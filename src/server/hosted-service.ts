import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import { chain, type Handler, type Interceptor, type Reply } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { Interner } from '../core/interner.js';
import { ContractServerPlan, type Refusals, type ServerPlan } from '../protocol/server-plan.js';
import type { Serializer } from '../serialization/serializer.js';
import type { Hosted } from './hosted.js';
import { type InboundCall, SERVED_HERE } from './inbound.js';

type Implementation = Readonly<Record<string, (...args: unknown[]) => unknown>>;

const NO_METADATA = Object.freeze({});

/** The service of a contract, and its implementation. */
export class HostedService implements Hosted {
  readonly id: string;
  readonly plan: ServerPlan;
  readonly codecs: string;
  private readonly handlers = new Map<MethodContract, Handler>();

  /** @throws MeshError INVALID_ARGUMENT where the implementation lacks a method. */
  constructor(
    contract: ServiceContract,
    implementation: object,
    private readonly serializer: Serializer,
    refusals: Refusals,
    texts: Interner,
    interceptors: readonly Interceptor[],
    maxFrameBytes: number,
  ) {
    this.id = contract.id;
    this.codecs = `codec ${serializer.codecId}`;
    this.plan = new ContractServerPlan(contract, serializer, refusals, texts, maxFrameBytes);
    for (const [key, method] of Object.entries(contract.methods)) {
      if (typeof (implementation as Implementation)[key] !== 'function') {
        throw new MeshError(
          'INVALID_ARGUMENT',
          `the implementation of ${contract.id} has no function ${JSON.stringify(key)}`,
          {
            service: contract.id,
            method: key,
          },
        );
      }
      this.handlers.set(method, chain(interceptors, terminal(implementation as Implementation, key)));
    }
  }

  reads(codec: number): boolean {
    return codec === this.serializer.codecId;
  }

  handlerOf(method: MethodContract): Handler {
    return this.handlers.get(method) as Handler;
  }
}

/** The end of the chain: calls the implementation with the arguments and the context. */
function terminal(implementation: Implementation, key: string): Handler {
  return (call) => {
    const result = implementation[key](...call.args, (call as InboundCall).context);
    // `then` and not `await`: under AsyncLocalStorage each promise less is worth a tenth of a microsecond.
    return result instanceof Promise ? result.then(replyOf) : Promise.resolve(result).then(replyOf);
  };
}

function replyOf(value: unknown): Reply {
  const { path, reason } = SERVED_HERE;
  return { value, metadata: NO_METADATA, path, reason, endpoint: undefined };
}

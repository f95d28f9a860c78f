import assert from 'node:assert';
import { type Clock, systemClock } from '../../core/clock.js';
import { Base, type BaseOptions } from '../base.js';
import type { ResponseData } from '../bolt/frames.js';
import type { Logger } from '../logger.js';
import type { RpcResponse } from './rpc-response.js';
import type { Registered, ServerContext, ServerRegistry, ServerRequest } from './types.js';

/** What a service's own description of its interface says. */
export interface ApiMeta {
  methods?: readonly {
    name: string;
    /** The Java class of what it returns. */
    returnType?: string;
    /** The type parameters of that class. */
    generic?: unknown;
    parameterTypes?: readonly unknown[];
  }[];
  /** The class map for this service's results; it beats the server's. */
  // biome-ignore lint/suspicious/noExplicitAny: the user's class map
  classMaps?: any;
}

export interface RpcServiceOptions extends BaseOptions {
  /** The Java interface, such as `com.acme.PersonService`. */
  interfaceName: string;
  version?: string;
  group?: string;
  /** Tells apart several implementations of one interface and version. */
  uniqueId?: string;
  /** The methods, by name: async functions. Their `this` is what the server's `createContext` made. */
  // biome-ignore lint/suspicious/noExplicitAny: the user's object
  delegate?: any;
  logger?: Logger;
  /** Where it is announced. Default: nowhere. */
  registry?: ServerRegistry;
  apiMeta?: ApiMeta;
  /** More that the registry is told: these go into the address and into what `register` is handed. */
  customMeta?: Record<string, unknown>;
  appName?: string;
}

/** The parts of the address that customMeta does not replace. */
const NAMED = ['interface', 'version', 'group'];

/** One service of a server: its methods, how their results are typed, and how it is told of in a registry. */
export class RpcService extends Base {
  appName: string | undefined;
  apiMeta: ApiMeta | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the user's object
  delegate: any;
  interfaceName: string;
  version: string;
  uniqueId: string | undefined;
  group: string;
  customMeta: Record<string, unknown>;
  /** `interface:version[:uniqueId]` */
  id: string;
  /** The Java type of each method's result, as far as apiMeta says. */
  returnTypes: Record<string, { $class: string | undefined; generic: unknown }>;
  // biome-ignore lint/suspicious/noExplicitAny: the user's class map
  classMaps: any;
  /** The address that was announced last. */
  publishUrl: string | undefined;

  /** @throws AssertionError without an interfaceName. */
  constructor(options: RpcServiceOptions) {
    assert(options?.interfaceName, '[RpcService] options.interfaceName is required');
    super(options);
    const { appName, apiMeta, delegate, interfaceName, version, uniqueId, group, customMeta } = options;
    this.appName = appName;
    this.apiMeta = apiMeta;
    this.delegate = delegate;
    this.interfaceName = interfaceName;
    this.version = version as string;
    this.uniqueId = uniqueId;
    this.group = group as string;
    this.customMeta = typeof customMeta === 'object' ? customMeta : {};
    this.id = uniqueId ? `${interfaceName}:${version}:${uniqueId}` : `${interfaceName}:${version}`;
    this.classMaps = apiMeta?.classMaps;
    this.returnTypes = {};
    for (const { name, returnType, generic } of apiMeta?.methods ?? [])
      this.returnTypes[name] = { $class: returnType, generic };
    this.ready(true);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the user's application
  get app(): any {
    return this.options.app;
  }

  get logger(): Logger {
    return this.options.logger;
  }

  get registry(): ServerRegistry | undefined {
    return this.options.registry;
  }

  /** What a registry is told where the server is reached at this address. */
  normalizeReg(urlText: string): Registered {
    const { interfaceName, version, group } = this;
    const url = new URL(urlText);
    url.searchParams.set('interface', interfaceName);
    url.searchParams.set('version', version);
    url.searchParams.set('group', group);
    // Without it a Java consumer of another uniqueId would find this one.
    if (this.uniqueId && url.searchParams.has('uniqueId')) url.searchParams.set('uniqueId', this.uniqueId);
    const told = Object.entries(this.customMeta ?? {}).filter(
      ([key, value]) => value !== undefined && !NAMED.includes(key),
    );
    for (const [key, value] of told) url.searchParams.set(key, value as string);
    return { interfaceName, version, group, url: url.toString(), ...Object.fromEntries(told) };
  }

  /** Announces the service, reached at this address. Resolves when the registry shows it; rejects as the registry does. */
  publish(url: string): Promise<void> {
    const { registry } = this;
    if (!registry) return Promise.resolve();
    const provider = this.normalizeReg(url);
    this.publishUrl = provider.url;
    return registry.register(provider).then(() => whenShown(registry, provider, url));
  }

  /** Takes the announcement back; without one it does nothing. */
  unPublish(): Promise<unknown> {
    if (!this.registry || !this.publishUrl) return Promise.resolve();
    return this.registry.unRegister(this.normalizeReg(this.publishUrl));
  }

  /** Gives a method's result the Java type that apiMeta has for it, unless it has one. */
  convertResult(req: ServerRequest, result: unknown): unknown {
    if (req.options.codecType === 'protobuf' || result === null || result === undefined) return result;
    if (result instanceof Error) return { $class: 'java.lang.Exception', $: result };
    const { methodName } = req.data;
    if ((result as { $class?: unknown }).$class || !Object.hasOwn(this.returnTypes, methodName))
      return result;
    const { $class, generic } = this.returnTypes[methodName];
    return { $class, $: result, generic };
  }

  /**
   * Runs the method that a request asks for, and answers. Nothing is answered once the caller's timeout has passed: it has
   * given up.
   */
  async invoke(ctx: ServerContext | null, req: ServerRequest, res: RpcResponse): Promise<void> {
    const { methodName, args } = req.data;
    const { timeout } = req.options;
    const answer: ResponseData = {
      isError: false,
      errorMsg: null,
      appResponse: null,
      classMap: this.classMaps,
    };
    const method = req.method || this.delegate[methodName];
    if (isAsyncFunction(method)) {
      try {
        answer.appResponse = await method.apply(ctx, args);
      } catch (error) {
        this.failed(answer, error as MethodError, ctx, res);
      }
    } else {
      res.meta.resultCode = '04';
      answer.isError = true;
      answer.errorMsg = `Can not find method: ${this.id}#${methodName}()`;
    }
    const clock: Clock = this.options.clock ?? systemClock;
    res.meta.rt = clock.wallTime() - res.meta.start;
    if (timeout && res.meta.rt >= timeout) {
      const text = '[RpcService] service: %s#%s() process timeout, rt: %s, timeout: %s';
      this.loggerOf(ctx).warn(text, this.id, methodName, res.meta.rt, timeout);
      res.meta.resultCode = '03';
      return;
    }
    if (res.isClosed) {
      const text = '[RpcService] client maybe closed before sending response, remote address: %s';
      this.loggerOf(ctx).warn(text, res.remoteAddress);
      return;
    }
    answer.appResponse = this.convertResult(req, answer.appResponse);
    await res.send(answer);
  }

  /** A method threw: the caller is told its message, and by an error of the name SystemError that the framework failed. */
  private failed(
    answer: ResponseData,
    error: MethodError,
    ctx: ServerContext | null,
    res: RpcResponse,
  ): void {
    answer.isError = true;
    answer.errorMsg = error.message;
    answer.appResponse = error;
    res.meta.resultCode = error.resultCode || (error.name === 'SystemError' ? '02' : '01');
    if (!error.ignoreLog) this.loggerOf(ctx).error(error);
  }

  /** A context's own logger knows the trace. */
  private loggerOf(ctx: ServerContext | null): Logger {
    return ctx?.logger || this.logger;
  }
}

/** What a method may say by its error, beside the message. */
interface MethodError extends Error {
  resultCode?: string;
  ignoreLog?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a method takes what its callers send
function isAsyncFunction(method: any): method is (...args: any[]) => Promise<unknown> {
  return method?.constructor?.name === 'AsyncFunction';
}

/** Whoever asks the registry finds the provider from now on. */
function whenShown(registry: ServerRegistry, provider: Registered, url: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = (addresses: string[]) => {
      if (!addresses.some((address) => address === provider.url || hrefOf(address).includes(url))) return;
      registry.unSubscribe(provider, listener);
      resolve();
    };
    registry.subscribe(provider, listener);
  });
}

function hrefOf(address: string): string {
  try {
    return new URL(address).href;
  } catch {
    return '';
  }
}

/** What is registered. What else it holds is not looked at: the URL says it all. */
export interface RegisterConfig {
  interfaceName: string;
  /** `bolt://host:port?key=value`, with all that consumers are to know. */
  url: string;
  version?: string | null;
  group?: string | null;
  [more: string]: unknown;
}

/** Whose providers are wanted. What else it holds tells subscriptions apart, for `unSubscribe()`. */
export interface SubscribeConfig {
  interfaceName: string;
  /** For the consumer's own entry. Default: `bolt`. */
  protocol?: string;
  /** Providers that name another version are left out; all versions are wanted where it is missing. */
  version?: string | null;
  /** As the version. */
  group?: string | null;
  /** For the consumer's own entry, as the two after it. */
  appName?: string;
  /** Milliseconds. */
  timeout?: number;
  uniqueId?: string;
  [more: string]: unknown;
}

/** Is told the URLs of all providers that match, at first and after every change. The array is its own. */
export type AddressListener = (addresses: string[]) => void;

/**
 * What a consumer and a server need of a registry: the `registry` option of RpcClient and RpcServer takes any object that
 * does this.
 */
export interface CompatRegistry {
  /** Resolves when the registry can be used, rejects where it cannot be reached. */
  ready(): Promise<unknown>;
  /** Announces a provider, until `unRegister()` with the same interface and URL. */
  register(config: RegisterConfig): Promise<unknown>;
  unRegister(config: RegisterConfig): Promise<unknown>;
  subscribe(config: SubscribeConfig, listener: AddressListener): void;
  /**
   * Ends what `subscribe()` began with an equal config: for the one listener, or for all of them. Other subscriptions of
   * the interface are left alone.
   */
  unSubscribe(config: SubscribeConfig, listener?: AddressListener): void;
  close?(): unknown;
}

/** What a registry writes to the user's logger, in the form of util.format. */
export interface RegistryLogger {
  info(...message: unknown[]): void;
  warn(...message: unknown[]): void;
}

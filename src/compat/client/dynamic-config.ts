/** How often requests are counted together, and over how long. */
export interface MetricConfig {
  /** Buckets of the sliding window. Default 6. */
  numBuckets: number;
  /** What one bucket spans, in milliseconds. Default 10,000. */
  bucketSizeInMs: number;
}

/** When an address that fails gets no more calls for a while. */
export interface CircuitBreakerConfig {
  /** Default false. */
  forceOpen: boolean;
  /** Default false. */
  forceClosed: boolean;
  /** Fewer requests than this say nothing. Default 20. */
  requestVolumeThreshold: number;
  /** Default 50. */
  errorThresholdPercentage: number;
  /** Default 5,000. */
  sleepWindowInMilliseconds: number;
}

/** When an address that is worse than the others is passed over. */
export interface FaultToleranceConfig {
  /** The share of the addresses, 0 to 1, that may be out of use before others are chosen instead. Default 0.4. */
  maxIsolatedPercentage: number;
  /** Default 10. */
  leastWindowCount: number;
  /** Default 10. */
  leastWindowRtMultiple: number;
  /** Default 1.5. */
  recoverWindowRtMultiple: number;
  /** Default 3. */
  leastWindowExceptionRateMultiple: number;
  /** Default 1.5. */
  recoverWindowExceptionRateMultiple: number;
  /** Default 0.05. */
  weightDegradeRate: number;
  /** Default 2. */
  weightRecoverRate: number;
  /** Default 1. */
  degradeLeastWeight: number;
  /** Default true. */
  degradeEffective: boolean;
  /** Whether addresses are looked at at all. Default true. */
  regulationEffective: boolean;
}

/** How many of many addresses are used. */
export interface ConnectionPoolConfig {
  /** With more addresses than this, some are chosen. Default 50. */
  enableThreshold: number;
  /** Default 5. */
  minAddressCount: number;
  /** Default 50. */
  maxAddressCount: number;
  /** How many are chosen before requests have been counted. Default 6. */
  initConnectionSize: number;
  /** Whether some are chosen of many; without it all are used. Default true. */
  elasticControl: boolean;
  /** The requests in a window that one address is chosen for. Default 300. */
  capacityPerConnection: number;
}

export interface DynamicSettings {
  metric: MetricConfig;
  circuitBreaker: CircuitBreakerConfig;
  faultTolerance: FaultToleranceConfig;
  connectionPoolConfig: ConnectionPoolConfig;
}

let settings: DynamicSettings | undefined;

/**
 * The settings of all clients of the old interface in this process: change a field of `DynamicConfig.instance`, or set it
 * anew. docs/compat.md says which of them still do something.
 */
export const DynamicConfig = {
  get instance(): DynamicSettings {
    settings ??= defaults();
    return settings;
  },
  set instance(value: DynamicSettings) {
    settings = value;
  },
};

function defaults(): DynamicSettings {
  return {
    metric: { numBuckets: 6, bucketSizeInMs: 10_000 },
    circuitBreaker: {
      forceOpen: false,
      forceClosed: false,
      requestVolumeThreshold: 20,
      errorThresholdPercentage: 50,
      sleepWindowInMilliseconds: 5_000,
    },
    faultTolerance: {
      maxIsolatedPercentage: 0.4,
      leastWindowCount: 10,
      leastWindowRtMultiple: 10,
      recoverWindowRtMultiple: 1.5,
      leastWindowExceptionRateMultiple: 3,
      recoverWindowExceptionRateMultiple: 1.5,
      weightDegradeRate: 0.05,
      weightRecoverRate: 2,
      degradeLeastWeight: 1,
      degradeEffective: true,
      regulationEffective: true,
    },
    connectionPoolConfig: {
      enableThreshold: 50,
      minAddressCount: 5,
      maxAddressCount: 50,
      initConnectionSize: 6,
      elasticControl: true,
      capacityPerConnection: 300,
    },
  };
}

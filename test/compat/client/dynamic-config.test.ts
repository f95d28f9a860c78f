import { expect, onTestFinished, test } from 'vitest';
import { DynamicConfig } from '../../../src/compat/client/dynamic-config.js';

test('the settings of a process, with the old defaults', () => {
  onTestFinished(() => {
    DynamicConfig.instance = undefined as never;
  });
  const { instance } = DynamicConfig;
  expect(instance).toEqual({
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
  });
  instance.metric.numBuckets = 3;
  expect(DynamicConfig.instance.metric.numBuckets).toBe(3);
  const other = structuredClone(instance);
  DynamicConfig.instance = other;
  expect(DynamicConfig.instance).toBe(other);
  DynamicConfig.instance = undefined as never;
  expect(DynamicConfig.instance.metric.numBuckets).toBe(6);
});

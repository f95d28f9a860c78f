import type { OutlierOptions } from '../../src/balancing/outlier.js';
import type { Balancer } from '../../src/balancing/picker.js';
import { type Attempt, type Provider, simulate } from './simulation.js';

const ENDPOINTS = 1_000;
const REQUESTS_PER_SECOND = 4_000;
const SERVICE_MS = 30;
const WORKERS = 2;
const TIMEOUT_MS = 3_000;
/** What the balancers learn before is not counted, nor what is on its way at the end. */
const LEARNING_MS = 5_000;

/** Of ten endpoints one is slow, one fails from time to time, one is new and slow at first. */
function providerOf(index: number): Provider {
  const turn = Math.floor(index / 10);
  switch (index % 10) {
    case 3:
      return { slowness: () => 10 };
    case 5:
      // 5 s of every 15 s.
      return { refuses: (now, random) => (now + turn * 150) % 15_000 < 5_000 && random() < 0.9 };
    case 7: {
      // They come five at a time, and take 10 s to warm up.
      const listedAt = 1_000 + Math.floor(turn / 5) * 1_000;
      const startTime = String(listedAt);
      return {
        listedAt,
        attributes: { startTime, warmupTime: '10000', warmupWeight: '10', weight: '100' },
        slowness: (now) => (now < listedAt + 10_000 ? 6 : 1),
      };
    }
    default:
      return {};
  }
}

export interface FleetResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errorRatio: number;
  readonly attempts: number;
}

/** How calls fare in a fleet of 1,000 endpoints of which three in ten are in trouble. The same for the same arguments. */
export function simulateFleet(
  balancer: Balancer,
  outliers: OutlierOptions | undefined,
  durationMs: number,
): FleetResult {
  const took: number[] = [];
  let errors = 0;
  let attempts = 0;
  const onAttempt = ({ startedAt, tookMs, succeeded }: Attempt) => {
    if (startedAt < LEARNING_MS || startedAt > durationMs - TIMEOUT_MS) return;
    attempts++;
    if (succeeded) took.push(tookMs);
    else errors++;
  };
  simulate(
    {
      seed: 7,
      providers: Array.from({ length: ENDPOINTS }, (_, i) => providerOf(i)),
      durationMs,
      requestsPerSecond: REQUESTS_PER_SECOND,
      serviceMs: SERVICE_MS,
      workers: WORKERS,
      timeoutMs: TIMEOUT_MS,
      balancer,
      outliers,
    },
    onAttempt,
  );
  const sorted = Float64Array.from(took).sort();
  const at = (part: number) => sorted[Math.floor(sorted.length * part)];
  return { p50Ms: at(0.5), p99Ms: at(0.99), errorRatio: errors / attempts, attempts };
}

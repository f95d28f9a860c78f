export type { Clock, Timer } from '../core/clock.js';
export type { Random } from '../core/random.js';
export { duplexPair } from './duplex-pair.js';
export { FakeClock, settled } from './fake-clock.js';
export { connectTo, type MemoryPair, type MemoryPairOptions, memoryPair } from './memory-pair.js';
export { seededRandom } from './seeded-random.js';

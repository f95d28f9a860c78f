// What tables.mjs measures and no entry point of the package exports: built into bench/.build.
export { balancerOf } from '../../src/balancing/balancers.js';
export { PickCase, UpdateCase } from './costs.js';
export { simulateFleet } from './fleet.js';

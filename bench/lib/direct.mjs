// The whole direct stack (P2C, retry, breaker, ejection, deadline) over a bare client, interleaved.
import { measurePairs } from './pairs.mjs';

/** The cases, by the names in peers/direct.mjs: that module imports the built library, this one must not. */
const cases = [
  { name: 'bare-1', endpoints: 1, stack: false },
  { name: 'stack-1', endpoints: 1, stack: true },
  { name: 'bare-100', endpoints: 100, stack: false },
  { name: 'stack-100', endpoints: 100, stack: true },
];

export const measureDirect = (run) => measurePairs('direct', cases, run);

/** What the stack adds to a call over as many connections of a bare client, as a part of it. */
export function directOverhead(direct, endpoints) {
  const of = (stack) => direct?.find((one) => one.endpoints === endpoints && one.stack === stack);
  return direct ? of(true).cpuMicros / of(false).cpuMicros - 1 : undefined;
}

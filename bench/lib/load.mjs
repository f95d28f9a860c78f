// The closed loop of callers on the client's side: each sends its next call when its answer is in and read.
import { build } from 'hdr-histogram-js';
import { MASK } from './payloads.mjs';

/**
 * One measured block: until `calls` calls were made or `ms` milliseconds went by, whichever comes first.
 * From 128 callers on one call in eight is timed, because a clock read costs as much as a good part of a call.
 */
export async function block(
  peer,
  histogram,
  { concurrency, calls = Number.POSITIVE_INFINITY, ms = Number.POSITIVE_INFINITY },
) {
  const state = {
    next: 0,
    calls,
    timed: concurrency >= 128 ? 7 : 0,
    end: performance.now() + ms,
    stopped: false,
    histogram,
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const caller = peer.check ? promiseCaller : callbackCaller;
  await Promise.all(Array.from({ length: concurrency }, () => caller(peer, state)));
  const elapsed = performance.now() - start;
  const used = process.cpuUsage(cpu);
  return { calls: state.next, ms: elapsed, cpuMicros: used.user + used.system };
}

function finish(state, started) {
  const now = performance.now();
  state.histogram.recordValue(Math.max(1, Math.round((now - started) * 1000)));
  if (now >= state.end) state.stopped = true;
}

async function promiseCaller(peer, state) {
  while (!state.stopped && state.next < state.calls) {
    const index = state.next++;
    const timed = (index & state.timed) === 0;
    const started = timed ? performance.now() : 0;
    const result = await peer.call(index & MASK);
    if (!peer.check(result, index & MASK))
      throw new Error(`a wrong result came back for payload ${index & MASK}`);
    if (timed) finish(state, started);
  }
}

/** For peers whose own interface is a callback: `call(index, done)`, `done(error)`; they check by themselves. */
function callbackCaller(peer, state) {
  return new Promise((resolve, reject) => {
    let started = 0;
    const done = (error) => {
      if (error) return reject(error);
      if (started !== 0) finish(state, started);
      next();
    };
    const next = () => {
      if (state.stopped || state.next >= state.calls) return resolve();
      const index = state.next++;
      started = (index & state.timed) === 0 ? performance.now() : 0;
      peer.call(index & MASK, done);
    };
    next();
  });
}

/** In microseconds, up to a minute. */
export const newHistogram = () =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });

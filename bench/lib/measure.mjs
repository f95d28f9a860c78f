// The interleaved runs. In every round each peer has its turn for every case, forwards and backwards in turn, so
// that a slow minute of the machine falls on all of them.
import { codecs } from '../codecs/index.mjs';
import { peers } from '../peers/index.mjs';
import { forkChild } from './child.mjs';
import { codecPayloads } from './codec-payloads.mjs';
import { startPair } from './pair.mjs';
import { payloads } from './payloads.mjs';
import { SELF } from './self.mjs';

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** The JVM needs so many times the calls of Node until its compiler has done its work. */
const JIT = 8;

const inTurn = (round, list) => (round % 2 ? [...list].reverse() : list);

/** Client and server in two processes: calls a second, latency, CPU a call. */
export async function measureCalls({ wanted, skip, rounds, ms, warmMs, log }) {
  const cases = [];
  for (const [kind, { concurrency: levels, warm }] of Object.entries(payloads)) {
    const names = Object.keys(peers).filter((name) => !skip.has(name));
    const plan = levels.flatMap((concurrency) =>
      names
        .filter((name) => wanted(`${name} ${kind} @${concurrency}`))
        .map((name) => ({ name, concurrency, blocks: [] })),
    );
    if (plan.length === 0) continue;
    const used = names.filter((name) => plan.some((entry) => entry.name === name));
    const pairs = new Map();
    for (const name of used) {
      log(`${kind}: starting and warming ${name}`);
      const pair = await startPair(name, kind);
      pairs.set(name, pair);
      // By count, and at no more than two numbers of calls at once.
      const calls = name === 'java' ? warm * JIT : warm;
      const limit = name === 'java' ? warmMs * 2 : warmMs;
      await pair.warm(calls, levels.length > 1 ? 128 : levels[0], limit);
      if (levels.length > 1) await pair.warm(calls / 5, 16, limit / 5);
    }
    for (let round = 0; round < rounds; round++) {
      log(`${kind}: round ${round + 1} of ${rounds}`);
      for (const concurrency of levels) {
        for (const entry of inTurn(
          round,
          plan.filter((one) => one.concurrency === concurrency),
        )) {
          entry.blocks.push(await pairs.get(entry.name).run(concurrency, ms));
        }
      }
    }
    for (const pair of pairs.values()) await pair.end();
    cases.push(...plan.map(({ name, concurrency, blocks }) => callCase(name, concurrency, kind, blocks)));
  }
  for (const one of cases) one.ratioToSelf = ratio(one, cases, ['payload', 'concurrency'], 'cpuMicros');
  return cases;
}

function callCase(name, concurrency, payload, blocks) {
  const of = (key) => median(blocks.map((block) => block[key]));
  const last = blocks[blocks.length - 1];
  return {
    name,
    concurrency,
    payload,
    callsPerSecond: round(of('callsPerSecond'), 0),
    // The peers of JavaScript give the percentiles of all rounds together, the JVM those of one.
    p50Ms: round(name === 'java' ? of('p50Ms') : last.p50Ms, 3),
    p99Ms: round(name === 'java' ? of('p99Ms') : last.p99Ms, 3),
    cpuMicros: round(of('cpuMicros'), 2),
    clientMicros: round(of('clientMicros'), 2),
    serverMicros: round(of('serverMicros'), 2),
    spread: spread(blocks.map((block) => block.cpuMicros)),
  };
}

/** Encode and decode apart, a process for each codec: CPU nanoseconds an operation. */
export async function measureCodecs({ wanted, skip, rounds, ms, warmMs, log }) {
  const results = [];
  const names = Object.keys(codecs).filter((name) => !skip.has(name));
  for (const [payload, { warm }] of Object.entries(codecPayloads)) {
    const plan = ['encode', 'decode'].flatMap((operation) =>
      names
        .filter((name) => wanted(`codec ${name} ${payload} ${operation}`))
        .map((name) => ({ name, payload, operation, blocks: [] })),
    );
    if (plan.length === 0) continue;
    log(`codec: ${payload}`);
    const used = new Set(plan.map(({ name }) => name));
    const workers = new Map([...used].map((name) => [name, forkChild('codec-worker.mjs', [name])]));
    for (const worker of workers.values()) {
      await worker.ask('prepare', { payload });
      for (const operation of ['encode', 'decode'])
        await worker.ask('warm', { operation, count: warm, ms: warmMs });
    }
    for (let round = 0; round < rounds; round++) {
      for (const entry of inTurn(round, plan)) {
        const { nanos } = await workers.get(entry.name).ask('run', { operation: entry.operation, ms });
        entry.blocks.push(nanos);
      }
    }
    for (const worker of workers.values()) await worker.end();
    results.push(
      ...plan.map(({ blocks, ...entry }) => ({
        ...entry,
        nanos: round(median(blocks), 0),
        spread: spread(blocks),
      })),
    );
  }
  for (const one of results) one.ratioToSelf = ratio(one, results, ['payload', 'operation'], 'nanos');
  return results;
}

/** How many times our own figure for the same case; null where that was not measured. */
function ratio(one, all, same, key) {
  const self = all.find((other) => other.name === SELF && same.every((field) => other[field] === one[field]));
  return self ? round(one[key] / self[key], 2) : null;
}

/** The distance of the extremes from each other, as a part of the median: how far to trust a figure. */
const spread = (values) => round((Math.max(...values) - Math.min(...values)) / median(values), 2);

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

// The interleaved runs. In every round each peer has its turn for every case, forwards and backwards in turn, so
// that a slow minute of the machine falls on all of them.
import { codecs } from '../codecs/index.mjs';
import { peers } from '../peers/index.mjs';
import { forkChild } from './child.mjs';
import { codecPayloads } from './codec-payloads.mjs';
import { startPair } from './pair.mjs';
import { payloads } from './payloads.mjs';
import { SELF } from './self.mjs';
import { inTurn, median, round, spread } from './statistics.mjs';

/** The JVM needs so many times the calls of Node until its compiler has done its work. */
const JIT = 8;

/** Client and server in two processes: calls a second, latency, CPU a call. `failed` is told of a peer that fails. */
export async function measureCalls(run) {
  const cases = [];
  for (const kind of Object.keys(payloads)) cases.push(...(await measurePayload(kind, run)));
  for (const one of cases) one.ratioToSelf = ratio(one, cases, ['payload', 'concurrency'], 'cpuMicros');
  return cases;
}

async function measurePayload(kind, { wanted, skip, rounds, ms, warmMs, log, failed }) {
  const levels = payloads[kind].concurrency;
  const plan = Object.keys(peers)
    .filter((name) => !skip.has(name))
    .flatMap((name) => levels.map((concurrency) => ({ name, concurrency, blocks: [] })))
    .filter(({ name, concurrency }) => wanted(`${name} ${kind} @${concurrency}`));
  const pairs = new Map();
  const attempt = async (name, work) => {
    try {
      await work();
    } catch (error) {
      await pairs.get(name)?.end();
      pairs.delete(name);
      failed(`${name}, ${kind}`, error);
    }
  };
  for (const name of new Set(plan.map((entry) => entry.name))) {
    log(`${kind}: starting and warming ${name}`);
    await attempt(name, async () => {
      const pair = await startPair(name, kind);
      pairs.set(name, pair);
      await warm(name, kind, pair, warmMs);
    });
  }
  for (let turn = 0; turn < rounds && pairs.size > 0; turn++) {
    log(`${kind}: round ${turn + 1} of ${rounds}`);
    for (const concurrency of levels) {
      const cases = plan.filter((entry) => entry.concurrency === concurrency);
      for (const { name, blocks } of inTurn(turn, cases)) {
        const pair = pairs.get(name);
        if (pair) await attempt(name, async () => blocks.push(await pair.run(concurrency, ms)));
      }
    }
  }
  for (const pair of pairs.values()) await pair.end();
  return plan
    .filter(({ name }) => pairs.has(name))
    .map(({ name, concurrency, blocks }) => callCase(name, concurrency, kind, blocks));
}

/** By count, and at no more than two numbers of calls at once. */
async function warm(name, kind, pair, limitMs) {
  const { concurrency, warm: count } = payloads[kind];
  const times = name === 'java' ? JIT : 1;
  const limit = name === 'java' ? limitMs * 2 : limitMs;
  if (concurrency.length === 1) return pair.warm(count * times, concurrency[0], limit / 2);
  await pair.warm(count * times, 128, limit);
  await pair.warm((count * times) / 5, 16, limit / 5);
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

/** Whether any codec case of ours is wanted: it is built apart. */
export const wantsCodec = (wanted) =>
  Object.keys(codecPayloads).some((payload) =>
    ['encode', 'decode'].some((operation) => wanted(`codec ${SELF} ${payload} ${operation}`)),
  );

/** Encode and decode apart, a process for each codec: CPU nanoseconds an operation. */
export async function measureCodecs(run) {
  const results = [];
  for (const payload of Object.keys(codecPayloads))
    results.push(...(await measureCodecPayload(payload, run)));
  for (const one of results) one.ratioToSelf = ratio(one, results, ['payload', 'operation'], 'nanos');
  return results;
}

async function measureCodecPayload(payload, { wanted, skip, rounds, ms, warmMs, log, failed }) {
  const plan = ['encode', 'decode'].flatMap((operation) =>
    Object.keys(codecs)
      .filter((name) => wanted(`codec ${name} ${payload} ${operation}`))
      .filter((name) => !(skip.has(SELF) && name.startsWith(SELF)))
      .filter((name) => operation === 'encode' || !codecs[name].encodeOnly)
      .map((name) => ({ name, payload, operation, blocks: [] })),
  );
  const workers = new Map();
  const ask = async (name, command, details) => {
    try {
      return await workers.get(name)?.ask(command, details);
    } catch (error) {
      await workers.get(name).end();
      workers.delete(name);
      failed(`codec ${name}, ${payload}`, error);
    }
  };
  if (plan.length > 0) log(`codec: ${payload}`);
  for (const { name } of plan) {
    if (!workers.has(name)) workers.set(name, forkChild('codec-worker.mjs', [name]));
  }
  for (const name of [...workers.keys()]) {
    await ask(name, 'prepare', { payload });
    for (const operation of ['encode', 'decode']) {
      await ask(name, 'warm', { operation, count: codecPayloads[payload].warm, ms: warmMs });
    }
  }
  for (let turn = 0; turn < rounds; turn++) {
    for (const { name, operation, blocks } of inTurn(turn, plan)) {
      const result = await ask(name, 'run', { operation, ms });
      if (result) blocks.push(result.nanos);
    }
  }
  for (const worker of workers.values()) await worker.end();
  return plan
    .filter(({ name }) => workers.has(name))
    .map(({ blocks, ...entry }) => ({ ...entry, nanos: round(median(blocks), 0), spread: spread(blocks) }));
}

/** How many times our own figure for the same case; null where that was not measured. */
function ratio(one, all, same, key) {
  const self = all.find((other) => other.name === SELF && same.every((field) => other[field] === one[field]));
  return self ? round(one[key] / self[key], 2) : null;
}

// Several clients and servers of our own beside each other, in turns: for what a few microseconds of one cost over another.
import { startPair } from './pair.mjs';
import { payloads } from './payloads.mjs';
import { inTurn, median, round, spread } from './statistics.mjs';

const CONCURRENCY = 128;

/**
 * Each case with CPU microseconds a call, client and server, and the median latency.
 * @template {{ name: string }} C
 * @param {string} what for the log
 * @param {readonly C[]} cases by their names in peers/
 */
export async function measurePairs(what, cases, { rounds, ms, warmMs, log }) {
  log(`${what}: starting and warming`);
  const pairs = [];
  try {
    for (const { name } of cases) {
      const pair = await startPair(name, 'pojo');
      pairs.push(pair);
      await pair.warm(payloads.pojo.warm, CONCURRENCY, warmMs);
    }
    const blocks = new Map(cases.map(({ name }) => [name, []]));
    for (let turn = 0; turn < rounds; turn++) {
      log(`${what}: round ${turn + 1} of ${rounds}`);
      for (const i of inTurn(turn, [...cases.keys()]))
        blocks.get(cases[i].name).push(await pairs[i].run(CONCURRENCY, ms));
    }
    return cases.map((one) => {
      const of = (key) => blocks.get(one.name).map((block) => block[key]);
      return {
        ...one,
        cpuMicros: round(median(of('cpuMicros')), 2),
        clientMicros: round(median(of('clientMicros')), 2),
        serverMicros: round(median(of('serverMicros')), 2),
        p50Ms: round(median(of('p50Ms')), 3),
        spread: spread(of('cpuMicros')),
      };
    });
  } finally {
    for (const pair of pairs) await pair.end();
  }
}

// The whole direct stack (P2C, retry, breaker, ejection, deadline) over a bare client, interleaved.
import { startPair } from './pair.mjs';
import { payloads } from './payloads.mjs';
import { inTurn, median, round, spread } from './statistics.mjs';

const CONCURRENCY = 128;

/** The cases, by the names in peers/direct.mjs: that module imports the built library, this one must not. */
const cases = [
  { name: 'bare-1', endpoints: 1, stack: false },
  { name: 'stack-1', endpoints: 1, stack: true },
  { name: 'bare-100', endpoints: 100, stack: false },
  { name: 'stack-100', endpoints: 100, stack: true },
];

/** CPU microseconds a call, client and server. */
export async function measureDirect({ rounds, ms, warmMs, log }) {
  log('direct: starting and warming');
  const pairs = [];
  try {
    for (const { name } of cases) {
      const pair = await startPair(name, 'pojo');
      pairs.push(pair);
      await pair.warm(payloads.pojo.warm, CONCURRENCY, warmMs);
    }
    const blocks = new Map(cases.map(({ name }) => [name, []]));
    for (let turn = 0; turn < rounds; turn++) {
      log(`direct: round ${turn + 1} of ${rounds}`);
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
        spread: spread(of('cpuMicros')),
      };
    });
  } finally {
    for (const pair of pairs) await pair.end();
  }
}

/** What the stack adds to a call over as many connections of a bare client, as a part of it. */
export function directOverhead(direct, endpoints) {
  const of = (stack) => direct?.find((one) => one.endpoints === endpoints && one.stack === stack);
  return direct ? of(true).cpuMicros / of(false).cpuMicros - 1 : undefined;
}

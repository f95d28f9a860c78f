// The balancers in a simulated fleet, and what they cost: tables for docs/balancing.md.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inTurn, median } from '../lib/statistics.mjs';

const root = new URL('../../', import.meta.url);

const balancers = [
  'roundRobin',
  'smoothWeightedRoundRobin',
  'weightedRandom',
  'consistentHash',
  'leastLoaded',
  'p2c',
];
const FEW = 10;
const MANY = 10_000;
const CHANGED = 100;
/** Where the default is too many. */
const PICKS = { consistentHash: 5_000 };

/** [{ heading, columns, rows }]: the simulation is the same every time, the costs are measured. */
export async function balancingTables({ quick = false, log = () => {} } = {}) {
  build();
  const source = await import(new URL('../.build/balancing.js', import.meta.url).href);
  return [
    fleetTable(source, { durationMs: quick ? 15_000 : 30_000, log }),
    pickTable(source, { rounds: quick ? 5 : 11, log }),
    updateTable(source, { rounds: quick ? 5 : 15, log }),
  ];
}

function build() {
  const tsup = ['node_modules/tsup/dist/cli-default.js', '--no-config', '--silent'];
  const what = ['--entry.balancing', 'bench/balancing/source.ts', '--out-dir', 'bench/.build'];
  const how = ['--format', 'esm', '--target', 'node20.19'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...tsup, ...what, ...how], {
    cwd: fileURLToPath(root),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bench/balancing/source.ts did not build:\n${stdout}${stderr}`);
}

function fleetTable({ balancerOf, simulateFleet }, { durationMs, log }) {
  const results = balancers.map((name) => {
    log(`simulation: ${name}`);
    const [plain, ejecting] = [undefined, {}].map((outliers) =>
      simulateFleet(balancerOf(name), outliers, durationMs),
    );
    return { name, plain, ejecting };
  });
  const usual = results.find(({ name }) => name === 'roundRobin').plain.p99Ms;
  const ms = (value) => value.toFixed(0);
  const percent = (value) => `${(value * 100).toFixed(2)} %`;
  return {
    heading: '1,000 endpoints, of ten one slow, one failing, one cold',
    columns: [
      '',
      'p50 ms',
      'p99 ms',
      "times better than round robin's p99",
      'failed',
      'with ejection: p50 ms',
      'p99 ms',
      'failed',
    ],
    rows: results.map(({ name, plain, ejecting }) => [
      name,
      ms(plain.p50Ms),
      ms(plain.p99Ms),
      `${(usual / plain.p99Ms).toFixed(1)}x`,
      percent(plain.errorRatio),
      ms(ejecting.p50Ms),
      ms(ejecting.p99Ms),
      percent(ejecting.errorRatio),
    ]),
  };
}

function pickTable({ PickCase }, { rounds, log }) {
  const kinds = [
    ['p2c', 'p2c', false],
    ['p2c, by weight', 'p2c', true],
    ['leastLoaded', 'leastLoaded', false],
    ['roundRobin', 'roundRobin', false],
    ['weightedRandom, by weight', 'weightedRandom', true],
    ['consistentHash', 'consistentHash', false],
  ];
  const cases = kinds.flatMap(([title, name, weighted]) =>
    [FEW, MANY].map((endpoints) => ({
      title,
      endpoints,
      picks: PICKS[name] ?? 50_000,
      subject: new PickCase(name, endpoints, weighted),
      nanos: [],
    })),
  );
  for (const { subject, picks } of cases) subject.traffic(picks * 2);
  for (let round = 0; round < rounds; round++) {
    log(`picks: round ${round + 1} of ${rounds}`);
    for (const { subject, picks, nanos } of inTurn(round, cases)) {
      subject.traffic(picks / 2);
      nanos.push(subject.measure(picks));
    }
  }
  const rows = kinds.map(([title]) => {
    const [few, many] = cases.filter((one) => one.title === title).map(({ nanos }) => median(nanos));
    return [title, few.toFixed(0), many.toFixed(0), `${(many / few).toFixed(1)}x`];
  });
  return {
    heading: 'A pick, CPU nanoseconds',
    columns: ['', '10 endpoints', '10,000 endpoints', 'times'],
    rows,
  };
}

function updateTable({ UpdateCase }, { rounds, log }) {
  const kinds = [
    ['p2c', 'p2c', false, MANY],
    ['p2c, by weight', 'p2c', true, MANY],
    ['weightedRandom, by weight', 'weightedRandom', true, MANY],
    ['consistentHash', 'consistentHash', false, 1_000],
  ];
  const rows = kinds.map(([title, name, weighted, endpoints]) => {
    log(`updates: ${title}`);
    const subject = new UpdateCase(name, endpoints, weighted);
    const times = Array.from({ length: rounds + 1 }, () => subject.measure(CHANGED)).slice(1);
    return [title, endpoints.toLocaleString('en-US'), median(times).toFixed(1)];
  });
  return {
    heading: 'A list of which 100 endpoints are replaced',
    columns: ['', 'endpoints', 'CPU ms until picks go by it'],
    rows,
  };
}

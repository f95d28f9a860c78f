// npm run bench: this library, its peers and the bare socket, in one interleaved run. `--help` lists the options.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { balancing } from './balancing/main.mjs';
import { endAll } from './lib/child.mjs';
import { measureDirect } from './lib/direct.mjs';
import { prepareJava } from './lib/java.mjs';
import { measureCalls, measureCodecs, wantsCodec } from './lib/measure.mjs';
import { measureMemory } from './lib/memory.mjs';
import { measureMesh } from './lib/mesh.mjs';
import { startPair } from './lib/pair.mjs';
import { payloads } from './lib/payloads.mjs';
import { hottest } from './lib/profile.mjs';
import { buildCodec, prepareSelf, SELF } from './lib/self.mjs';
import { asMarkdown, asText, tablesOf } from './lib/tables.mjs';
import { judge } from './lib/targets.mjs';

const help = `npm run bench [-- options]

  --quick          three short rounds, under 90 seconds; Java only where bench/java is built already
  --only <regex>   only cases whose name matches: "sofa-mesh-sdk pojo @128", "codec JSON list decode", "direct",
                   "mesh", "memory"
  --targets        what the library set out to reach beside what was measured
  --json           one JSON object on standard output instead of tables
  --markdown       write the tables into docs/performance.md as well
  --rounds <n>     rounds (5; 3 with --quick)
  --ms <n>         milliseconds a block of calls (1000; 200 with --quick)
  --balancing      the balancers in a simulated fleet and what they cost, alone; with --quick and --markdown
                   (docs/balancing.md)
  --profile        no measuring: CPU profiles of our own client and server into bench/profiles, the hottest
                   functions on standard output; with --payload (pojo) and --concurrency (128)
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    targets: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    ms: { type: 'string' },
    balancing: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    payload: { type: 'string', default: 'pojo' },
    concurrency: { type: 'string', default: '128' },
    help: { type: 'boolean', default: false },
  },
});

const log = (line) =>
  process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

try {
  if (options.help) process.stdout.write(help);
  else if (options.balancing) await balancing(options, log);
  else if (options.profile) await profileSelf(options.payload, Number(options.concurrency));
  else await bench();
} catch (error) {
  log(`The bench failed: ${error.stack}`);
  process.exitCode = 1;
} finally {
  await endAll();
}

async function bench() {
  const only = new RegExp(options.only ?? '');
  // A JVM takes longer to warm up than a quick run lasts.
  const left = options.quick ? /^java (?!pojo @(16|128)$)/ : /^$/;
  const wanted = (name) => only.test(name) && !left.test(name);
  const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
  const ms = Number(options.ms ?? (options.quick ? 200 : 1000));
  const skip = new Set();
  const notes = [];
  const leaveOut = (name, why) => {
    if (!why) return;
    skip.add(name);
    notes.push(why);
    log(why);
  };
  leaveOut(SELF, prepareSelf());
  if (!skip.has(SELF) && wantsCodec(wanted)) buildCodec();
  const java = levels().some((level) => wanted(`java ${level}`));
  if (java) leaveOut('java', prepareJava({ mayBuild: !options.quick, log }));
  if (options.quick && java && !skip.has('java')) {
    notes.push('A quick run is too short for the JVM to warm up: take the figures of Java from a full run.');
  }

  const failed = (what, error) => {
    notes.push(`FAILED: ${what}: ${error.message.split('\n')[0]}`);
    log(`FAILED: ${what}: ${error.stack.split('\n').slice(0, 4).join('\n')}`);
    process.exitCode = 1;
  };
  const run = { wanted, skip, rounds, log, failed };
  const report = {
    node: process.version,
    cores: availableParallelism(),
    cases: await measureCalls({ ...run, ms, warmMs: options.quick ? 2000 : 20_000 }),
    codec: await measureCodecs({ ...run, ms: Math.ceil(ms / 6), warmMs: options.quick ? 200 : 5000 }),
    direct: wanted('direct') && !skip.has(SELF) ? await directOr(failed, { rounds, ms, log }) : null,
    mesh: wanted('mesh') && !skip.has(SELF) ? await meshOr(failed, { rounds, ms, log }) : null,
    memory: wanted('memory') && !skip.has(SELF) ? await memoryOr(failed) : null,
    notes,
  };
  report.targets = judge(report);

  const tables = tablesOf(report, { withTargets: options.targets || options.markdown });
  if (options.markdown) writeMarkdown(report, tables);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else
    process.stdout.write(
      ['', `Node ${report.node}, ${report.cores} cores`, '', ...tables.map(asText), ...notes, ''].join('\n'),
    );
}

async function directOr(failed, { rounds, ms, log }) {
  try {
    return await measureDirect({ rounds, ms, warmMs: ms * 20, log });
  } catch (error) {
    failed('direct', error);
    return null;
  }
}

async function meshOr(failed, { rounds, ms, log }) {
  try {
    return await measureMesh({ rounds, ms, warmMs: ms * 20, log });
  } catch (error) {
    failed('mesh', error);
    return null;
  }
}

async function memoryOr(failed) {
  try {
    return await measureMemory({ log });
  } catch (error) {
    failed('memory', error);
    return null;
  }
}

function levels() {
  return Object.entries(payloads).flatMap(([kind, { concurrency }]) =>
    concurrency.map((level) => `${kind} @${level}`),
  );
}

/** Replaces what stands between the markers. */
function writeMarkdown(report, tables) {
  const file = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
  const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->'];
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`${file} has no ${begin} .. ${end}: put the two lines where the tables go.`);
  const intro = `Measured on Node ${report.node}, ${report.cores} cores, ${new Date().toISOString().slice(0, 10)}.`;
  const made = [begin, '', intro, '', ...tables.map(asMarkdown), ...report.notes, end].join('\n');
  writeFileSync(file, page.slice(0, from) + made + page.slice(to + end.length));
  log(`Wrote ${file}`);
}

async function profileSelf(kind, concurrency) {
  const why = prepareSelf();
  if (why) throw new Error(why);
  const folder = fileURLToPath(new URL('profiles/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const pair = await startPair(SELF, kind);
  await pair.warm(payloads[kind].warm, concurrency, 10_000);
  const plain = await pair.run(concurrency, 1000);
  log(
    `Unprofiled: ${plain.cpuMicros.toFixed(2)} µs a call, client ${plain.clientMicros.toFixed(2)}, server ${plain.serverMicros.toFixed(2)}`,
  );
  const sides = ['client', 'server'].map((side) => ({
    side,
    file: `${folder}${side}-${kind}-${concurrency}.cpuprofile`,
  }));
  for (const { side } of sides) await pair[side].ask('profile');
  await pair.run(concurrency, 3000);
  for (const { side, file } of sides) await pair[side].ask('profile', { file });
  await pair.end();
  for (const { side, file } of sides) {
    process.stdout.write(`\n${side}: ${file}\n`);
    for (const { part, name, place } of hottest(JSON.parse(readFileSync(file, 'utf8')))) {
      process.stdout.write(`  ${(part * 100).toFixed(1).padStart(5)}%  ${name.padEnd(36)} ${place}\n`);
    }
  }
}

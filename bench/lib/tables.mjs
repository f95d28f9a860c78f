// The report for readers: aligned text for a terminal, the same tables in Markdown for docs/performance.md.
import { codecs } from '../codecs/index.mjs';
import { peers } from '../peers/index.mjs';
import { codecPayloads } from './codec-payloads.mjs';
import { directOverhead } from './direct.mjs';
import { meshOverhead } from './mesh.mjs';
import { payloads } from './payloads.mjs';
import { SELF } from './self.mjs';
import { judge } from './targets.mjs';

const number = (value) =>
  value === null || value === undefined
    ? '-'
    : value.toLocaleString('en-US', { maximumSignificantDigits: value >= 1000 ? 7 : 3 });
const times = (value) => (value === null ? '-' : `${number(value)}x`);

/** [{ heading, columns, rows }] */
export function tablesOf(report, { withTargets }) {
  const tables = [];
  for (const [kind, { title }] of Object.entries(payloads)) {
    const cases = report.cases.filter(({ payload }) => payload === kind);
    for (const concurrency of new Set(cases.map((one) => one.concurrency))) {
      tables.push({
        heading: `${title}, ${concurrency} ${concurrency === 1 ? 'call' : 'calls'} at once`,
        columns: [
          '',
          'calls/s',
          'p50 ms',
          'p99 ms',
          'CPU µs a call',
          'client',
          'server',
          'times ours',
          'spread',
        ],
        rows: cases
          .filter((one) => one.concurrency === concurrency)
          .map((one) => [
            peers[one.name].title,
            ...[
              one.callsPerSecond,
              one.p50Ms,
              one.p99Ms,
              one.cpuMicros,
              one.clientMicros,
              one.serverMicros,
            ].map(number),
            times(one.ratioToSelf),
            `${Math.round(one.spread * 100)}%`,
          ]),
      });
    }
  }
  if (report.codec.length > 0) tables.push(codecTable(report.codec));
  if (report.direct) tables.push(directTable(report.direct));
  if (report.mesh) tables.push(meshTable(report.mesh));
  if (report.memory) tables.push(memoryTable(report.memory));
  if (withTargets) tables.push(targetTable(report));
  return tables;
}

function codecTable(results) {
  const names = Object.keys(codecs).filter((name) => results.some((one) => one.name === name));
  const rows = [];
  for (const [payload, { title }] of Object.entries(codecPayloads)) {
    for (const operation of ['encode', 'decode']) {
      const of = (name) =>
        results.find((one) => one.name === name && one.payload === payload && one.operation === operation);
      if (!names.some(of)) continue;
      rows.push([
        `${title}, ${operation}`,
        ...names.map((name) => {
          const one = of(name);
          if (!one) return '-';
          return one.name === SELF || one.ratioToSelf === null
            ? number(one.nanos)
            : `${number(one.nanos)} (${times(one.ratioToSelf)})`;
        }),
      ]);
    }
  }
  return {
    heading: 'Codec, CPU nanoseconds an operation (times ours)',
    columns: ['', ...names.map((name) => codecs[name].title)],
    rows,
  };
}

const directTable = (direct) => ({
  heading: 'The direct stack, ten-field POJO, 128 calls at once: CPU µs a call',
  columns: ['', 'both', 'client', 'server', 'over the bare client', 'spread'],
  rows: direct.map((one) => [
    `${one.endpoints} ${one.endpoints === 1 ? 'endpoint' : 'endpoints'}, ${one.stack ? 'everything on' : 'bare client'}`,
    ...[one.cpuMicros, one.clientMicros, one.serverMicros].map(number),
    one.stack ? `${(directOverhead(direct, one.endpoints) * 100).toFixed(0)}%` : '-',
    `${Math.round(one.spread * 100)}%`,
  ]),
});

const meshTable = (mesh) => ({
  heading: 'The sidecar and the policy, ten-field POJO, 128 calls at once: CPU µs a call',
  columns: ['', 'both', 'client', 'server', 'over mode direct', 'p50 ms', 'spread'],
  rows: mesh.map((one) => [
    one.title,
    ...[one.cpuMicros, one.clientMicros, one.serverMicros].map(number),
    one.over ? `${(meshOverhead(mesh, one.name) * 100).toFixed(1)}%` : '-',
    number(one.p50Ms),
    `${Math.round(one.spread * 100)}%`,
  ]),
});

const memoryTable = (memory) => ({
  heading: 'Memory, bytes',
  columns: ['', 'client', 'server', 'both'],
  rows: [
    ['an idle connection', memory.idleClientBytes, memory.idleServerBytes, memory.idleConnectionBytes],
    [
      'the same, bare `net` sockets',
      memory.rawIdleClientBytes,
      memory.rawIdleServerBytes,
      memory.rawIdleConnectionBytes,
    ],
    [
      'heap of a call in flight',
      memory.callInFlightClientBytes,
      memory.callInFlightServerBytes,
      memory.callInFlightClientBytes + memory.callInFlightServerBytes,
    ],
  ].map(([title, ...values]) => [title, ...values.map(number)]),
});

const targetTable = (report) => ({
  heading: 'Targets',
  columns: ['target', 'measured', ''],
  rows: judge(report).map(({ text, measured, reached }) => [
    text,
    number(measured),
    reached === null ? 'not measured' : reached ? 'reached' : 'NOT reached',
  ]),
});

export function asText({ heading, columns, rows }) {
  const widths = columns.map((_, i) => Math.max(...[columns, ...rows].map((row) => row[i].length)));
  const line = (row) =>
    row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[0]))).join('  ');
  return [
    heading,
    line(columns),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(line),
    '',
  ].join('\n');
}

export function asMarkdown({ heading, columns, rows }) {
  const line = (row) => `| ${row.join(' | ')} |`;
  const ruler = `|${columns.map((_, i) => (i ? ' --: |' : ' --- |')).join('')}`;
  return [`### ${heading}`, '', line(columns), ruler, ...rows.map(line), ''].join('\n');
}

// npm run bench -- --balancing: the tables of docs/balancing.md, on standard output or, with --markdown, in there.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { asMarkdown, asText } from '../lib/tables.mjs';
import { balancingTables } from './tables.mjs';

/** @param {{ quick: boolean, markdown: boolean }} options @param {(line: string) => void} log */
export async function balancing({ quick, markdown }, log) {
  const tables = await balancingTables({ quick, log });
  if (!markdown) {
    process.stdout.write(tables.map(asText).join('\n'));
    return;
  }
  const page = fileURLToPath(new URL('../../docs/balancing.md', import.meta.url));
  const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->'];
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no ${begin} .. ${end}`);
  const date = new Date().toISOString().slice(0, 10);
  const where = `Node ${process.version}, ${availableParallelism()} cores, ${date}.`;
  const made = [begin, '', where, '', ...tables.map(asMarkdown), end].join('\n');
  writeFileSync(page, text.slice(0, from) + made + text.slice(to + end.length));
  log(`Wrote ${page}`);
}

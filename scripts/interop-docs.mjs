// docs/interop.md: what was tried against real Java, one line a case, from the titles of the tests. `--write` writes the
// file; without it the exit code says whether the file is current.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { at, fail, root } from './project.mjs';

const FILE = 'docs/interop.md';

/** The suites in the order of the page, and what each is about.
 * @type {readonly { file: string, heading: string, about: string }[]} */
const SUITES = [
  {
    file: 'node-to-java.test.ts',
    heading: 'Node.js client → Java provider',
    about:
      'Java computes what it answers, or compares what it was given with a value of its own; an echo would prove nothing.',
  },
  {
    file: 'java-to-node.test.ts',
    heading: 'Java consumer → Node.js server',
    about:
      'The Java program computes what it expects and is the judge. Where a call must fail, the same call to a Java provider says what a Java caller is used to.',
  },
  {
    file: 'judged-by-java.test.ts',
    heading: 'Bytes judged by the Java Hessian library',
    about:
      'Random values of every type: what the typed encoder writes is decoded by hessian 3.5.5 and compared, class by class and field by field, and the other way round.',
  },
  {
    file: 'wire-modes.test.ts',
    heading: 'Bolt, version by version',
    about: 'Frames are kept by a relay between the two and read apart from the library.',
  },
];

const INTRO = `# Tried against real Java

The other side of every case below is \`com.alipay.sofa:sofa-rpc-all\` 5.13.2 (Bolt 1.6.10, Hessian 3.5.5) on Java 17. Each line
is one test; a type's line covers all its values, both read and written. \`npm run test:interop -- java\` builds the Java program
(Maven, about a minute the first time), starts it, runs all of it and stops it again. This page is made of the tests'
titles by \`node scripts/interop-docs.mjs --write\`.

Java cannot read from Java a returned \`short\`, \`byte\`, \`float\`, \`char\` (boxed or not) or \`char[]\`: they are an Integer, a
Double or a String on the wire. A Java consumer of a Node.js server fails the same way, and a test says so. As
arguments, as fields and towards Node.js they work.
`;

/** The page, from the titles that vitest collects without running a test. */
export function interopPage() {
  const run = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'list',
      '--json',
      '--config=vitest.interop.config.ts',
      'test/interop/java/',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 24 },
  );
  if (run.status !== 0) throw new Error(`vitest list failed:\n${run.stderr}`);
  /** @type {{ name: string, file: string }[]} */
  const tests = JSON.parse(run.stdout);
  const sections = SUITES.map(({ file, heading, about }) => {
    const names = tests.filter((test) => basename(test.file) === file).map(({ name }) => name);
    if (names.length === 0) throw new Error(`no tests in ${file}`);
    return `## ${heading}: ${names.length} cases\n\n${about}\n${groupsOf(names)}`;
  });
  return `${INTRO}\n${sections.join('\n')}`;
}

/** Titles under their describe blocks.
 * @param {string[]} names */
function groupsOf(names) {
  const groups = new Map();
  for (const name of names) {
    const parts = name.split(' > ');
    const title = parts.pop();
    const group = parts.join(': ');
    groups.set(group, [...(groups.get(group) ?? []), `- ${plain(title)}`]);
  }
  return [...groups]
    .map(([group, lines]) => `\n### ${capital(plain(group))}\n\n${lines.join('\n')}\n`)
    .join('');
}

/** Markdown would take these for its own.
 * @param {string | undefined} text */
function plain(text = '') {
  return text.replace(/[<>_*`\\]/g, '\\$&');
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const page = interopPage();
  if (process.argv.includes('--write')) writeFileSync(at(FILE), page);
  else if (readFileSync(at(FILE), 'utf8') !== page)
    fail(`${FILE} is old: run node scripts/interop-docs.mjs --write`);
}

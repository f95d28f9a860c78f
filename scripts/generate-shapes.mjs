// src/hessian/shapes.ts: writes the copies of its getter and its setter, between its two marks. How many copies, and of how
// many fields, is said here alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { at } from './project.mjs';

const FILE = 'src/hessian/shapes.ts';
const COPIES = 16;
const FIELDS = 16;

const BEGIN = '// Written by scripts/generate-shapes.mjs from here ..\n';
const END = '// .. to here.\n';

/** The text of the file with its copies written anew.
 * @param {string} source */
export function withCopies(source) {
  const begin = source.indexOf(BEGIN);
  const end = source.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${FILE} has lost the marks that its copies stand between.`);
  return source.slice(0, begin + BEGIN.length) + copies() + source.slice(end);
}

function copies() {
  const getter = functionOf('o, n, i', (at) => `return o[n[${at}]];`);
  const setter = functionOf('o, n, i, v', (at) => `o[n[${at}]] = v; return;`, 'o[n[i]] = v;');
  return `const COPIES = ${COPIES};

${tableOf('GETTERS', 'Get', getter)}
${tableOf('SETTERS', 'Put', setter)}`;
}

/** A function with a place of its own for each field, and one for those that are left.
 * @param {string} parameters @param {(at: number | string) => string} access @param {string} [left] */
function functionOf(parameters, access, left = access('i')) {
  const cases = Array.from({ length: FIELDS }, (_, at) => `case ${at}: ${access(at)}`);
  return `(${parameters}) => { switch (i) { ${cases.join(' ')} default: ${left} } }`;
}

/** @param {string} name @param {string} type @param {string} copy */
function tableOf(name, type, copy) {
  const lines = `  ${copy},\n`.repeat(COPIES);
  return `// biome-ignore format: a copy a line\nconst ${name}: readonly ${type}[] = [\n${lines}];\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(at(FILE), withCopies(readFileSync(at(FILE), 'utf8')));
}

import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeUtf8, TextFile } from './text-file.js';

const NOT_THE_APPS = new Set(['node_modules', 'bower_components', 'dist', 'coverage', '.git', '.hg', '.svn']);
const LOCKS = new Set(['package-lock.json', 'npm-shrinkwrap.json']);
const CODE = /\.[cm]?[jt]sx?$/;
const JSON_TEXT = /\.json[5c]?$|^\.(?:babelrc|swcrc|eslintrc)$/;
const MINIFIED_NAME = /[.-]min\.[cm]?js$/;
/** Nobody writes files of this size. */
const MAX_BYTES = 4 << 20;
/** Characters a line, on average: code that people write has 30 to 50. */
const MINIFIED_LINE = 400;
const OLD_NAME = /sofa-(?:rpc|bolt)-node/;

/** A file that can be read. */
export interface ReadFile {
  readonly kind: 'code' | 'json';
  readonly file: TextFile;
  /** As they were read, so that a later write can tell whether somebody else wrote in between. */
  readonly bytes: Buffer;
}

/** A file that names an old package and is left alone. */
export interface SkippedFile {
  readonly file: string;
  readonly why: string;
  /** A person has to change it: nothing makes it anew. */
  readonly isLeft: boolean;
}

/** What a folder holds of code and JSON. Links are not followed, so that nothing outside of the folder is touched. */
export async function filesOf(root: string): Promise<{ files: ReadFile[]; skipped: SkippedFile[] }> {
  const files: ReadFile[] = [];
  const skipped: SkippedFile[] = [];
  for await (const path of pathsIn(root, '')) {
    const kind = kindOf(path);
    if (kind === undefined) continue;
    const full = join(root, path);
    if ((await lstat(full)).size > MAX_BYTES) continue;
    const bytes = await readFile(full);
    const why = (reason: string, isLeft: boolean) => {
      if (OLD_NAME.test(bytes.toString('latin1'))) skipped.push({ file: path, why: reason, isLeft });
    };
    const text = decodeUtf8(bytes);
    if (text === undefined)
      why('it is not UTF-8, and would not be written back as it was: change it by hand', true);
    else if (kind === 'code' && isMinified(path, text))
      why('minified: it is made from something else', false);
    else files.push({ kind, file: new TextFile(path, text), bytes });
  }
  return { files, skipped };
}

async function* pathsIn(root: string, folder: string): AsyncIterable<string> {
  const entries: Dirent[] = await readdir(join(root, folder), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && !NOT_THE_APPS.has(entry.name)) yield* pathsIn(root, path);
  }
}

function kindOf(path: string): ReadFile['kind'] | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (CODE.test(name)) return 'code';
  return JSON_TEXT.test(name) && !LOCKS.has(name) ? 'json' : undefined;
}

function isMinified(path: string, text: string): boolean {
  if (MINIFIED_NAME.test(path)) return true;
  const lines = text.split('\n').length;
  return text.length > 10 * MINIFIED_LINE && text.length / lines > MINIFIED_LINE;
}

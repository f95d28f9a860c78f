// Maven projects of the tests: built when their sources have changed, or when their libraries are gone.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The class path of a project's libraries, which its build writes down. */
export function libraries(project: string): string {
  return readFileSync(join(project, 'target/classpath.txt'), 'utf8').trim();
}

/** Packages a project, unless what is in target/ was made of the same sources. `jar`: what it makes, if anything. */
export async function buildMaven(project: string, jar?: string): Promise<void> {
  const stamp = join(project, 'target/built.sha256');
  const sources = sourcesHash(project);
  const made = jar === undefined ? [] : [join(project, 'target', jar)];
  const isBuilt = existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
  if (isBuilt && [...made, ...libraries(project).split(':')].every(existsSync)) return;
  const maven = (...args: string[]) =>
    promisify(execFile)('mvn', ['-q', '-B', ...args, 'package'], { cwd: project, maxBuffer: 1 << 24 });
  await maven('-o').catch(() => maven());
  writeFileSync(stamp, sources);
}

function sourcesHash(project: string): string {
  const hash = createHash('sha256').update(readFileSync(join(project, 'pom.xml')));
  const src = join(project, 'src');
  const entries = existsSync(src) ? readdirSync(src, { recursive: true, withFileTypes: true }) : [];
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

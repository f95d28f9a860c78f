// The reference sidecar agent (test/interop/sidecar, in Go): built when its sources have changed, for scripts and tests.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { at } from './project.mjs';

const project = at('test/interop/sidecar');
const program = join(project, 'target/sidecar');
const stamp = join(project, 'target/built.sha256');

/** Resolves to the program. The first build fetches MOSN's modules and takes a minute or two.
 * @param {(message: string) => void} [say] told that a build begins
 * @returns {Promise<string>} */
export async function buildSidecar(say = () => {}) {
  const sources = sourcesHash();
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return program;
  say('Building the sidecar; the first time, with its modules, this takes a minute or two ..');
  mkdirSync(join(project, 'target'), { recursive: true });
  // Under a name of its own: two test runs may build at once.
  const built = `${program}.${process.pid}`;
  await promisify(execFile)('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', built, '.'], {
    cwd: project,
    env: { ...process.env, CGO_ENABLED: '0' },
    maxBuffer: 1 << 24,
  });
  renameSync(built, program);
  writeFileSync(stamp, sources);
  return program;
}

function sourcesHash() {
  const hash = createHash('sha256');
  const names = readdirSync(project, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((name) => /\.go$|^go\.(mod|sum)$/.test(name)).sort())
    hash.update(name).update(readFileSync(join(project, name)));
  return hash.digest('hex');
}

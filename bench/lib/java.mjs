// Java SOFARPC to itself: its Maven project is bench/java.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../java/', import.meta.url));
const jar = `${project}target/sofa-mesh-sdk-bench-1.jar`;
const sources = [
  'pom.xml',
  ...['Order', 'EchoService', 'Peer'].map((c) => `src/main/java/com/acme/bench/${c}.java`),
];

const present = (tool) => !spawnSync(tool, ['-version'], { stdio: 'ignore' }).error;

function isBuilt() {
  if (!existsSync(jar)) return false;
  const built = statSync(jar).mtimeMs;
  return sources.every((source) => statSync(project + source).mtimeMs <= built);
}

/** Builds the project where needed. Answers why Java is left out, or undefined. */
export function prepareJava({ mayBuild, log }) {
  if (!present('java') || !present('mvn'))
    return 'Java SOFARPC was left out: it needs java and mvn on the PATH.';
  if (isBuilt()) return undefined;
  if (!mayBuild) return 'Java SOFARPC was left out of this quick run: a run without --quick builds it first.';
  log('Building bench/java with Maven ..');
  const { status, stdout } = spawnSync('mvn', ['-q', '-B', 'package'], { cwd: project, encoding: 'utf8' });
  return status === 0
    ? undefined
    : `Java SOFARPC was left out: its Maven build failed.\n${stdout.slice(-2000)}`;
}

/** @param {string} logs where SOFARPC may write its own logs @param {string[]} args */
export const jvmArguments = (logs, args) => [
  '-Xms512m',
  '-Xmx1g',
  `-Dlogging.path=${logs}`,
  // By default Bolt refuses to write once 64 KB wait: four calls of 1 MB would fail.
  `-Dbolt.netty.buffer.low.watermark=${8 << 20}`,
  `-Dbolt.netty.buffer.high.watermark=${16 << 20}`,
  ...['java.base/java.lang', 'java.base/java.math', 'java.base/java.util'].flatMap((name) => [
    '--add-opens',
    `${name}=ALL-UNNAMED`,
  ]),
  '-cp',
  [jar, `${project}target/lib/*`].join(delimiter),
  'com.acme.bench.Peer',
  ...args,
];

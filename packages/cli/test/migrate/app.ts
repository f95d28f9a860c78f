import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { main } from '../../src/cli.js';

/** The part of `--json` that tests look at. */
export interface JsonReport {
  written: boolean;
  changes: { file: string; line: number; column: number; from: string; to: string }[];
  needsPerson: {
    file: string;
    line: number;
    column: number;
    topic: string;
    message: string;
    lines?: string[];
  }[];
  services: {
    service?: string;
    contract: { isMet?: boolean; text: string };
    idempotent: { isMet?: boolean; text: string };
    registry: { isMet?: boolean; text: string };
    isReady: boolean;
    consumedAt: { file: string; line: number }[];
    servedAt: { file: string; line: number }[];
  }[];
  skipped: { file: string; why: string }[];
  exitCode: number;
}

/** An app in a folder of its own, gone when the test is over. */
export class TestApp {
  readonly root = mkdtempSync(join(tmpdir(), 'sofa-mesh-migrate-'));

  constructor(files: Readonly<Record<string, string | Buffer>>) {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Every file, by its path. */
  all(): Record<string, string> {
    const paths = readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      paths.sort().map((path) => [path.slice(this.root.length + 1), readFileSync(path, 'latin1')]),
    );
  }

  async run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
    const out: string[] = [];
    const err: string[] = [];
    const io = {
      stdin: (async function* () {})(),
      stdout: (line: string) => out.push(line),
      stderr: (line: string) => err.push(line),
    };
    const exitCode = await main(['migrate', this.root, ...args], io);
    return { exitCode, out: out.join('\n'), err: err.join('\n') };
  }

  async json(...args: string[]): Promise<JsonReport> {
    const { out, err } = await this.run('--json', ...(args.length === 0 ? ['--offline'] : args));
    if (out === '') throw new Error(err);
    return JSON.parse(out) as JsonReport;
  }
}

/** What becomes of one file when it is written. */
export async function rewritten(path: string, content: string): Promise<string> {
  const app = new TestApp({ [path]: content });
  await app.run('--write', '--offline');
  return app.read(path);
}

/** What a person is told of one file: `line:column topic`. */
export async function toldOf(path: string, content: string): Promise<string[]> {
  const { needsPerson } = await new TestApp({
    'package.json': '{ "dependencies": {} }',
    [path]: content,
  }).json();
  return needsPerson.map(({ line, column, topic }) => `${line}:${column} ${topic}`);
}

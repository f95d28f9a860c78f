// A process of a test that never outlives it, whatever becomes of either: a test run that is killed, a process that is
// stopped by SIGSTOP and could not end by itself.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/**
 * The command takes the place of this shell, so its process id is ours. A shell beside it reads descriptor 3, of which
 * only this process holds the other end: when that is closed, by us or by our death, the command is killed.
 */
const GUARD = '(exec >/dev/null 2>&1; cat <&3; kill -KILL $$) & exec "$@" 3<&-';
const KEPT_STDERR = 64 * 1024;

export class Guarded {
  readonly name: string;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  #stderr = '';
  #end: string | undefined;

  constructor(name: string, command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.name = name;
    this.#process = spawn('sh', ['-c', GUARD, name, command, ...args], {
      ...options,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.stdin.on('error', () => {});
    this.#process.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR);
    });
    const guard = this.#process.stdio[3]!;
    guard.on('error', () => {});
    this.#process.once('exit', () => guard.destroy());
    this.ended = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => {
        this.#end = `${this.name} ended (${signal ?? code}):\n${this.#stderr}`;
        resolve();
      });
    });
  }

  get stdin(): Writable {
    return this.#process.stdin!;
  }

  get stdout(): Readable {
    return this.#process.stdout!;
  }

  /** How it ended, with the end of what it said on standard error; undefined while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** The end of what it has said on standard error so far. */
  get said(): string {
    return this.#stderr;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Asks it to end by `signal`, kills it where that does not help within `graceMs`, and waits for it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 5_000): Promise<void> {
    this.signal(signal);
    // One that stands still hears nothing.
    this.signal('SIGCONT');
    await this.over(graceMs);
  }

  /** Waits for it, and kills it after `graceMs`. */
  async over(graceMs: number): Promise<void> {
    const kill = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(kill);
  }
}

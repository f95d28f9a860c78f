// A program of ours in another process, driven by lines of JSON: {id, cmd, ..} in, {id, value | thrown | wrong} out.
// It says {ready: ..} once, before it takes commands.
import { createInterface } from 'node:readline';
import type { Guarded } from './guarded.js';

/** What a program answers: a value, what was thrown in it, or what it found wrong with the other side's answer. */
export interface Answer<Thrown = unknown> {
  readonly value?: unknown;
  readonly thrown?: Thrown;
  readonly wrong?: string;
}

export type Command = { readonly cmd: string } & Record<string, unknown>;

export class LineProcess<Thrown = unknown> {
  readonly process: Guarded;
  /** What it said when it was ready. */
  readonly ready: Promise<unknown>;
  readonly #waiting = new Map<number, (answer: Answer<Thrown>) => void>();
  #next = 0;

  constructor(process: Guarded) {
    this.process = process;
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: process.stdout }).on('line', (line) => {
        const { id, ready, ...answer } = JSON.parse(line);
        if (ready !== undefined) resolve(ready);
        this.#waiting.get(id)?.(answer);
        this.#waiting.delete(id);
      });
      process.ended.then(() => {
        reject(new Error(`before it was ready, ${process.end}`));
        for (const answer of this.#waiting.values()) answer({ wrong: process.end });
        this.#waiting.clear();
      });
    });
    this.ready.catch(() => {});
  }

  /** Runs one command; commands run side by side. */
  ask(command: Command): Promise<Answer<Thrown>> {
    if (this.process.end !== undefined) return Promise.resolve({ wrong: this.process.end });
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.process.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }

  /** The value of a command; an error where the program threw or disagreed. */
  async value(command: Command): Promise<unknown> {
    const { value, thrown, wrong } = await this.ask(command);
    if (wrong !== undefined) throw new Error(`${this.process.name} disagrees: ${wrong}`);
    if (thrown !== undefined) throw new Error(`${this.process.name} threw ${JSON.stringify(thrown)}`);
    return value;
  }

  /** Ends it: its stdin first, the process where that does not help. */
  async stop(): Promise<void> {
    this.process.stdin.end();
    await this.process.over(5_000);
  }
}

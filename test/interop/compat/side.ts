// One side of the comparison: run.mjs in a process that is started anew where a scenario hangs or ends it.
import { fileURLToPath } from 'node:url';
import { Guarded } from '../../support/guarded.js';
import { LineProcess } from '../../support/line-process.js';
import type { Scenario } from './world/world.mjs';

const PROGRAM = fileURLToPath(new URL('run.mjs', import.meta.url));
const LIMIT_MS = 15_000;

export type SideName = 'old' | 'new';

/** What became of a scenario. */
export interface Outcome {
  readonly result?: unknown;
  /** The scenario itself failed: it did not end, or threw. */
  readonly thrown?: unknown;
  readonly uncaught?: unknown[];
  readonly skipped?: string;
}

export class Side {
  #program: LineProcess | undefined;

  constructor(
    private readonly name: SideName,
    private readonly other: SideName,
    private readonly env: Readonly<Record<string, string>>,
    /** A process of its own for every scenario. */
    private readonly fresh = false,
  ) {}

  async run({ id, spoils = false }: Scenario): Promise<Outcome> {
    this.#program ??= this.#start();
    const program = this.#program;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve({ thrown: `hangs: not over in ${LIMIT_MS} ms` }), LIMIT_MS);
    });
    const answered = program
      .ask({ cmd: 'run', scenario: id })
      .then(({ value, wrong }): Outcome => (value as Outcome | undefined) ?? { thrown: wrong });
    const outcome = await Promise.race([answered, late]);
    clearTimeout(timer);
    if (this.fresh || spoils || outcome.thrown !== undefined) await this.stop('SIGKILL');
    return outcome;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    await program?.process.stop(signal);
  }

  #start(): LineProcess {
    const args = [PROGRAM, this.name, this.other];
    const env = { ...process.env, ...this.env };
    return new LineProcess(new Guarded(`compat ${this.name}`, process.execPath, args, { env }));
  }
}

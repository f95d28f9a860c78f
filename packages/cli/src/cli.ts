import { readFile } from 'node:fs/promises';
import { cac } from 'cac';
import { type DecodeSettings, decodeLine } from './decode.js';
import { migrate } from './migrate/migrate.js';

/** What a command talks to. */
export interface Io {
  /** Lines of standard input. */
  stdin: AsyncIterable<string>;
  stdout(line: string): void;
  stderr(line: string): void;
}

interface DecodeOptions {
  file?: string;
  hessian?: boolean;
  grammar?: string;
  multi?: boolean;
  generic?: boolean;
}

interface MigrateFlags {
  write?: boolean;
  json?: boolean;
  offline?: boolean;
  registry?: string;
}

/** Runs `sofa-mesh` with the arguments after the program's name. Returns the exit code: 2 for a wrong use. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const cli = cac('sofa-mesh');
  cli
    .command('decode [...hex]', 'Show Bolt frames or Hessian values, one JSON object a line')
    .option(
      '--file <path>',
      'Read lines of hex from a file; without it and without arguments, from standard input',
    )
    .option('--hessian', 'The input is bare Hessian values instead of Bolt frames')
    .option('--grammar <name>', 'Hessian grammar: sofa or final', { default: 'sofa' })
    .option('--multi', 'Bare values: print an array even where there is one value')
    .option('--generic', 'Show objects as the generic calls of Java do')
    .example('  $ sofa-mesh decode 01010000010000005301ffffffff0000000000000000')
    .action((hex: string[], options: DecodeOptions) => decode(hex, options, io));
  cli
    .command('migrate <dir>', 'Move an app from sofa-rpc-node and sofa-bolt-node to sofa-mesh-sdk/compat')
    .option('--write', 'Write the changes; without it they are shown')
    .option('--json', 'Print one JSON object')
    .option('--registry <url>', 'Look for the services there, instead of in the registries of the code')
    .option('--offline', 'Ask no registry')
    .example('  $ sofa-mesh migrate . --write')
    .action((dir: string, flags: MigrateFlags) => runMigrate(dir, flags, io));
  cli.help();
  try {
    cli.parse(['node', 'sofa-mesh', ...args.map(explicitFlag)], { run: false });
    if (cli.options.help === true) return 0;
    if (cli.matchedCommand === undefined)
      throw new Error('expected a command: sofa-mesh decode or sofa-mesh migrate; see --help');
    return await cli.runMatchedCommand();
  } catch (error) {
    io.stderr(`sofa-mesh: ${(error as Error).message}`);
    return 2;
  }
}

/** cac takes what follows a flag for its value, and `0190` for the number 190: `--hessian 0190` must say its own value. */
function explicitFlag(arg: string): string {
  return /^--(?:hessian|multi|generic|write|json|offline)$/.test(arg) ? `${arg}=true` : arg;
}

async function decode(hex: readonly string[], options: DecodeOptions, io: Io): Promise<number> {
  const grammar = String(options.grammar);
  if (grammar !== 'sofa' && grammar !== 'final')
    throw new Error(`unknown grammar '${grammar}': sofa or final`);
  const settings: DecodeSettings = {
    grammar,
    hessian: options.hessian === true,
    multi: options.multi === true,
    generic: options.generic === true,
  };
  let exitCode = 0;
  for await (const line of linesOf(hex, options, io)) {
    if (line.trim() === '') continue;
    for (const output of decodeLine(line, settings)) {
      if ('error' in output) exitCode = 1;
      io.stdout(JSON.stringify(output));
    }
  }
  return exitCode;
}

/** Exit codes: 0 where nothing is left for a person, 1 where something is, 2 for a wrong use. */
function runMigrate(dir: string, flags: MigrateFlags, io: Io): Promise<number> {
  const options = {
    write: flags.write === true,
    json: flags.json === true,
    offline: flags.offline === true,
    registry: flags.registry === undefined ? undefined : String(flags.registry),
  };
  return migrate(dir, options, (line) => io.stdout(line));
}

async function* linesOf(hex: readonly string[], options: DecodeOptions, io: Io): AsyncIterable<string> {
  yield* hex;
  if (options.file !== undefined) yield* (await readFile(String(options.file), 'utf8')).split('\n');
  else if (hex.length === 0) yield* io.stdin;
}

// sofa-rpc-node 2.10.0, as the bench installs it, and compat from its source: what a process of either side is made of.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Guarded } from '../../support/guarded.js';
import { LineProcess } from '../../support/line-process.js';

export type SideName = 'old' | 'new';

/** Both have the types of ours: that is what they are to have in common. */
export type Library = typeof import('sofa-mesh-sdk/compat');
export type RpcServer = InstanceType<Library['server']['RpcServer']>;
export type RpcServerOptions = ConstructorParameters<Library['server']['RpcServer']>[0];
export type RpcConsumer = ReturnType<InstanceType<Library['client']['RpcClient']>['createConsumer']>;

export async function libraryOf(side: SideName): Promise<Library> {
  if (side === 'new') return import('sofa-mesh-sdk/compat');
  return createRequire(new URL('../../../bench/package.json', import.meta.url))('sofa-rpc-node');
}

const quiet = () => {};

/** Says nothing but what an operator should know, which ends up with the process. */
export const logger = { debug: quiet, info: quiet, warn: console.error, error: console.error };

/** A server on a free port of 127.0.0.1: the old library knows no host, and listens on every interface. */
export function loopbackServer(
  side: SideName,
  { server: { RpcServer } }: Library,
  options: Partial<RpcServerOptions>,
): RpcServer {
  const all = { logger, host: '127.0.0.1', port: 0, publishAddress: '127.0.0.1', ...options };
  if (side === 'new') return new RpcServer(all);
  class LoopbackServer extends RpcServer {
    protected override _startServer(port: number): Server {
      const listener = createServer((socket) => this._handleSocket(socket));
      listener.once('error', (error) => this.emit('error', error));
      return listener.listen(port, '127.0.0.1', () => {
        const bound = listener.address();
        if (typeof bound === 'object' && bound !== null) this.publishPort = bound.port;
      });
    }
  }
  return new LoopbackServer(all);
}

/** Starts one of this folder's programs, which say `{ready}` and then take commands. */
export function startProgram(file: URL, name: string, args: readonly string[]): LineProcess {
  const path = fileURLToPath(file);
  return new LineProcess(new Guarded(name, process.execPath, ['--import', 'tsx', path, ...args]));
}

/** What such a program does by commands. Its standard output is for the answers: the old library writes there, too. */
// biome-ignore lint/suspicious/noExplicitAny: each command knows what it is given
export function takeCommands(commands: Record<string, (command: any) => unknown>, ready: unknown): void {
  const say = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const print = (line: unknown) => say(`${JSON.stringify(line)}\n`);
  const lines = createInterface({ input: process.stdin });
  lines.on('close', () => process.exit());
  lines.on('line', async (line) => {
    const { id, cmd, ...command } = JSON.parse(line);
    try {
      print({ id, value: (await commands[cmd](command)) ?? null });
    } catch (error) {
      print({ id, thrown: String(error instanceof Error ? error.stack : error) });
    }
  });
  print({ ready });
}

/** Whether this machine lacks one of the tools; says so, and what is skipped for that. */
export function lacks(what: string, ...tools: string[]): boolean {
  const missing = tools.filter((tool) => spawnSync(tool, ['-version'], { stdio: 'ignore' }).error);
  if (missing.length === 0) return false;
  console.warn(`${what}: skipped, for it is not on the PATH: ${missing.join(', ')}`);
  return true;
}

// sofa-rpc-node 2.10.0 in a process of its own. It is installed with the bench, whose peer it is too.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Guarded } from '../../support/guarded.js';
import { LineProcess } from '../../support/line-process.js';

const PROJECT = fileURLToPath(new URL('../../../scripts/project.mjs', import.meta.url));
const PROGRAM = fileURLToPath(new URL('sofa-rpc-node.mjs', import.meta.url));

/** One process with as many providers and consumers of com.lab.GreetService as a test wants, by name. */
export class SofaRpcNodePeer {
  private constructor(private readonly program: LineProcess) {}

  /** Installs it, unless it is there. */
  static async install(): Promise<void> {
    const install = `import('${PROJECT}').then(({ at, ensureInstalled }) => ensureInstalled(at('bench')))`;
    await promisify(execFile)(process.execPath, ['-e', install]);
  }

  /** `address`: `host:port/root`. It must be installed. */
  static async start(address: string): Promise<SofaRpcNodePeer> {
    const program = new LineProcess(new Guarded('sofa-rpc-node', process.execPath, [PROGRAM, address]));
    await program.ready;
    return new SofaRpcNodePeer(program);
  }

  /** A provider that answers by its name. Resolves to its port when it is in the registry. */
  async export(name: string): Promise<number> {
    return (await this.program.value({ cmd: 'export', name })) as number;
  }

  async refer(name: string): Promise<void> {
    await this.program.value({ cmd: 'refer', name });
  }

  /** Calls of a consumer, one after another: how often each provider answered, or which errors were thrown. */
  async call(name: string, times = 1): Promise<Record<string, number>> {
    return (await this.program.value({ cmd: 'call', name, times })) as Record<string, number>;
  }

  stop(): Promise<void> {
    return this.program.stop();
  }
}

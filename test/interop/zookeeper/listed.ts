import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { ZkAdmin } from './zk-admin.js';

/** What is listed for a service in ZooKeeper, looked at all the time: how many nodes, and how many addresses. */
export class Listed {
  nodes = 0;
  /** Every number of addresses that was seen, in order. */
  readonly addresses: number[] = [];
  mostNodes = 0;
  /** Whose nodes they are, of the newest look. */
  private pids: number[] = [];
  private isOver = false;
  private readonly looking: Promise<void>;

  private constructor(
    private readonly admin: ZkAdmin,
    private readonly path: string,
  ) {
    this.looking = this.look();
  }

  /** @param root as a URL of ours names it. */
  static async at(address: string, root: string, service = 'com.lab.FleetService'): Promise<Listed> {
    const admin = await ZkAdmin.connect(address);
    const looking = new Listed(admin, `/${root}/sofa-rpc/${service}/providers`);
    onTestFinished(() => looking.stop());
    return looking;
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      const names = await this.admin.children(this.path);
      const urls = names.map((name) => new URL(decodeURIComponent(name)));
      this.nodes = names.length;
      this.mostNodes = Math.max(this.mostNodes, this.nodes);
      this.pids = urls.map(({ searchParams }) => Number(searchParams.get('pid')));
      const count = new Set(urls.map(({ host }) => host)).size;
      if (this.addresses.at(-1) !== count) this.addresses.push(count);
      await sleep(2);
    }
  }

  async until(nodes: number): Promise<void> {
    while (this.nodes !== nodes) await sleep(10);
  }

  /** Until nothing of this process is listed. */
  async without(pid: number): Promise<void> {
    while (this.pids.includes(pid)) await sleep(10);
  }

  private async stop(): Promise<void> {
    this.isOver = true;
    await this.looking;
    await this.admin.close();
  }
}

/** The second part of the demo: a service on its way from direct connections to a sidecar and back, while it is called. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshClient, type PolicyDocument, Sidecar } from 'sofa-mesh-sdk';
import { expected, line, title } from './print.js';
import { type Calls, type Figures, Traffic } from './traffic.js';

/** A sidecar that comes and goes. */
export interface Actor {
  readonly api: string;
  readonly egress: string;
  start(): Promise<void>;
  /** As `kill -9`. */
  kill(): Promise<void>;
}

export interface Cast {
  /** Not running yet. */
  readonly sidecar: Actor;
  /** What it is, in words. */
  readonly sidecarIs: string;
  /** The provider's address. */
  readonly provider: string;
  readonly callsOf: (mesh: MeshClient) => Calls;
  /** Looks at what the provider has executed, where it can tell: in words. Throws where it is not what was called. */
  readonly judge?: (writes: number) => Promise<string>;
}

const LIMIT_MS = 20_000;

/** Tells the story. @throws where a call failed, or calls did not go where they should. */
export async function story(cast: Cast): Promise<void> {
  const { sidecar, provider } = cast;
  const folder = mkdtempSync(join(tmpdir(), 'sofa-mesh-demo-'));
  const file = join(folder, 'mesh-policy.json');
  const edit = (mesh: number) => {
    const policy: PolicyDocument = { services: { '*': { mesh } } };
    writeFileSync(file, `${JSON.stringify(policy)}\n`);
    note(`mesh-policy.json is edited: ${JSON.stringify(policy)}`);
  };

  title('From direct connections to the mesh, and back, while calls run');
  line('provider', `bolt://${provider}`);
  line('sidecar', `none yet; it is looked for at ${sidecar.api} (mesh API) and ${sidecar.egress} (egress)`);
  line('', `It will be ${cast.sidecarIs}.`);
  line('calls', '400 idempotent reads a second, and 20 writes, which must not be executed twice');
  line('', 'No write is on its way when the sidecar is killed: one that was sent and not answered');
  line('', 'cannot be repeated, so it would fail, and say `sent: true`. Reads go on.\n');

  edit(0);
  const logger = { warn: (text: string) => note(`warning: ${text}`) };
  const session = new Sidecar({ app: 'demo', api: sidecar.api, egress: sidecar.egress, logger });
  const mesh = new MeshClient({
    app: 'demo',
    mode: 'auto',
    registry: `bolt://${provider}`,
    sidecar: session,
    policy: file,
    timeoutMs: 10_000,
    logger,
  });
  const unheard = [
    mesh.on('switch', ({ from, to, reason }) => note(`switch: ${from} % -> ${to} %: ${reason}`)),
    mesh.on('degraded', ({ service = 'the sidecar', reason }) => note(`degraded: ${service}: ${reason}`)),
    mesh.on('recovered', ({ service = 'the sidecar', reason }) => note(`recovered: ${service}: ${reason}`)),
  ];

  const traffic = new Traffic(cast.callsOf(mesh));
  const table = new Table(traffic);
  /** Shows so many seconds, after the calls have come to go as they are meant to. */
  const act = async (
    what: string,
    seconds: number,
    isSo: () => boolean,
    isRight: (seen: Figures) => boolean,
  ) => {
    table.what = what;
    const end = performance.now() + LIMIT_MS;
    while (!isSo()) {
      if (performance.now() > end) throw new Error(`${what}: not so after ${LIMIT_MS} ms\n${mesh.status()}`);
      await table.next();
    }
    const shares: Figures[] = [];
    for (let second = 0; second < seconds; second++) shares.push(await table.next());
    const seen = sumOf(shares);
    if (!isRight(seen)) throw new Error(`${what}: calls went elsewhere: ${JSON.stringify(seen.ways)}`);
  };
  const share = () => mesh.status().services[0]?.share;
  const isUp = () => mesh.status().sidecar.share === 1;

  try {
    await act('no sidecar', 3, () => true, all('direct'));
    await table.during(sidecar.start().then(() => note('the sidecar has started')));
    await act('a sidecar is there, the policy says 0 %', 3, isUp, all('direct'));
    for (const reason of mesh.status().sidecar.reasons) note(`  ${reason}`);
    edit(25);
    await act('25 % through the sidecar', 8, () => share() === 25, isAbout(25));
    edit(100);
    await act('100 % through the sidecar', 6, () => share() === 100, all('mesh'));
    await traffic.holdWrites();
    table.what = 'the sidecar is dead';
    const killedAt = performance.now();
    await sidecar.kill();
    while (isUp()) await sleep(1);
    note(`kill -9, noticed after ${Math.round(performance.now() - killedAt)} ms: every call goes directly`);
    traffic.goOnWriting();
    await table.next();
    await act('the sidecar is dead', 5, () => true, all('direct'));
    await table.during(sidecar.start().then(() => note('the sidecar has started again, and knows nothing')));
    await act('the sidecar is back', 5, () => isUp() && share() === 100, all('mesh'));
    await traffic.stop();
    await conclude(cast, traffic);
  } finally {
    for (const end of unheard) end();
    await traffic.stop();
    await mesh.close();
    await session.close();
    await sidecar.kill();
    rmSync(folder, { recursive: true });
  }
}

async function conclude({ judge }: Cast, traffic: Traffic): Promise<void> {
  const { failures, figures, reads, writes } = traffic;
  const { mesh, direct, fallback } = figures.ways;
  console.log('');
  line('calls', `${reads + writes}: ${reads} reads, ${writes} writes`);
  line('ways', `mesh ${mesh}, direct ${direct}, fallback ${fallback}`);
  line('fallback', 'calls that the sidecar did not take or answer, and that went directly at once');
  for (const failure of failures) line('', failure);
  line('failed calls', `${figures.failed}`);
  expected(figures.failed, 0);
  expected(mesh + direct + fallback, reads + writes);
  if (judge !== undefined) line('provider', await judge(writes));
}

/** One line a second: which way the calls went that ended in it, and how long they took. */
class Table {
  what = '';
  private readonly startedAt = performance.now();
  private due = performance.now();

  constructor(private readonly traffic: Traffic) {
    const columns = ['mesh', 'direct', 'fallback'].map((name) => name.padStart(10));
    console.log(`   time   ${'what happens'.padEnd(41)}${columns.join('')}       p50       p99   failed`);
  }

  /** Goes on until `work` is done. */
  async during(work: Promise<void>): Promise<void> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    while (!isOver) await this.next();
    await over;
  }

  /** Waits for the second to be over, and prints it. */
  async next(): Promise<Figures> {
    this.due = Math.max(this.due + 1_000, performance.now());
    await sleep(this.due - performance.now());
    const seen = this.traffic.take();
    const { mesh, direct, fallback } = seen.ways;
    const calls = mesh + direct + fallback;
    const shares = [mesh, direct, fallback].map((count) => {
      return `${((count / Math.max(calls, 1)) * 100).toFixed(1)} %`.padStart(10);
    });
    const times = [seen.p50, seen.p99].map((ms) => `${ms.toFixed(1)} ms`.padStart(10));
    const seconds = Math.round((performance.now() - this.startedAt) / 1_000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    console.log(
      `   ${time}   ${this.what.padEnd(41)}${shares.join('')}${times.join('')}${String(seen.failed).padStart(9)}`,
    );
    return seen;
  }
}

function note(text: string): void {
  console.log(`        * ${text}`);
}

function sumOf(all: readonly Figures[]): Figures {
  const ways = { mesh: 0, direct: 0, fallback: 0 };
  for (const one of all)
    for (const way of ['mesh', 'direct', 'fallback'] as const) ways[way] += one.ways[way];
  return { ...all[0], ways };
}

const all = (path: 'mesh' | 'direct') => (seen: Figures) =>
  seen.ways[path] > 0 && seen.ways.fallback === 0 && seen.ways[path === 'mesh' ? 'direct' : 'mesh'] === 0;

/** Within five points: more than chance takes from so many calls. */
const isAbout = (percent: number) => (seen: Figures) => {
  const { mesh, direct, fallback } = seen.ways;
  return Math.abs((mesh / (mesh + direct + fallback)) * 100 - percent) < 5;
};

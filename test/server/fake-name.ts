import type { Duplex } from 'node:stream';
import type { LocalName } from '../../src/server/worker-group.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';

/** A name of one machine, and the processes that meet there. */
export class FakeName {
  private holder: FakeProcess | undefined;
  private readonly processes: FakeProcess[] = [];
  /** There are no such names on this machine. */
  isMissing = false;

  /** Another process of the machine. */
  process(): FakeProcess {
    const process = new FakeProcess(this);
    this.processes.push(process);
    return process;
  }

  get isHeld(): boolean {
    return this.holder !== undefined;
  }

  hold(process: FakeProcess): boolean {
    if (this.isMissing) throw new Error('listen EACCES');
    if (this.holder !== undefined) return false;
    this.holder = process;
    return true;
  }

  release(process: FakeProcess): void {
    if (this.holder === process) this.holder = undefined;
  }

  connect(): { far: FakeProcess; streams: [Duplex, Duplex] } | undefined {
    return this.holder && { far: this.holder, streams: duplexPair() };
  }
}

/** One process's way to a name. */
export class FakeProcess implements LocalName {
  private readonly streams: Duplex[] = [];
  private onStream: (stream: Duplex) => void = () => undefined;
  private isDead = false;

  constructor(private readonly name: FakeName) {}

  async hold(onStream: (stream: Duplex) => void) {
    if (this.isDead || !this.name.hold(this)) return undefined;
    this.onStream = onStream;
    return { close: () => this.name.release(this) };
  }

  async connect(): Promise<Duplex | undefined> {
    const connected = this.isDead ? undefined : this.name.connect();
    if (connected === undefined) return undefined;
    const [near, far] = connected.streams;
    this.take(near);
    connected.far.take(far);
    connected.far.onStream(far);
    return near;
  }

  /** As SIGKILL: the system closes what it had open. */
  kill(): void {
    this.isDead = true;
    this.name.release(this);
    for (const stream of this.streams) stream.destroy();
  }

  /** As SIGSTOP: its connections stay, and nothing comes from it. */
  freeze(): void {
    for (const stream of this.streams) stream.cork();
  }

  thaw(): void {
    for (const stream of this.streams) stream.uncork();
  }

  take(stream: Duplex): void {
    stream.on('error', () => undefined);
    this.streams.push(stream);
  }
}

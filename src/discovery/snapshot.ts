import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { pause } from '../core/pause.js';
import type { Random } from '../core/random.js';
import { formatSnapshot, parseSnapshot, type RememberedLists, type Subject } from './snapshot-format.js';

/** What is remembered of one service from process to process. */
export interface Snapshot {
  /** Empty where nothing is remembered, or where it cannot be used. Never rejects. */
  load(): Promise<RememberedLists>;
  /** Returns at once. The newest lists reach the disk within about a second. */
  save(lists: RememberedLists): void;
}

export interface SnapshotEnv {
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (message: string) => void;
}

/** Between two writes of one file: a registry in turmoil must not keep the disk busy. */
const PAUSE_MS = 1_000;

/**
 * A folder with one JSON file for each service and its registries: what these told, and no passwords. A file is written
 * under another name and renamed, so that whoever reads it, in another process too, sees a whole one. Where the folder
 * cannot be used there is one warning, and everything goes on without it.
 */
export class SnapshotStore {
  private readonly files = new Map<string, SnapshotFile>();
  private canWrite = true;

  constructor(
    private readonly dir: string,
    private readonly env: SnapshotEnv,
  ) {}

  /** The snapshot of a service, as these registries tell it. */
  of(service: string, registries: readonly string[]): Snapshot {
    const name = fileName(service, registries);
    const known = this.files.get(name);
    if (known !== undefined) return known;
    const path = join(this.dir, name);
    const subject = { service, registries };
    const file = new SnapshotFile(path, subject, this.env, (lists) => this.replace(path, subject, lists));
    this.files.set(name, file);
    return file;
  }

  /** Writes what waits to be written. */
  async close(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.close()));
  }

  private async replace(path: string, subject: Subject, lists: RememberedLists): Promise<void> {
    const { clock, random, warn } = this.env;
    // Another process or container may write the same file, and have the same process id.
    const temporary = `${path}.${process.pid}-${Math.floor(random() * 2 ** 32).toString(16)}.tmp`;
    try {
      const text = formatSnapshot(lists, subject, clock.wallTime());
      await mkdir(this.dir, { recursive: true });
      // Flushed, or a machine that loses power may come back with the new name and an empty file.
      await writeFile(temporary, text, { flag: 'wx', flush: true });
      await rename(temporary, path);
      this.canWrite = true;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      if (this.canWrite) {
        warn(
          `the last known addresses cannot be saved in ${this.dir}: ${(error as Error).message}; make it a folder that this process may write to`,
        );
      }
      this.canWrite = false;
    }
  }
}

/** As much of the service's name as fits, and a hash of all that tells it from another file. */
function fileName(service: string, registries: readonly string[]): string {
  // Loaded when used: most processes keep no snapshots.
  const hash = process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(JSON.stringify([service, registries]))
    .digest('hex');
  return `${service.replace(/[^\w.-]/g, '_').slice(0, 150)}-${hash.slice(0, 16)}.json`;
}

class SnapshotFile implements Snapshot {
  private wanted: RememberedLists | undefined;
  private writing: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly path: string,
    private readonly subject: Subject,
    private readonly env: SnapshotEnv,
    private readonly replace: (lists: RememberedLists) => Promise<void>,
  ) {}

  async load(): Promise<RememberedLists> {
    try {
      return parseSnapshot(await readFile(this.path, 'utf8'), this.subject);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') this.env.warn(`the snapshot ${this.path} is ignored: ${message}`);
      return [];
    }
  }

  save(lists: RememberedLists): void {
    this.wanted = lists;
    this.writing ??= this.write();
  }

  /** Writes what is wanted, and what is wanted by the time that is written, with a pause between the two. */
  private async write(): Promise<void> {
    const { clock } = this.env;
    for (let lists = this.wanted; lists !== undefined; lists = this.wanted) {
      this.wanted = undefined;
      await this.replace(lists);
      await pause(clock, PAUSE_MS, this.closing.signal, { isIdle: true });
    }
    this.writing = undefined;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.writing;
  }
}

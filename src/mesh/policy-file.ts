import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Clock, Timer } from '../core/clock.js';
import { publish } from '../core/events.js';
import { reasonOf } from '../core/reason.js';
import type { MigrationPolicy } from './migration-policy.js';
import { type PolicyDocument, parsePolicy } from './policy-document.js';

export interface PolicyFileEnv {
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** A change is in force within this time and what it takes to read the file. */
const POLL_MS = 250;

/** What a look at the file found. */
interface Look {
  /** Its text, or why it could not be read. */
  readonly content: string;
  readonly isText: boolean;
}

/**
 * Keeps a policy as a JSON file says, while the file is edited. It is read again and again, not watched: a watch is lost when
 * an editor puts a new file in its place or Kubernetes swaps the folder of a ConfigMap behind a link, and two edits in
 * one tick of the file system's clock look like one to whoever compares times. Of a file that is broken or gone one
 * warning is given, and the policy stays as it was.
 */
export class PolicyFile {
  private readonly path: string;
  private readonly source: string;
  /** The text that the policy was last given. */
  private loaded: string | undefined;
  /** The content that is at fault and was warned of. */
  private warnedOf: string | undefined;
  /** The content that was at fault at the last look: half of an edit, perhaps, so it is not warned of before the next one. */
  private suspected: string | undefined;
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(
    path: string,
    private readonly policy: MigrationPolicy,
    private readonly env: PolicyFileEnv,
  ) {
    this.path = resolve(path);
    this.source = `the file ${this.path}`;
  }

  /** Reads the file, so that the first call has its policy, and keeps on reading. A file that is broken or not there yet is warned of. */
  start(): void {
    const look = this.lookNow();
    // At the start a fault is told without being seen twice: nobody should wonder which policy the process began with.
    this.suspected = look.content;
    this.lookLater();
    this.take(look);
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private lookLater(): void {
    this.timer = this.env.clock.schedule(() => void this.lookAgain(), POLL_MS).unref();
  }

  private async lookAgain(): Promise<void> {
    const look = await readFile(this.path, 'utf8').then(textOf, failureOf);
    if (this.isClosed) return;
    // First of all: whoever hears of the policy may throw, and the file is followed all the same.
    this.lookLater();
    this.take(look);
  }

  private lookNow(): Look {
    try {
      return textOf(readFileSync(this.path, 'utf8'));
    } catch (error) {
      return failureOf(error);
    }
  }

  private take(look: Look): void {
    const { content, isText } = look;
    if (isText && content === this.loaded) {
      this.forgive();
      return;
    }
    if (content === this.warnedOf) return;
    const fault = isText ? this.load(content) : `the policy cannot be read from ${this.source}: ${content}`;
    if (fault === undefined) return;
    if (content !== this.suspected) {
      this.suspected = content;
      return;
    }
    this.warnedOf = content;
    publish('policy.rejected', { source: this.source, reason: fault });
    this.env.warn(`${fault}; until that is mended the policy stays as it was, from ${this.policy.source}`);
  }

  /** Returns what is wrong with it. */
  private load(text: string): string | undefined {
    let document: PolicyDocument;
    try {
      document = parsePolicy(text, this.source);
    } catch (error) {
      return reasonOf(error);
    }
    this.loaded = text;
    this.forgive();
    this.policy.load(document, this.source);
    return undefined;
  }

  /** What was wrong with it before is worth a warning again. */
  private forgive(): void {
    this.warnedOf = undefined;
    this.suspected = undefined;
  }
}

function textOf(content: string): Look {
  return { content, isText: true };
}

function failureOf(error: unknown): Look {
  const { code } = error as NodeJS.ErrnoException;
  return { content: code === 'ENOENT' ? 'there is no such file' : reasonOf(error), isText: false };
}

import type { Clock, Timer } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import type { Random } from '../core/random.js';
import { BelievedList } from './believed-list.js';
import type { RememberedList } from './snapshot-format.js';
import { type WatchFailure, WatchLoop, type WatchSource } from './watch-loop.js';

export interface SourceWatchOptions {
  readonly service: string;
  readonly source: WatchSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly emptyGraceMs: number;
  readonly warn: (message: string) => void;
  /** Something may be different now; `isFirst` where the registry told a list that was believed for the first time. */
  readonly onChange: (isFirst: boolean) => void;
}

/** How long a registry has until the list of an earlier process stands in for its own. */
const FIRST_LIST_MS = 500;

/** One registry's share of a service's endpoints: what it tells, or else what it told an earlier process. */
export class SourceWatch {
  /** What to save: the last list that the registry told and that was believed, in this process or an earlier one. */
  last: RememberedList | undefined;
  private readonly loop: WatchLoop;
  private readonly believed: BelievedList;
  /** The registry told a list that was believed. */
  private hasTold = false;
  private timer: Timer | undefined;

  constructor(private readonly options: SourceWatchOptions) {
    this.believed = new BelievedList({
      clock: options.clock,
      emptyGraceMs: options.emptyGraceMs,
      onBelieved: () => this.onBelieved(),
      onDoubted: () => this.onDoubted(),
    });
    this.loop = new WatchLoop({
      ...options,
      onList: (list) => this.onList(list),
      onFailure: () => this.onFailure(),
    });
  }

  /** Undefined until anything is known. */
  get endpoints(): readonly Endpoint[] | undefined {
    return this.believed.endpoints;
  }

  /** Of the last try; undefined before one has failed, and again once a list came. */
  get failure(): WatchFailure | undefined {
    return this.loop.failure;
  }

  /** When the registry is asked again, on the clock; undefined while it is being asked. */
  get retryAt(): number | undefined {
    return this.loop.retryAt;
  }

  /** @param remembered what the registry told an earlier process. */
  start(remembered: RememberedList | undefined): void {
    // That there was nothing then says nothing of now.
    if (remembered !== undefined && remembered.endpoints.length > 0) {
      this.last = remembered;
      const { clock } = this.options;
      this.timer = clock.schedule(() => this.standIn('has not told'), FIRST_LIST_MS).unref();
    }
    void this.loop.run();
  }

  close(): void {
    this.loop.close();
    this.believed.failed();
    this.timer?.cancel();
  }

  private onList(list: readonly Endpoint[]): void {
    this.timer?.cancel();
    // An empty list is doubted against what was known before this process, too.
    if (list.length === 0) this.believed.endpoints ??= this.last?.endpoints;
    this.believed.told(list);
  }

  private onFailure(): void {
    this.timer?.cancel();
    this.believed.failed();
    if (this.last !== undefined && this.endpoints === undefined) this.standIn('could not tell');
    else this.options.onChange(false);
  }

  private onBelieved(): void {
    const isFirst = !this.hasTold;
    this.hasTold = true;
    this.last = { toldAt: this.options.clock.wallTime(), endpoints: this.endpoints ?? [] };
    this.options.onChange(isFirst);
  }

  private onDoubted(): void {
    const { service, source, emptyGraceMs, warn, onChange } = this.options;
    warn(
      `the registry ${source.name} lists no endpoint of ${service} any more: ${this.described()} are kept for ${emptyGraceMs} ms, then it is believed`,
    );
    onChange(false);
  }

  /** Uses what the registry told an earlier process. */
  private standIn(what: string): void {
    const { service, source, warn, onChange } = this.options;
    this.believed.endpoints = this.last?.endpoints;
    warn(
      `the registry ${source.name} ${what} the endpoints of ${service}: ${this.described()} are used until it does`,
    );
    onChange(false);
  }

  private described(): string {
    const count = `the last ${this.endpoints?.length ?? 0}`;
    if (this.hasTold || this.last === undefined) return count;
    const { toldAt } = this.last;
    const ageS = Math.round((this.options.clock.wallTime() - toldAt) / 1_000);
    return `${count} of the snapshot, ${ageS} s old (${new Date(toldAt).toISOString()}),`;
  }
}

import type { Clock } from './clock.js';

const TICK_MS = 8;
const SLOTS = 512;

/** Something with a deadline. It carries its own links, so that setting and clearing a deadline allocates nothing. */
export interface WheelEntry {
  /** When it is due, in the wheel's clock's milliseconds. Infinity is never due and never entered. */
  deadline: number;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  /** Called once, at or up to two ticks (16 ms) after the deadline; the entry is out of the wheel by then. */
  onDeadline(): void;
}

/**
 * A hashed timer wheel: thousands of deadlines on one timer. Entering and leaving cost a few nanoseconds where
 * setTimeout and clearTimeout cost two hundred. No timer runs while the wheel is empty.
 */
export class TimerWheel {
  private readonly slots: (WheelEntry | undefined)[] = new Array(SLOTS).fill(undefined);
  private size = 0;
  private ticking = false;
  /** The last tick that was swept. */
  private swept = 0;

  constructor(private readonly clock: Clock) {}

  /** Enters an entry; its `deadline` must be finite and must not change until it is due or removed. */
  add(entry: WheelEntry): void {
    if (!this.ticking) this.start();
    const due = Math.max(Math.floor(entry.deadline / TICK_MS), this.swept) + 1;
    const slot = due % SLOTS;
    const head = this.slots[slot];
    entry.wheelPrevious = undefined;
    entry.wheelNext = head;
    if (head) head.wheelPrevious = entry;
    this.slots[slot] = entry;
    this.size++;
  }

  /** Takes an entry out. Only for entries that are in: added, not yet due, not yet removed. */
  remove(entry: WheelEntry): void {
    const { wheelPrevious: previous, wheelNext: next } = entry;
    if (next) next.wheelPrevious = previous;
    if (previous) previous.wheelNext = next;
    else this.unhook(entry, next);
    entry.wheelPrevious = entry.wheelNext = undefined;
    this.size--;
  }

  private unhook(entry: WheelEntry, next: WheelEntry | undefined): void {
    const own = (Math.floor(entry.deadline / TICK_MS) + 1) % SLOTS;
    if (this.slots[own] === entry) this.slots[own] = next;
    // An entry that was already overdue when it was added sits in the slot after the last sweep of that time.
    else this.slots[this.slots.indexOf(entry)] = next;
  }

  private start(): void {
    this.ticking = true;
    this.swept = Math.floor(this.clock.now() / TICK_MS);
    this.clock.schedule(this.tick, TICK_MS);
  }

  private readonly tick = (): void => {
    const now = this.clock.now();
    const current = Math.floor(now / TICK_MS);
    this.swept = Math.max(this.swept, current - SLOTS);
    while (this.swept < current && this.size > 0) {
      // Moves first: what onDeadline adds must land in a slot that is still to come.
      this.swept++;
      this.sweep(this.swept % SLOTS, now);
    }
    this.swept = current;
    if (this.size > 0) this.clock.schedule(this.tick, TICK_MS);
    else this.ticking = false;
  };

  private sweep(slot: number, now: number): void {
    let entry = this.slots[slot];
    while (entry) {
      const next: WheelEntry | undefined = entry.wheelNext;
      if (entry.deadline <= now) {
        this.remove(entry);
        entry.onDeadline();
        // What onDeadline removed or added may have changed the rest of this slot: begin again.
        entry = this.slots[slot];
      } else {
        entry = next;
      }
    }
  }
}

import type { Exchange } from './exchange.js';

const FIRST_SIZE = 16;
const MAX_ID = 0x7fff_ffff;

/**
 * Calls that wait for their response, by request id. Ids count up and stay positive as Java ints, and a call lives in
 * the slot that its id's low bits name: finding it is one array read, and an id comes again only after two billion
 * others, so a late response never meets a younger call.
 */
export class PendingCalls {
  size = 0;
  private slots: (Exchange | undefined)[] = new Array(FIRST_SIZE).fill(undefined);
  private mask = FIRST_SIZE - 1;
  private lastId = 0;

  /** The next free id; heartbeats use one up, too. */
  nextId(): number {
    do {
      this.lastId = this.lastId === MAX_ID ? 1 : this.lastId + 1;
    } while (this.slots[this.lastId & this.mask] !== undefined);
    return this.lastId;
  }

  /** Gives the exchange an id and a slot. */
  add(exchange: Exchange): void {
    if (this.size * 2 > this.mask) this.grow();
    exchange.requestId = this.nextId();
    this.slots[exchange.requestId & this.mask] = exchange;
    this.size++;
  }

  /** Takes out the exchange that waits for `id`; undefined where none does. */
  take(id: number): Exchange | undefined {
    const exchange = this.slots[id & this.mask];
    if (exchange === undefined || exchange.requestId !== id) return undefined;
    this.slots[id & this.mask] = undefined;
    this.size--;
    return exchange;
  }

  /** Takes out everything, oldest id first. */
  takeAll(): Exchange[] {
    const all = this.slots.filter((exchange) => exchange !== undefined);
    this.slots.fill(undefined);
    this.size = 0;
    return all.sort((a, b) => a.requestId - b.requestId);
  }

  private grow(): void {
    const waiting = this.slots;
    const size = waiting.length * 2;
    this.mask = size - 1;
    this.slots = new Array(size).fill(undefined);
    // Ids that differ in the old low bits differ in the new ones, so no two share a slot.
    for (const exchange of waiting) if (exchange) this.slots[exchange.requestId & this.mask] = exchange;
  }
}

import type { Duplex } from 'node:stream';
import type { Whereabouts } from './health.js';

/** What the leader tells the others of the announcements that it makes for all of them. */
export interface LeaderState extends Whereabouts {
  readonly pid: number;
  /** Ids of the services that are where they should be. */
  readonly announced: readonly string[];
  /** What is not, and why, in words. */
  readonly missing: readonly string[];
  /** It is about to stop: another one is to take over. */
  readonly isLeaving: boolean;
}

/** More than a state ever is: whoever sends so much is no worker. */
const MAX_LINE = 1024 * 1024;

/** A line of JSON. A reader that is gone is its own affair. */
export function tellState(stream: Duplex, state: LeaderState): void {
  if (stream.writable) stream.write(`${JSON.stringify(state)}\n`);
}

/**
 * Hands out what is told on a stream, until `onState` returns false or the stream has ended, and resolves then. Whoever
 * speaks another language is cut off.
 */
export function heardStates(stream: Duplex, onState: (state: LeaderState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    let rest = '';
    const onData = (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() as string;
      const states = lines.map(stateOf);
      if (rest.length > MAX_LINE || states.includes(undefined)) stream.destroy();
      else if (!states.every((state) => onState(state as LeaderState))) {
        stream.off('data', onData).resume();
        resolve();
      }
    };
    stream.on('data', onData);
    stream.once('close', resolve);
    if (stream.destroyed) resolve();
  });
}

function stateOf(line: string): LeaderState | undefined {
  try {
    const state = JSON.parse(line) as LeaderState;
    return Array.isArray(state.announced) && Array.isArray(state.missing) ? state : undefined;
  } catch {
    return undefined;
  }
}

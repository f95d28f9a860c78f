import { expect } from 'vitest';
import { ROWS, Values } from '../values.js';
import type { Cases } from './support.js';

type ByKind = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** Every row of the table of types: what the provider makes is read, what is written is compared by the provider. */
export const TYPES: Cases = Object.fromEntries(
  Object.entries(ROWS).map(([name, { about, kinds }]) => [
    about,
    async ({ client }) => {
      const values = client.service(Values) as ByKind;
      for (const [kind, make] of Object.entries(kinds)) {
        expect(await values[`make${name}`](kind), `${name}/${kind} made by the provider`).toEqual(make());
        expect(await values[`check${name}`](kind, make()), `${name}/${kind} judged by it`).toBe('ok');
      }
    },
  ]),
);

/*
 * `object[name]` with a name that changes from one use to the next is slow: V8 looks the property up each time, 10 to 17
 * ns. Where one place in the code always sees the same name and the same class of objects, it takes below 1 ns to read
 * and 3 ns to add. Generated code would have such places, but needs `new Function`. Here a class gets one of a few copies
 * of the same function instead, in which each field has its place. A list of ten-field objects is written in 25 % and
 * read in 45 % less time where there is one class, and in 5 % and 20 % less where there are fifteen (measured, Node 20).
 * Two classes that share a copy would be 15 % slower than a plain loop, so each has its own while there are any.
 */

export type Fields = Record<string | symbol, unknown>;

/** The value of field `at`. */
type Get = (object: Fields, names: readonly string[], at: number) => unknown;
/** Adds field `at`. */
type Put = (object: Fields, names: readonly string[], at: number, value: unknown) => void;

/** Reads and fills objects of one class. */
export interface Shape {
  readonly get: Get;
  readonly set: Put;
}

// Written by scripts/generate-shapes.mjs from here ..
const COPIES = 16;

// biome-ignore format: a copy a line
const GETTERS: readonly Get[] = [
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
  (o, n, i) => { switch (i) { case 0: return o[n[0]]; case 1: return o[n[1]]; case 2: return o[n[2]]; case 3: return o[n[3]]; case 4: return o[n[4]]; case 5: return o[n[5]]; case 6: return o[n[6]]; case 7: return o[n[7]]; case 8: return o[n[8]]; case 9: return o[n[9]]; case 10: return o[n[10]]; case 11: return o[n[11]]; case 12: return o[n[12]]; case 13: return o[n[13]]; case 14: return o[n[14]]; case 15: return o[n[15]]; default: return o[n[i]]; } },
];

// biome-ignore format: a copy a line
const SETTERS: readonly Put[] = [
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
  (o, n, i, v) => { switch (i) { case 0: o[n[0]] = v; return; case 1: o[n[1]] = v; return; case 2: o[n[2]] = v; return; case 3: o[n[3]] = v; return; case 4: o[n[4]] = v; return; case 5: o[n[5]] = v; return; case 6: o[n[6]] = v; return; case 7: o[n[7]] = v; return; case 8: o[n[8]] = v; return; case 9: o[n[9]] = v; return; case 10: o[n[10]] = v; return; case 11: o[n[11]] = v; return; case 12: o[n[12]] = v; return; case 13: o[n[13]] = v; return; case 14: o[n[14]] = v; return; case 15: o[n[15]] = v; return; default: o[n[i]] = v; } },
];
// .. to here.

/** For names that every object inherits something under (`__proto__`, `constructor`): own properties only. */
const careful: Shape = {
  get: (object, names, at) => (Object.hasOwn(object, names[at]) ? object[names[at]] : undefined),
  set: (object, names, at, value) => {
    Object.defineProperty(object, names[at], { value, enumerable: true, configurable: true, writable: true });
  },
};

/** For the classes that come when every copy is taken. */
const plain: Shape = {
  get: (object, names, at) => object[names[at]],
  set: (object, names, at, value) => {
    object[names[at]] = value;
  },
};

/** Gives each class a copy of its own while there are any. */
export class Shapes {
  private readonly taken = new Set<number>();

  /** The shape for objects of a class. */
  of(className: string, names: readonly string[]): Shape {
    if (names.some((name) => name in Object.prototype)) return careful;
    if (this.taken.size === COPIES) return plain;
    // By name first, so that a class has the same copy on a client and on a server in one process.
    let hash = 0;
    for (let i = 0; i < className.length; i++) hash = (Math.imul(hash, 31) + className.charCodeAt(i)) | 0;
    let copy = (hash ^ (hash >>> 15)) & (COPIES - 1);
    while (this.taken.has(copy)) copy = (copy + 1) & (COPIES - 1);
    this.taken.add(copy);
    return { get: GETTERS[copy], set: SETTERS[copy] };
  }
}

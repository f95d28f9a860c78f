/** Uniform numbers in [0, 1), injected wherever chance is needed, so that a test or a simulation can repeat itself. */
export type Random = () => number;

/** The machine's randomness. */
export const systemRandom: Random = () => Math.random();

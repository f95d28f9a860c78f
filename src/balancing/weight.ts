/** The weight of a provider that names none, or none that is a number (Java's). */
const DEFAULT_WEIGHT = 100;

/** What a provider's attributes say of its share of the calls. */
export interface Weight {
  readonly full: number;
  /** Counts instead of `full` until `warmUntil`. */
  readonly warmingUp: number;
  /** In milliseconds since 1970; 0 where it does not warm up. */
  readonly warmUntil: number;
}

/**
 * Reads Java's attributes `weight`, `warmupTime`, `warmupWeight` and `startTime`. As in Java, warming up needs the last
 * three, its end is `startTime + warmupTime` on this machine's clock, and the weight does not grow on the way there.
 */
export function weightOf(attributes: Readonly<Record<string, string>>): Weight {
  const full = integer(attributes.weight) ?? DEFAULT_WEIGHT;
  const warmupTime = integer(attributes.warmupTime);
  const startTime = integer(attributes.startTime);
  if (!warmupTime || startTime === undefined || !attributes.warmupWeight)
    return { full, warmingUp: full, warmUntil: 0 };
  return {
    full,
    warmingUp: integer(attributes.warmupWeight) ?? full,
    warmUntil: startTime + warmupTime,
  };
}

/** A negative one counts as 0; undefined for what is no whole number. */
function integer(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? Math.max(0, value) : undefined;
}

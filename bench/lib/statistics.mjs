// How the rounds of a run become one figure.

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

/** The distance of the extremes from each other, as a part of the median: how far to trust a figure. */
export const spread = (values) => round((Math.max(...values) - Math.min(...values)) / median(values), 2);

/** Forwards and backwards in turn, so that a slow minute of the machine falls on all. */
export const inTurn = (turn, list) => (turn % 2 ? [...list].reverse() : list);

/** What a lane asks of the server for a stretch of time, and how far apart the answer's moments are. */

const MAX_ROWS = 4000; // more cannot be told apart on a screen

/** Options for `Data.range`: the stretch in view, thinned to what a screen can show. */
export const stretch = (view, columns, maxRows = MAX_ROWS) => ({ start: view.start, end: view.end, columns, maxRows, signal: view.signal });

/** Seconds between neighbouring moments, as a rule. */
export function usualStep(times) {
  const unique = [...new Set(times)];
  const gaps = unique.slice(1).map((time, at) => time - unique[at]).sort((a, b) => a - b);
  return gaps.length ? Math.max(gaps[gaps.length >> 1], 0.02) : 0.1;
}

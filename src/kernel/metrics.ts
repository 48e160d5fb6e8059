import { Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * One registry a server. Names: `trunkline_<area>_<what>_<unit>`; times in ms and
 * named `_ms`, counters end in `_total`. Labels never hold numbers, names or words
 * of people.
 */
export function createRegistry(): Registry {
  return new Registry();
}

/** Bucket bounds (ms) for everything a caller waits for. */
export const LATENCY_BUCKETS_MS = [5, 10, 20, 50, 100, 150, 200, 300, 400, 500, 700, 1000, 2000, 5000];

/** Round trips as a graph: lines over time, broken where a session ended. */
import type { Attempt, RoundTrip, Timestamp } from "../bridge/generated";

/** A point of the graph, from 0 to 1 both ways; `y` grows downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is drawn. */
export interface Graph {
  /** Runs of one session each. */
  readonly runs: readonly (readonly Point[])[];
  /** Ends of sessions. */
  readonly losses: readonly { readonly x: number; readonly at: Timestamp }[];
  readonly leastUs: number;
  readonly mostUs: number;
  readonly lastUs: number;
}

/** The graph of `trips`, with the ends of sessions from `attempts` up to `now`; `null`: there is nothing to draw. */
export function graphOf(trips: readonly RoundTrip[], attempts: readonly Attempt[], now: Timestamp): Graph | null {
  const first = trips.at(0);
  const last = trips.at(-1);
  if (first === undefined || last === undefined) return null;
  const times = trips.map((trip) => trip.us);
  const mostUs = Math.max(...times);
  const end = Math.max(now, last.at);
  const span = Math.max(1, end - first.at);
  const ends = attempts
    .flatMap(({ outcome }) => (outcome.kind === "ended" ? [outcome.until] : []))
    .filter((at) => at >= first.at && at <= end)
    .sort((a, b) => a - b);
  const runs: Point[][] = [];
  let former: Timestamp | null = null;
  for (const trip of trips) {
    const before = former;
    const broken = before === null || ends.some((at) => at > before && at <= trip.at);
    if (broken) runs.push([]);
    // A tenth stays free above, so that the highest point is not cut.
    runs.at(-1)?.push({ x: (trip.at - first.at) / span, y: 1 - (0.9 * trip.us) / Math.max(1, mostUs) });
    former = trip.at;
  }
  return {
    runs,
    losses: ends.map((at) => ({ x: (at - first.at) / span, at })),
    leastUs: Math.min(...times),
    mostUs,
    lastUs: last.us,
  };
}

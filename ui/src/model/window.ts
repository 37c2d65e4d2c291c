/**
 * The window on a timeline: a contiguous run of rows as the store has them, and how pages and changes move it.
 * Pure: a function takes a window and gives the next. When to read lives in `timeline.ts`.
 */
import type { Changes, MessageId, Page, Place, Rev, Row } from "../bridge/generated";

/** Rows that one page asks for: two or three screens, read in about 2 ms. */
export const PAGE_ROWS = 80;

/** The most rows that are kept. Beyond some hundreds an appended row no longer fits into one frame (design §8). */
export const MAX_ROWS = 300;

/** To how many rows a window beyond {@link MAX_ROWS} is cut: far enough below it that not every row cuts again. */
export const KEEP_ROWS = 200;

/** Which end of a window. */
export type End = "older" | "newer";

/** Where the reader is: at the newest row, at the oldest, or at the row with this id. Rows far from it are cut. */
export type Reader = "newest" | "oldest" | MessageId;

/** A contiguous run of rows of one conversation, in order of place. */
export interface Window {
  readonly rows: readonly Row[];
  /** There are rows before the first. */
  readonly hasOlder: boolean;
  /** There are rows after the last; `false`: the window is at the live edge. */
  readonly hasNewer: boolean;
  /** Everything up to this transaction is in it. */
  readonly rev: Rev;
}

/** Changes other than a reset. */
export type Delta = Extract<Changes, { kind: "delta" }>;

/** Negative when `a` stands before `b`. */
export function comparePlaces(a: Place, b: Place): number {
  return a.sort - b.sort || a.id - b.id;
}

/** Whether rows that `place` is before are not in the window, but behind its upper end. */
export function startsAfter(window: Window, place: Place): boolean {
  const [first] = window.rows;
  return window.hasOlder && first !== undefined && comparePlaces(first.place, place) > 0;
}

/** A window that shows one page. */
export function windowOf(page: Page): Window {
  return { rows: page.rows, hasOlder: page.hasOlder, hasNewer: page.hasNewer, rev: page.rev };
}

/** The window with the page that was read directly before its first row. */
export function withOlder(window: Window, page: Page): Window {
  const rows = merge(window.rows, page.rows);
  // `rev` stays: the rows that were there are no newer than before.
  return trim({ ...window, rows, hasOlder: page.hasOlder }, "oldest");
}

/** The window with the page that was read directly after its last row. */
export function withNewer(window: Window, page: Page): Window {
  const rows = merge(window.rows, page.rows);
  return trim({ ...window, rows, hasNewer: page.hasNewer }, "newest");
}

/**
 * The window after `delta`. Rows that follow it are taken only at the live edge, so that it stays contiguous.
 */
export function withChanges(window: Window, delta: Delta, reader: Reader): Window {
  const first = window.rows.at(0);
  const last = window.rows.at(-1);
  const gone = new Set<MessageId>(delta.removed);
  let beyond = false;
  const taken: Row[] = [];
  for (const row of delta.upserts) {
    const before = first !== undefined && comparePlaces(row.place, first.place) < 0;
    const after = window.hasNewer && (last === undefined || comparePlaces(row.place, last.place) > 0);
    beyond ||= after;
    // A row that moved out of the window is gone from it.
    if (before || after) gone.add(row.place.id);
    else taken.push(row);
  }
  const kept = gone.size === 0 ? window.rows : window.rows.filter((row) => !gone.has(row.place.id));
  return trim(
    {
      rows: merge(kept, taken),
      hasOlder: delta.hasOlder,
      hasNewer: delta.hasNewer || beyond,
      rev: Math.max(window.rev, delta.rev),
    },
    reader,
  );
}

/** Both runs as one, each row once and as its newest transaction left it. */
function merge(rows: readonly Row[], more: readonly Row[]): readonly Row[] {
  if (more.length === 0) return rows;
  const byId = new Map<MessageId, Row>(rows.map((row) => [row.place.id, row]));
  for (const row of more) {
    const held = byId.get(row.place.id);
    if (held === undefined || held.rev <= row.rev) byId.set(row.place.id, row);
  }
  return [...byId.values()].sort((a, b) => comparePlaces(a.place, b.place));
}

function trim(window: Window, reader: Reader): Window {
  const { rows } = window;
  if (rows.length <= MAX_ROWS) return window;
  const last = rows.length - KEEP_ROWS;
  const start = Math.min(Math.max(startFor(rows, reader), 0), last);
  return {
    ...window,
    rows: rows.slice(start, start + KEEP_ROWS),
    hasOlder: window.hasOlder || start > 0,
    hasNewer: window.hasNewer || start < last,
  };
}

function startFor(rows: readonly Row[], reader: Reader): number {
  if (reader === "oldest") return 0;
  if (reader === "newest") return rows.length;
  const at = rows.findIndex((row) => row.place.id === reader);
  return at < 0 ? rows.length : at - KEEP_ROWS / 2;
}

/** Times, days and sizes as a reader of the tongue writes them. */
import type { Timestamp } from "../bridge/generated";
import { durationWords, stepTimeWords } from "./truth";
import type { Tongue, Words } from "./words";
import { wordsOf } from "./words";

/** Formats for one tongue and time zone. */
export interface Format {
  readonly words: Words;
  /** `18:04`. */
  time(at: Timestamp): string;
  /** `18:04:31`. */
  clock(at: Timestamp): string;
  /** `18:04:31.250`. */
  instant(at: Timestamp): string;
  /** `21 Nov 2026`. */
  date(at: Timestamp): string;
  /** A short time in a fitting unit: `0.4 ms`, `1.2 s`. */
  lasting(us: number): string;
  /** A long time in its two greatest units: `8 min 5 s`. */
  span(ms: number): string;
  /** A name of the day that no other day has: `2026-11-22`. */
  dayKey(at: Timestamp): string;
  /** `Today`, `Yesterday`, `Saturday, 21 November`; with the year when it is another than that of `now`. */
  day(at: Timestamp, now: Timestamp): string;
  /** Day and time, for the full story of a moment. */
  moment(at: Timestamp): string;
  /** `2,097,105`. */
  count(many: number): string;
  /** `1.2 kB`. */
  size(bytes: number): string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const UNITS = ["B", "kB", "MB", "GB"] as const;

/** The formats of a tongue; `timeZone` other than the computer's is for tests. */
export function formatOf(tongue: Tongue, timeZone?: string): Format {
  // British order puts the day before the month, and the clock has 24 hours, in both tongues alike.
  const locale = tongue === "en" ? "en-GB" : tongue;
  const zone = timeZone === undefined ? {} : { timeZone };
  const words = wordsOf(tongue);
  const time = new Intl.DateTimeFormat(locale, { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const key = new Intl.DateTimeFormat("en-CA", { ...zone, year: "numeric", month: "2-digit", day: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { ...zone, weekday: "long", day: "numeric", month: "long" });
  const dated = new Intl.DateTimeFormat(locale, {
    ...zone,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const moment = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: "full", timeStyle: "medium" });
  const clock = new Intl.DateTimeFormat(locale, { ...zone, timeStyle: "medium", hourCycle: "h23" });
  const instant = new Intl.DateTimeFormat(locale, {
    ...zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  });
  const date = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: "medium" });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const dayKey = memo((at) => key.format(at));
  return {
    words,
    time: (at) => time.format(at),
    clock: (at) => clock.format(at),
    instant: (at) => instant.format(at),
    date: (at) => date.format(at),
    lasting: (us) => stepTimeWords(tongue, us),
    span: (ms) => durationWords(tongue, Math.max(0, Math.round(ms / 1000))),
    dayKey,
    day: (at, now) => {
      const that = dayKey(at);
      if (that === dayKey(now)) return words.timeline.today;
      if (that === dayKey(now - DAY_MS)) return words.timeline.yesterday;
      return that.slice(0, 4) === dayKey(now).slice(0, 4) ? day.format(at) : dated.format(at);
    },
    moment: (at) => moment.format(at),
    count: (many) => number.format(many),
    size: (bytes) => {
      let value = bytes;
      let unit = 0;
      while (value >= 1000 && unit < UNITS.length - 1) {
        value /= 1000;
        unit += 1;
      }
      return `${number.format(value)} ${UNITS[unit] ?? ""}`;
    },
  };
}

/** Most days that {@link memo} remembers: a window holds a few hundred rows, so this is never reached by one. */
const MEMO = 1000;

/** `run`, remembering its answers by the quarter of an hour: no time zone's midnight lies within one. */
function memo(run: (at: Timestamp) => string): (at: Timestamp) => string {
  const known = new Map<number, string>();
  return (at) => {
    const quarter = Math.floor(at / 900_000);
    const held = known.get(quarter);
    if (held !== undefined) return held;
    if (known.size >= MEMO) known.clear();
    const made = run(at);
    known.set(quarter, made);
    return made;
  };
}

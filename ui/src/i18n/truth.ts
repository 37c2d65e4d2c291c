/**
 * The sentences about a connection. The program without a window (`whinchat diagnose`) reads the same two files; the
 * golden list that `ui/test/truth.test.ts` reads keeps the two readings alike.
 */
import english from "./truth.en.json";
import chinese from "./truth.zh-CN.json";

/** The name of a sentence. */
export type TruthName = keyof typeof english;

/** A language that there are sentences in. */
export type TruthTongue = "en" | "zh-CN";

/** The sentences of each language, with their `{slots}`. A name that one of them lacks does not compile. */
export const TRUTH: Readonly<Record<TruthTongue, Readonly<Record<TruthName, string>>>> = {
  en: english,
  "zh-CN": chinese,
};

/** What must be put into a sentence; one that is not here has no slot. A test compares it with both files. */
export const SLOTS = {
  "phase.dns": ["host"],
  "phase.tcp": ["host"],
  "phase.proxy": ["host"],
  "phase.tls": ["host"],
  "phase.upgrade": ["host"],
  "phase.login": ["host"],
  "value.validity": ["first", "last"],
  "outcome.failed": ["reason"],
  "outcome.ended": ["duration", "reason"],
  "next.after": ["duration"],
  "time.milliseconds": ["ms"],
  "time.seconds": ["seconds"],
  "time.minutes": ["minutes"],
  "time.minutesSeconds": ["minutes", "seconds"],
  "time.hours": ["hours"],
  "time.hoursMinutes": ["hours", "minutes"],
  "time.days": ["days"],
  "time.daysHours": ["days", "hours"],
  "timedOut.dns": ["seconds"],
  "timedOut.tcp": ["seconds"],
  "timedOut.proxy": ["seconds"],
  "timedOut.tls": ["seconds"],
  "timedOut.upgrade": ["seconds"],
  "timedOut.login": ["seconds"],
  "refusal.unauthorized": ["status"],
  "refusal.forbidden": ["status"],
  "refusal.notFound": ["status"],
  "refusal.tooMany": ["status"],
  "refusal.tooManyAfter": ["status", "duration"],
  "refusal.redirect": ["status"],
  "refusal.redirectTo": ["status", "location"],
  "refusal.other": ["status"],
  "reason.dns": ["host"],
  "reason.refused": ["address"],
  "reason.unreachable": ["address"],
  "reason.subprotocol": ["chosen"],
  "reason.closedByServer": ["why"],
  "reason.closedByUs": ["why"],
  "reason.silent": ["seconds"],
  "reason.tooBig": ["size"],
  "reason.file": ["path"],
  "proxyFault.unauthorized": ["proxy"],
  "proxyFault.forbidden": ["proxy"],
  "proxyFault.unreachable": ["proxy"],
  "proxyFault.notAProxy": ["proxy"],
  "proxyFault.other": ["proxy"],
  "secretTrouble.missing": ["secret"],
  "secretTrouble.locked": ["secret"],
  "secretTrouble.noKeyring": ["secret"],
  "secretTrouble.failed": ["secret"],
  "detail.server": ["text"],
  "close.library": ["code"],
  "close.private": ["code"],
  "close.reserved": ["code"],
  "close.invalid": ["code"],
  "close.said": ["why", "text"],
  "address.other": ["text"],
  "fault.subprotocol": ["value"],
  "fault.header": ["value"],
  "fault.secretHeader": ["value"],
  "fault.logInUser": ["value"],
  "fault.logInName": ["value"],
  "fault.proxyHost": ["value"],
  "fault.proxyPort": ["value"],
  "fault.proxyUser": ["value"],
  "fault.fallback": ["value"],
  "fault.origin": ["value"],
  "fault.field": ["id", "value"],
  "fault.protocol": ["value"],
} as const satisfies Partial<Record<TruthName, readonly string[]>>;

type Slots = typeof SLOTS;

/** What a sentence is filled with: exactly its slots. */
export type Values<Name extends TruthName> = Name extends keyof Slots
  ? [values: Readonly<Record<Slots[Name][number], string | number>>]
  : [];

/** The sentence of this name, filled. */
export function say<Name extends TruthName>(tongue: TruthTongue, name: Name, ...values: Values<Name>): string {
  return fill(TRUTH[tongue][name], values[0] ?? {});
}

/** Puts `values` into the `{slots}` of `template`. What a value brings in is never taken for a slot. */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? slot : String(value);
  });
}

/** A number of seconds in its two greatest units: `8 s`, `2 min 5 s`, `1 h`, `3 d 4 h`. */
export function durationWords(tongue: TruthTongue, total: number): string {
  const seconds = total % 60;
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600) % 24;
  const days = Math.floor(total / 86_400);
  if (days > 0) return hours === 0 ? say(tongue, "time.days", { days }) : say(tongue, "time.daysHours", { days, hours });
  if (hours > 0) {
    return minutes === 0 ? say(tongue, "time.hours", { hours }) : say(tongue, "time.hoursMinutes", { hours, minutes });
  }
  if (minutes === 0) return say(tongue, "time.seconds", { seconds });
  return seconds === 0 ? say(tongue, "time.minutes", { minutes }) : say(tongue, "time.minutesSeconds", { minutes, seconds });
}

/** How long a step took, from microseconds: `0.4 ms`, `12 ms`, `1.5 s`. */
export function stepTimeWords(tongue: TruthTongue, us: number): string {
  if (us < 9_950) return say(tongue, "time.milliseconds", { ms: tenths(Math.round(us / 100)) });
  if (us < 999_500) return say(tongue, "time.milliseconds", { ms: Math.round(us / 1000) });
  return say(tongue, "time.seconds", { seconds: tenths(Math.round(us / 100_000)) });
}

function tenths(count: number): string {
  return `${Math.floor(count / 10)}.${count % 10}`;
}

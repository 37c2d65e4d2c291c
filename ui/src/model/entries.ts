/** What a timeline shows, derived from its rows and their neighbours: day lines, the "new" line, groups, gaps, happenings. */
import type { Healing, Item, MessageId, Place, Retraction, Rev, Row, Sender, Timestamp } from "../bridge/generated";
import { isQuiet, type Told } from "./happenings";
import { comparePlaces } from "./window";

/** Messages of one author stand in one group when no more than this lies between neighbours: one train of thought. */
export const GROUP_MS = 5 * 60 * 1000;

/** A row that is a message. */
export type Message = Extract<Item, { kind: "message" }>;

/** One thing in the timeline; `key` stays the same while it is shown. */
export type Entry =
  | { readonly kind: "day"; readonly key: string; readonly at: Timestamp }
  | { readonly kind: "new"; readonly key: string }
  | {
      readonly kind: "gap";
      readonly key: string;
      readonly id: MessageId;
      /** `null`: since ever, as far as the server's history goes back. */
      readonly from: Timestamp | null;
      readonly until: Timestamp | null;
      readonly healing: Healing;
      readonly rev: Rev;
    }
  | { readonly kind: "retracted"; readonly key: string; readonly id: MessageId; readonly sender: Sender; readonly retraction: Retraction }
  | {
      /** What happened: one thing, or quiet ones that are told together. */
      readonly kind: "happening";
      readonly key: string;
      readonly id: MessageId;
      readonly told: readonly Told[];
    }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly id: MessageId;
      readonly message: Message;
      /** It begins a group and shows its author and time. */
      readonly first: boolean;
    };

/**
 * The entries of `rows`. `newAfter` is the last row that was read when the conversation was opened; `dayOf` names the
 * day of a time in the reader's time zone.
 */
export function entriesOf(
  rows: readonly Row[],
  newAfter: Place | null,
  dayOf: (at: Timestamp) => string,
): readonly Entry[] {
  const entries: Entry[] = [];
  let day: string | null = null;
  let former: { message: Message; sort: Timestamp } | null = null;
  let lined = newAfter === null;
  let quiet: Told[] | null = null;
  for (const row of rows) {
    const { item, place } = row;
    // The order of places is by `sort`, so a day by `sort` comes only once.
    const today = dayOf(place.sort);
    if (today !== day) {
      entries.push({ kind: "day", key: `day ${today}`, at: place.sort });
      day = today;
      former = null;
      quiet = null;
    }
    const { id } = place;
    const key = `row ${id}`;
    if (item.kind === "happening") {
      const told: Told = { id, happening: item };
      former = null;
      if (quiet !== null && isQuiet(item.change)) {
        quiet.push(told);
        continue;
      }
      quiet = isQuiet(item.change) ? [told] : null;
      entries.push({ kind: "happening", key, id, told: quiet ?? [told] });
      continue;
    }
    quiet = null;
    if (item.kind === "gap") {
      const { from, until, healing } = item;
      entries.push({ kind: "gap", key, id, from, until, healing, rev: row.rev });
      former = null;
      continue;
    }
    if (!lined && newAfter !== null && item.sender.kind !== "me" && comparePlaces(place, newAfter) > 0) {
      entries.push({ kind: "new", key: "new" });
      lined = true;
      former = null;
    }
    if (item.retracted !== null) {
      entries.push({ kind: "retracted", key, id, sender: item.sender, retraction: item.retracted });
      former = null;
      continue;
    }
    const first =
      former === null || !goesOn(former.message, item) || place.sort - former.sort > GROUP_MS;
    entries.push({ kind: "message", key, id, message: item, first });
    former = { message: item, sort: place.sort };
  }
  return entries;
}

/** Whether `next` is more from the same author in the same tone. */
function goesOn(former: Message, next: Message): boolean {
  return sameSender(former.sender, next.sender) && former.tone === next.tone;
}

function sameSender(a: Sender, b: Sender): boolean {
  if (a.kind === "person" && b.kind === "person") return a.name === b.name;
  return a.kind === b.kind;
}

/**
 * The text of one of our messages that is still queued, so that it can be written anew; `null`: it is no such, or its
 * looks would be lost.
 */
export function queuedText(item: Item): string | null {
  if (item.kind !== "message" || item.delivery?.kind !== "queued") return null;
  const texts = item.body.spans.map((span) => (span.kind === "text" && span.style === undefined ? span.text : null));
  return texts.includes(null) ? null : texts.join("");
}

/** The newest of our messages that is still queued, among `rows`; `null`: none is. */
export function lastQueued(rows: readonly Row[]): MessageId | null {
  return rows.findLast((row) => queuedText(row.item) !== null)?.place.id ?? null;
}

/** How many of our messages among `rows` have failed. */
export function failuresIn(rows: readonly Row[]): number {
  return rows.filter(({ item }) => item.kind === "message" && item.delivery?.kind === "failed").length;
}

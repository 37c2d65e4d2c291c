/** Rows in the core in memory: their order, and the beginning of a long text that stands for the whole. */
import type { AccountId, Changes, Conversation, ConversationId, Hit, Item, MessageId, Place, Quote, Rev, Row } from "./generated";

/** Characters of a text that a row holds, as in the store. */
export const MAX_SHOWN = 20_000;

/** Negative when `a` stands before `b`. */
export function compare(a: Place, b: Place): number {
  return a.sort - b.sort || a.id - b.id;
}

type Message = Extract<Item, { kind: "message" }>;

/** A message of which only what is given is out of the ordinary. */
export function messageItem(message: Pick<Message, "sender" | "at"> & Partial<Message>): Message {
  return {
    kind: "message",
    flair: null,
    tone: "said",
    body: { spans: [] },
    whole: null,
    delivery: null,
    txn: null,
    reply: null,
    reactions: [],
    mentionsMe: false,
    named: false,
    retracted: null,
    ...message,
  };
}

/** A message of one text. */
export function textItem(message: Pick<Message, "sender" | "at"> & Partial<Message>, text: string): Item {
  return messageItem({ ...message, body: { spans: [{ kind: "text", text }] } });
}

/** The one conversation of a plain account, in which nothing was said. */
export function emptyStream(id: ConversationId, account: AccountId): Conversation {
  return { id, account, kind: "stream", title: null, topic: null, left: false, unread: 0, mentions: 0, read: null, waiting: 0, pinned: false, muted: false, notify: null };
}

/** What can be said about a message in few words: its beginning, in characters alone. */
export function quoteOf(row: Row): Quote {
  const { item, place } = row;
  if (item.kind !== "message") return { id: place.id, sender: null, text: "" };
  const text = item.body.spans.map((span) => (span.kind === "binary" ? "" : span.text)).join("");
  return { id: place.id, sender: item.sender, text: item.retracted === null ? text.slice(0, 100) : "" };
}

/** The row as it was found by a word, which may stand anywhere in it; `null`: it has no such word. */
export function hitOf({ place, item }: Row, conversation: ConversationId, word: string): Hit | null {
  if (item.kind !== "message" || item.retracted !== null) return null;
  const text = item.body.spans.map((span) => (span.kind === "binary" ? "" : span.text)).join("");
  const start = text.toLowerCase().indexOf(word.toLowerCase());
  if (start < 0) return null;
  const parts = [text.slice(0, start), text.slice(start, start + word.length), text.slice(start + word.length)];
  const excerpt = parts.map((part, at) => ({ text: part, hit: at === 1 })).filter((piece) => piece.text !== "");
  return { message: place.id, conversation, sender: item.sender, at: item.at, excerpt };
}

/** The row as a timeline holds it: of a long text only the beginning. */
export function cutRow(row: Row): Row {
  if (row.item.kind !== "message") return row;
  const span = row.item.body.spans[0];
  if (span?.kind !== "text" || span.text.length <= MAX_SHOWN) return row;
  const characters = [...span.text];
  if (characters.length <= MAX_SHOWN) return row;
  const text = characters.slice(0, MAX_SHOWN).join("");
  return { ...row, item: { ...row.item, body: { spans: [{ kind: "text", text }] }, whole: characters.length } };
}

/** A conversation as of `rev`: its rows in order, the transaction that made each, and the rows that are gone. */
interface Timeline {
  readonly rows: readonly Row[];
  readonly born: (row: Row) => Rev;
  readonly removed: MessageId[];
  readonly rev: Rev;
}

/** What became of the window from `from` to `to` after `since`, as the store answers it. */
export function changesOf(timeline: Timeline, from: Place | null, to: Place | null, since: Rev, most: number): Changes {
  const { rows, born, removed, rev } = timeline;
  const beyond = (row: Row): boolean => to !== null && compare(row.place, to) > 0;
  const live = !rows.some((row) => beyond(row) && born(row) <= since);
  const window = rows.filter((row) => (from === null || compare(row.place, from) >= 0) && (live || !beyond(row)));
  const upserts = window.filter((row) => row.rev > since);
  if (upserts.length > most) return { kind: "reset" };
  const last = window.at(-1)?.place ?? to;
  return {
    kind: "delta",
    upserts: upserts.map(cutRow),
    removed,
    hasOlder: from !== null && rows.some((row) => compare(row.place, from) < 0),
    hasNewer: last !== null && rows.some((row) => compare(row.place, last) > 0),
    rev,
  };
}

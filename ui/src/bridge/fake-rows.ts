/** Rows in the core in memory: their order, and the beginning of a long text that stands for the whole. */
import type { Item, Place, Row } from "./generated";

/** Characters of a text that a row holds, as in the store. */
export const MAX_SHOWN = 20_000;

/** Negative when `a` stands before `b`. */
export function compare(a: Place, b: Place): number {
  return a.sort - b.sort || a.id - b.id;
}

/** A message of one text. */
export function textItem(message: Omit<Extract<Item, { kind: "message" }>, "kind" | "body" | "whole" | "txn">, text: string): Item {
  return { ...message, kind: "message", body: { spans: [{ kind: "text", text }] }, whole: null, txn: null };
}

/** The row as a timeline holds it: of a long text only the beginning. */
export function cutRow(row: Row): Row {
  if (row.item.kind === "gap") return row;
  const span = row.item.body.spans[0];
  if (span?.kind !== "text" || span.text.length <= MAX_SHOWN) return row;
  const characters = [...span.text];
  if (characters.length <= MAX_SHOWN) return row;
  const text = characters.slice(0, MAX_SHOWN).join("");
  return { ...row, item: { ...row.item, body: { spans: [{ kind: "text", text }] }, whole: characters.length } };
}

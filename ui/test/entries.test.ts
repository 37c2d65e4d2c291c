import { describe, expect, it } from "vitest";
import { messageItem } from "../src/bridge/fake-rows";
import type { Place, Row, Sender } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { entriesOf, GROUP_MS } from "../src/model/entries";

const NOON = Date.UTC(2026, 10, 22, 12);
const { dayKey } = formatOf("en", "UTC");
const mei: Sender = { kind: "person", name: "Mei" };
const jonas: Sender = { kind: "person", name: "jonas" };
const me: Sender = { kind: "me" };

let ids = 0;
function said(sender: Sender, sort: number, at = sort): Row {
  ids += 1;
  const body = { spans: [{ kind: "text" as const, text: "x" }] };
  return { place: { sort, id: ids }, rev: 1, item: messageItem({ sender, body, at }) };
}
const gap = (sort: number): Row => ({
  place: { sort, id: ++ids },
  rev: 1,
  item: { kind: "gap", from: sort, until: null, healing: { kind: "unavailable" } },
});

/** Entries in short: `day`, `new`, `gap`, `first` and `more`. */
function short(rows: readonly Row[], newAfter: Place | null = null): string {
  return entriesOf(rows, newAfter, dayKey)
    .map((entry) => (entry.kind === "message" ? (entry.first ? "first" : "more") : entry.kind))
    .join(" ");
}

describe("a timeline", () => {
  const last = said(mei, NOON);
  const table: [string, string, readonly Row[], Place | null][] = [
    ["is empty without rows", "", [], null],
    ["groups one author", "day first more", [said(mei, NOON), said(mei, NOON + 1000)], null],
    ["parts authors", "day first first", [said(mei, NOON), said(jonas, NOON + 1000)], null],
    ["parts the server from a person", "day first first", [said(mei, NOON), said({ kind: "server" }, NOON + 1)], null],
    ["groups within five minutes", "day first more", [said(mei, NOON), said(mei, NOON + GROUP_MS)], null],
    ["parts after five minutes", "day first first", [said(mei, NOON), said(mei, NOON + GROUP_MS + 1)], null],
    ["draws a line at a new day", "day first day first", [said(mei, NOON), said(mei, NOON + 12.5 * 3_600_000)], null],
    ["parts at a gap", "day first gap first", [said(mei, NOON), gap(NOON + 1), said(mei, NOON + 2)], null],
    ["draws the new line before what others said", "day first new first more", [last, said(mei, NOON + 1), said(mei, NOON + 2)], last.place],
    ["draws it behind own messages", "day first first new first", [last, said(me, NOON + 1), said(mei, NOON + 2)], last.place],
    ["draws none when nothing is new", "day first first", [last, said(me, NOON + 1)], last.place],
    ["draws it when what was read is above the window", "day new first", [said(mei, NOON + 1)], last.place],
    ["orders days by place, whatever the server's clock says", "day first first", [said(mei, NOON), said(jonas, NOON + 1, NOON + 90_000_000)], null],
  ];
  it.each(table)("%s", (_, expected, rows, newAfter) => expect(short(rows, newAfter)).toBe(expected));

  it("gives each entry a key of its own that stays when older rows come", () => {
    const rows = [said(mei, NOON), gap(NOON + 1), said(mei, NOON + 2)];
    const keys = entriesOf(rows, null, dayKey).map((entry) => entry.key);
    expect(new Set(keys).size).toBe(keys.length);
    const more = entriesOf([said(mei, NOON - 1), ...rows], null, dayKey).map((entry) => entry.key);
    expect(more).toEqual(expect.arrayContaining(keys));
  });
});

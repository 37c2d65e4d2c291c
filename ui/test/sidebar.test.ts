/** The sidebar's order and counts, and finding one's way: neighbours, what is unread, moves, the quick switcher. */
import { describe, expect, it } from "vitest";
import { FakeBridge } from "../src/bridge/fake";
import { plainConfig } from "../src/bridge/fake-config";
import type { Conversation, Sidebar } from "../src/bridge/generated";
import { en } from "../src/i18n/en";
import { accountMoveOf, dropAt, groupsOf, moveOf, neighbour, nextUnread, shownIn } from "../src/model/sidebar";
import { choicesOf, folded, joins } from "../src/model/switcher";
import { zoomAfter, ZOOMS } from "../src/model/zoom";

/** Two accounts with rooms of these names. */
async function sidebarOf(
  one: readonly Partial<Conversation>[],
  other: readonly Partial<Conversation>[] = [],
): Promise<{ sidebar: Sidebar; id: (title: string) => number; bridge: FakeBridge }> {
  const bridge = new FakeBridge(0);
  for (const [url, rooms] of [["wss://one.example/", one], ["wss://two.example/", other]] as const) {
    const { account, conversation } = bridge.account(plainConfig(url), { kind: "off" });
    bridge.conversations = bridge.conversations.filter(({ id }) => id !== conversation);
    for (const room of rooms) bridge.conversation(account, { kind: "room", ...room });
  }
  const sidebar = await bridge.sidebar();
  const id = (title: string) => sidebar.conversations.find((room) => room.title === title)?.id ?? 0;
  return { sidebar, id, bridge };
}

describe("the open conversation's neighbours", () => {
  it("are the ones that are shown; of a folded account the open one is", async () => {
    const { sidebar, id } = await sidebarOf([{ title: "a" }, { title: "b" }], [{ title: "c" }, { title: "d" }]);
    expect(neighbour(sidebar, id("b"), 1)).toBe(id("c"));
    expect(neighbour(sidebar, id("a"), -1)).toBe(id("a"));
    for (const account of sidebar.accounts) account.collapsed = true;
    expect(shownIn(sidebar, id("b")).map(({ title }) => title)).toEqual(["b"]);
    expect(neighbour(sidebar, id("b"), 1)).toBe(id("b"));
    expect(neighbour(sidebar, null, 1)).toBe(id("a"));
  });

  it("with something unread are found behind folds and round the end, but not where it is muted", async () => {
    const { sidebar, id } = await sidebarOf(
      [{ title: "a", unread: 1 }, { title: "b" }, { title: "c", unread: 3, muted: true }],
      [{ title: "d", unread: 1 }],
    );
    const second = sidebar.accounts[1];
    if (second !== undefined) second.collapsed = true;
    expect(nextUnread(sidebar, id("b"), 1)).toBe(id("d"));
    expect(nextUnread(sidebar, id("d"), 1)).toBe(id("a"));
    expect(nextUnread(sidebar, id("b"), -1)).toBe(id("a"));
    expect(nextUnread(sidebar, id("a"), -1)).toBe(id("d"));
    expect(nextUnread((await sidebarOf([{ title: "a" }])).sidebar, null, 1)).toBeNull();
  });
});

describe("moving", () => {
  it("goes past its like, and no further", async () => {
    const { sidebar, id } = await sidebarOf([
      { title: "p", pinned: true },
      { title: "q", pinned: true },
      { title: "a" },
      { title: "b" },
      { title: "c" },
    ]);
    const [group] = groupsOf(sidebar);
    if (group === undefined) throw new Error("no account");
    expect(moveOf(group, id("p"), 1)).toEqual({ before: null });
    expect(moveOf(group, id("q"), -1)).toEqual({ before: id("p") });
    expect(moveOf(group, id("q"), 1)).toBeNull();
    expect(moveOf(group, id("a"), -1)).toBeNull();
    expect(moveOf(group, id("a"), 1)).toEqual({ before: id("c") });
    expect(moveOf(group, id("b"), 1)).toEqual({ before: null });
    expect(moveOf(group, id("c"), -1)).toEqual({ before: id("b") });
    const [first, second] = sidebar.accounts.map((account) => account.id);
    expect(accountMoveOf(sidebar, second ?? 0, -1)).toEqual({ before: first });
    expect(accountMoveOf(sidebar, first ?? 0, 1)).toEqual({ before: null });
    expect(accountMoveOf(sidebar, second ?? 0, 1)).toBeNull();
  });

  it("by hand goes before the row whose upper half it is let go on", () => {
    const rows = [{ id: 1, top: 0, bottom: 20 }, { id: 2, top: 20, bottom: 40 }];
    expect([-5, 9, 11, 29, 31, 99].map((y) => dropAt(rows, y).before)).toEqual([1, 1, 2, 2, null, null]);
  });
});

describe("the quick switcher", () => {
  const names = (sidebar: Sidebar, query: string, open: number | null = null): string[] =>
    choicesOf(en, sidebar, open, query).map(({ name }) => name);

  it("shows at first what waits for the reader, then what was read last, and not where one is", async () => {
    const read = (sort: number) => ({ sort, id: 1 });
    const { sidebar, id } = await sidebarOf(
      [
        { title: "#old", read: read(1) },
        { title: "#fresh", read: read(9) },
        { title: "#here", read: read(99) },
        { title: "#loud", unread: 9, muted: true },
      ],
      [{ title: "#news", unread: 3 }, { title: "mei", kind: "direct", unread: 1, mentions: 1 }],
    );
    expect(names(sidebar, "", id("#here"))).toEqual(["mei", "#news", "#fresh", "#old", "#loud"]);
  });

  it("finds the whole name first, then its beginning, a word of it, a part, what it is about, and its letters", async () => {
    const { sidebar } = await sidebarOf([
      { title: "#t-e-a" },
      { title: "#steam" },
      { title: "#green-tea" },
      { title: "#teahouse" },
      { title: "#tea" },
      { title: "#drinks", topic: "Tea and what goes with it" },
      { title: "#none" },
    ]);
    expect(names(sidebar, "TEA")).toEqual(["#tea", "#teahouse", "#green-tea", "#steam", "#drinks", "#t-e-a"]);
    expect(names(sidebar, "#tea").slice(0, 2)).toEqual(["#tea", "#teahouse"]);
    expect(names(sidebar, "xyz")).toEqual([]);
  });

  it("knows neither case nor marks on letters, and finds Chinese by any of its characters", async () => {
    const { sidebar } = await sidebarOf([{ title: "Café Ünïversal" }, { title: "天气预报" }]);
    expect(folded("ÀÉÎõü")).toBe("aeiou");
    expect(names(sidebar, "cafe")).toEqual(["Café Ünïversal"]);
    expect(names(sidebar, "UNIV")).toEqual(["Café Ünïversal"]);
    expect(names(sidebar, "气预")).toEqual(["天气预报"]);
  });

  it("finds servers and what the window can do, and joins only where there are rooms", async () => {
    const { sidebar, bridge, id } = await sidebarOf([{ title: "#a" }]);
    expect(names(sidebar, "two.ex")).toEqual(["two.example"]);
    expect(names(sidebar, "sett")).toEqual(["Settings"]);
    expect(names(sidebar, "add a")).toEqual(["Add a server"]);
    expect(names(sidebar, "join")).toEqual([]);
    const account = bridge.accounts[1];
    if (account !== undefined) account.capabilities = { ...account.capabilities, rooms: true };
    const able = await bridge.sidebar();
    expect(names(able, "join")).toEqual(["Join a room"]);
    expect(joins(able, id("#a"))?.id).toBe(account?.id);
  });
});

describe("zoom", () => {
  it("goes by steps, stays at the ends, and comes back", () => {
    expect([zoomAfter(100, 1), zoomAfter(100, -1), zoomAfter(120, 1), zoomAfter(120, -1)]).toEqual([110, 90, 125, 110]);
    expect([zoomAfter(ZOOMS[0], -1), zoomAfter(300, 1), zoomAfter(67, 0)]).toEqual([50, 300, 100]);
  });
});

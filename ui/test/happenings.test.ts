import { describe, expect, it } from "vitest";
import { messageItem } from "../src/bridge/fake-rows";
import type { Change, Row, Sender } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { wordsOf } from "../src/i18n/words";
import { entriesOf } from "../src/model/entries";
import { happeningSentence, happeningsSentence, isQuiet, namesInWords, type Told } from "../src/model/happenings";

const en = wordsOf("en");
const zh = wordsOf("zh-CN");
const person = (name: string): Sender => ({ kind: "person", name });
const told = (who: Sender, change: Change, id = 1): Told => ({ id, happening: { kind: "happening", who, change, at: 0 } });

// A record, so that a new change does not compile before it stands here.
const changes: { [K in Change["kind"]]: [Extract<Change, { kind: K }>, string, string] } = {
  joined: [{ kind: "joined" }, "ann joined", "ann 加入了"],
  left: [{ kind: "left", why: "tea" }, "ann left (tea)", "ann 离开了（tea）"],
  quit: [{ kind: "quit", why: null }, "ann went offline", "ann 下线了"],
  kicked: [{ kind: "kicked", by: "bob", why: "spam" }, "ann was removed by bob (spam)", "ann 被 bob 移出（spam）"],
  renamed: [{ kind: "renamed", to: "anna" }, "ann is now anna", "ann 改名为 anna"],
  topic: [{ kind: "topic", text: "tea" }, "ann set the topic: tea", "ann 把话题设为：tea"],
  mode: [{ kind: "mode", text: "+o bob" }, "ann set +o bob", "ann 设置了 +o bob"],
  retitled: [{ kind: "retitled", to: "#tea" }, "This room is now called #tea", "这个聊天室改名为 #tea"],
  split: [{ kind: "split", names: ["bob", "carl"] }, "The network fell apart, and with it went bob and carl", "网络断裂，bob 和 carl 因此离开"],
  rejoined: [{ kind: "rejoined", names: ["bob"] }, "The network is whole again, and bob came back", "网络恢复，bob 回来了"],
};

describe("a happening", () => {
  it.each(Object.values(changes))("is told in both languages: %o", (change, english, chinese) => {
    const { happening } = told(person("ann"), change);
    expect(happeningSentence(en, "Server", happening)).toBe(english);
    expect(happeningSentence(zh, "服务器", happening)).toBe(chinese);
  });

  it("is told of ourselves as of ourselves", () => {
    const me: Sender = { kind: "me" };
    expect(happeningSentence(en, "Server", told(me, { kind: "kicked", by: "bob", why: null }).happening)).toBe("You were removed by bob");
    expect(happeningSentence(en, "Server", told(me, { kind: "renamed", to: "alice_" }).happening)).toBe("You are now alice_");
    expect(happeningSentence(zh, "服务器", told(me, { kind: "joined" }).happening)).toBe("我加入了");
  });

  it("without a topic says that it is gone", () => {
    for (const text of [null, ""]) {
      expect(happeningSentence(en, "Server", told(person("ann"), { kind: "topic", text }).happening)).toBe("ann took the topic away");
    }
  });
});

describe("neighbours among the happenings", () => {
  const joined = (...names: string[]): Told[] => names.map((name) => told(person(name), { kind: "joined" }));
  const left = (...names: string[]): Told[] => names.map((name) => told(person(name), { kind: "quit", why: "x" }));

  it("are told as who came and who went", () => {
    const line = happeningsSentence(en, "Server", [...joined("ann", "bob", "dora", "emil", "finn"), ...left("carl")]);
    expect(line).toBe("ann, bob and 3 others joined; carl left");
    expect(happeningsSentence(zh, "服务器", [...joined("ann", "bob", "李"), ...left("carl")])).toBe("ann、bob 和李加入了；carl 离开了");
  });

  it("say of who came and went that they did", () => {
    expect(happeningsSentence(en, "Server", [...joined("ann"), ...left("ann")])).toBe("ann came and went");
    expect(happeningsSentence(en, "Server", [...left("ann"), ...joined("ann")])).toBe("ann left and came back");
  });

  it("count what would be too long", () => {
    const modes = ["+o ann", "+v bob"].map((text) => told(person("ChanServ"), { kind: "mode", text }));
    expect(happeningsSentence(en, "Server", [...joined("ann"), ...modes])).toBe("ann joined; 2 settings were changed");
    const renamed = ["a", "b", "c"].map((to) => told(person("ann"), { kind: "renamed", to }));
    expect(happeningsSentence(en, "Server", renamed)).toBe("3 people go by other names");
  });

  it("take a split for all who went with it", () => {
    const split = told({ kind: "server" }, { kind: "split", names: ["ann", "bob"] });
    expect(happeningsSentence(en, "Server", [split, told({ kind: "server" }, { kind: "rejoined", names: ["ann"] })])).toBe(
      "ann left and came back; bob left",
    );
  });

  it("of a great split take no time", () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `n${at}`);
    const began = performance.now();
    expect(happeningsSentence(en, "S", [told({ kind: "server" }, { kind: "split", names })])).toBe("n0, n1 and 19998 others left");
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe("names in words", () => {
  it.each([
    [[], ""],
    [["ann"], "ann"],
    [["ann", "bob"], "ann and bob"],
    [["ann", "bob", "carl"], "ann, bob and carl"],
    [["ann", "bob", "carl", "dora"], "ann, bob and 2 others"],
  ])("%o are %s", (names, words) => expect(namesInWords(en, names)).toBe(words));
});

describe("happenings in a timeline", () => {
  const NOON = Date.UTC(2026, 10, 22, 12);
  let ids = 0;
  const row = (item: Row["item"], sort = NOON): Row => ({ place: { sort, id: ++ids }, rev: 1, item });
  const happened = (change: Change): Row => row({ kind: "happening", who: person("ann"), change, at: NOON });
  const said = (): Row => row(messageItem({ sender: person("ann"), at: NOON }));
  const short = (rows: readonly Row[]): string =>
    entriesOf(rows, null, formatOf("en", "UTC").dayKey)
      .map((entry) => (entry.kind === "happening" ? `h${entry.told.length}` : entry.kind === "message" ? (entry.first ? "first" : "more") : entry.kind))
      .join(" ");

  it.each<[string, string, () => Row[]]>([
    ["stand together when they are quiet", "day h3", () => [happened({ kind: "joined" }), happened({ kind: "mode", text: "+o x" }), happened({ kind: "quit", why: null })]],
    ["are parted by what was said, which begins anew", "day first h1 first h1", () => [said(), happened({ kind: "joined" }), said(), happened({ kind: "joined" })]],
    ["stand alone when they matter", "day h1 h1 h2", () => [happened({ kind: "joined" }), happened({ kind: "topic", text: "x" }), happened({ kind: "joined" }), happened({ kind: "joined" })]],
    ["are parted by a day", "day h1 day h1", () => [happened({ kind: "joined" }), row({ kind: "happening", who: person("b"), change: { kind: "joined" }, at: NOON }, NOON + 86_400_000)]],
    ["draw no line of what is new", "day h1", () => [happened({ kind: "joined" })]],
  ])("%s", (_, expected, rows) => expect(short(rows())).toBe(expected));

  it("a message that was taken back is a line of its own", () => {
    const gone = row(messageItem({ sender: person("ann"), at: NOON, retracted: { by: person("ann"), why: null } }));
    expect(short([said(), gone, said()])).toBe("day first retracted first");
  });

  it("another tone begins anew", () => {
    const acted = row(messageItem({ sender: person("ann"), at: NOON, tone: "action" }));
    expect(short([said(), acted, said(), said()])).toBe("day first first first more");
  });

  it("keep their key when more of them come", () => {
    const first = happened({ kind: "joined" });
    const keys = (rows: readonly Row[]): string[] => entriesOf(rows, null, formatOf("en", "UTC").dayKey).map(({ key }) => key);
    expect(keys([first, happened({ kind: "joined" })])).toEqual(keys([first]));
  });

  it("quiet is what follows from coming and going", () => {
    const quiet = Object.values(changes).filter(([change]) => isQuiet(change)).map(([change]) => change.kind);
    expect(quiet).toEqual(["joined", "left", "quit", "renamed", "mode", "split", "rejoined"]);
  });
});

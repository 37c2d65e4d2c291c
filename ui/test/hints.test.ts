/** What is offered while a word is typed, emoji by name, and what was said before. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { textItem } from "../src/bridge/fake-rows";
import type { Row } from "../src/bridge/generated";
import { findEmoji, isOnlyEmoji, readEmoji, type Emoji } from "../src/model/emoji";
import { hintsFor, put, tokenAt, type Known } from "../src/model/hints";
import { Recall, saidIn } from "../src/model/recall";

let english: readonly Emoji[];
let chinese: readonly Emoji[];
beforeAll(async () => {
  [english, chinese] = await Promise.all([readEmoji("en"), readEmoji("zh-CN")]);
});

const at = (text: string): ReturnType<typeof tokenAt> => tokenAt(text.replace("|", ""), text.indexOf("|"));

describe("a token", () => {
  it.each<[string, "emoji" | "person" | "room", string, number]>([
    [":smi|", "emoji", "smi", 0],
    ["hi :+1|", "emoji", "+1", 3],
    ["你好:smi|", "emoji", "smi", 2],
    ["好 :笑|", "emoji", "笑", 2],
    ["@|", "person", "", 0],
    ["so @an| goes", "person", "an", 3],
    ["(@an|", "person", "an", 1],
    ["#te|", "room", "te", 0],
    ["see #|", "room", "", 4],
  ])("%s is one", (text, kind, word, start) => expect(at(text)).toEqual({ kind, word, start }));

  it.each(["12:30|", "http://a:80|", "a@b|", "C#|", ":D|", ":|", ":p |", "::|", "说@|", "x:smile|", "ann: hi|", "issue#12|", ":smi le|"])(
    "%s is none",
    (text) => expect(at(text)).toBeNull(),
  );

  it("is put in its place, with what stands around it as it was", () => {
    const token = at("so @an| goes");
    if (token === null) throw new Error("no token");
    expect(put("so @an goes", 6, token, { text: "anton ", sign: "", name: "anton" })).toEqual({ text: "so anton goes", caret: 9 });
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, word, after) => {
        const text = before + word;
        const found = tokenAt(text, text.length);
        if (found === null) return;
        const next = put(text + after, text.length, found, { text: "X", sign: "", name: "X" });
        expect(next).toEqual({ text: `${text.slice(0, found.start)}X${after}`, caret: found.start + 1 });
      }),
    );
  });
});

describe("hints", () => {
  const known = (): Known => ({ emoji: english, people: ["ann", "Anton", "bob"], rooms: ["#tea", "##test", "&local"] });
  const texts = (text: string): string[] => {
    const token = at(text);
    return token === null ? [] : hintsFor(token, known()).map((hint) => hint.text);
  };

  it("name people, who are addressed where they are named first, and rooms whatever their sign", () => {
    expect(texts("@AN|")).toEqual(["ann: ", "Anton: "]);
    expect(texts("hi @b|")).toEqual(["bob "]);
    expect(texts("#te|")).toEqual(["#tea ", "##test "]);
    expect(texts("#|")).toEqual(["#tea ", "##test ", "&local "]);
    expect(texts("@zz|")).toEqual([]);
  });

  it("show an emoji with its name and the code that fits", () => {
    const token = at(":tad|");
    if (token === null) throw new Error("no token");
    expect(hintsFor(token, known())[0]).toEqual({ text: "🎉", sign: "🎉", name: "party popper :tada:" });
  });
});

describe("emoji by name", () => {
  const found = (all: readonly Emoji[], word: string): string[] => findEmoji(all, word, 60).map(({ text }) => text);

  it("are found by code, name and further words, the nearest first", () => {
    expect(found(english, "+1")[0]).toBe("👍️");
    expect(found(english, "heart")[0]).toBe("❤️");
    expect(found(english, "party popper")[0]).toBe("🎉");
    expect(found(english, "celebrat")).toContain("🎉");
    expect(found(english, "no such thing")).toEqual([]);
  });

  it("are found in Chinese by any part of a name, and by their English names too", () => {
    expect(found(chinese, "点赞").length + found(chinese, "拇指").length).toBeGreaterThan(0);
    expect(found(chinese, "拇指")).toContain("👍️");
    expect(found(chinese, "tada")[0]).toBe("🎉");
    expect(found(chinese, "party")).toContain("🎉");
  });

  it("are none that most systems cannot draw", () => {
    expect(english.some(({ text }) => text === "\u{1FAE9}")).toBe(false);
    expect(english.some(({ text }) => text.startsWith("\u{1FAE8}"))).toBe(true);
  });

  it("are whole pictures, in every group, and called something in each language", () => {
    for (const all of [english, chinese]) {
      expect(new Set(all.map(({ group }) => group)).size).toBe(9);
      expect(all.length).toBeGreaterThan(1_800);
      expect(all.filter(({ label }) => label.trim() === "")).toEqual([]);
    }
    expect(chinese.filter(({ label }) => !/\p{Script=Han}/u.test(label)).length).toBeLessThan(20);
  });
});

describe("a text of emoji alone", () => {
  it("is known, whatever its emoji are made of", () => {
    // Each emoji that can be chosen, and each with a skin, from the table that the names come from.
    const table = JSON.parse(readFileSync("node_modules/emojibase-data/en/compact.json", "utf8")) as { unicode: string; group?: number; skins?: { unicode: string }[] }[];
    const all = table.filter(({ group }) => group !== undefined && group !== 2).flatMap(({ unicode, skins = [] }) => [unicode, ...skins.map((skin) => skin.unicode)]);
    expect(all.filter((emoji) => !isOnlyEmoji(emoji))).toEqual([]);
  });

  it.each(["👍", " 👍 🎉\n", "👨‍👩‍👧‍👦❤️", "🇨🇳🇩🇪", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"])("%j is one", (text) => expect(isOnlyEmoji(text)).toBe(true));
  it.each(["", " ", "1", "12", "©", "#", "a👍", "👍!", "🇨", "好", "‍", "👍👍👍👍👍👍👍", "\uFE0F"])("%j is none", (text) => expect(isOnlyEmoji(text)).toBe(false));
  it("is soon decided, however long it is", () => expect(isOnlyEmoji("👍".repeat(1_000_000))).toBe(false));
});

describe("what was said before", () => {
  let id = 0;
  const row = (sender: "me" | "ann", text: string, whole: number | null = null): Row => ({
    place: { sort: 0, id: (id += 1) },
    rev: 1,
    item: textItem({ sender: sender === "me" ? { kind: "me" } : { kind: "person", name: sender }, at: 0, whole }, text),
  });

  it("is our own, the newest first, each once, and no beginning of a text", () => {
    const rows = [row("me", "a"), row("ann", "x"), row("me", "b"), row("me", "a"), row("me", "long", 9_999), row("me", "")];
    expect(saidIn(rows)).toEqual(["a", "b"]);
  });

  it("is stepped through from an empty text, back to an empty one", () => {
    const recall = new Recall();
    const said = (): readonly string[] => ["b", "a"];
    expect(recall.step(1, "", said)).toBeNull();
    expect(recall.step(-1, "typed", said)).toBeNull();
    expect(recall.step(-1, "", said)).toBe("b");
    expect(recall.step(-1, "b", said)).toBe("a");
    expect(recall.step(-1, "a", said)).toBe("a");
    expect(recall.step(1, "a", said)).toBe("b");
    expect(recall.step(1, "b", said)).toBe("");
    expect(recall.step(1, "", said)).toBeNull();
    expect(recall.step(-1, "", () => [])).toBeNull();
  });

  it("is left by any change", () => {
    const recall = new Recall();
    recall.step(-1, "", () => ["b", "a"]);
    expect(recall.step(-1, "b!", () => ["b", "a"])).toBeNull();
    expect(recall.step(-1, "", () => ["c"])).toBe("c");
  });
});

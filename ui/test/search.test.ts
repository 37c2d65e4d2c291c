// @vitest-environment happy-dom
/** Searching: when it asks and what it shows, by keyboard and by pointer. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConversationId, Hit, MessageId, QueryFault } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { wordsOf } from "../src/i18n/words";
import { TICK_MS } from "../src/model/app";
import { faultWords, PAGE_HITS, resultsWords, stepped, type Results } from "../src/model/search";
import { Page } from "./support/page";

const hit = (message: MessageId): Hit => ({ message, conversation: 1, sender: { kind: "me" }, at: 0, excerpt: [] });
const [en, zh] = [wordsOf("en"), wordsOf("zh-CN")];

describe("the hit that the keyboard is at", () => {
  const hits = [hit(9), hit(5), hit(2)];
  it.each([
    [null, 1, 9],
    [9, 1, 5],
    [2, 1, 2],
    [9, -1, 9],
    [2, -1, 5],
    [7, 1, 9],
  ] as const)("%s by %s", (at, step, next) => expect(stepped(hits, at, step)).toBe(next));
  it("is none where nothing was found", () => expect(stepped([], null, 1)).toBeNull());
});

describe("what is said of the results", () => {
  const count = formatOf("en").count;
  const of = (results: Results, waiting = false): string[] => [en, zh].map((words) => resultsWords(words, results, waiting, count));
  const found = (many: number, more: MessageId | null): Results => ({ kind: "found", hits: Array.from({ length: many }, (_, at) => hit(many - at)), more });
  it.each([
    [{ kind: "nothing" }, "", ""],
    [found(0, null), "No message has all of that.", "没有同时包含这些内容的消息。"],
    [found(1, null), "1 message", "1 条消息"],
    [found(7, null), "7 messages", "7 条消息"],
    [found(40, 1), "The newest 40 messages; scroll for more", "最新的 40 条消息；向下滚动查看更多"],
    [{ kind: "failed" }, "The history could not be read. It is tried again.", "无法读取历史记录，将会重试。"],
    [{ kind: "unclear", fault: { kind: "nothing" } }, "Add a word to look for.", "请再输入要搜索的词语。"],
  ] as [Results, string, string][])("%o", (results, english, chinese) => expect(of(results)).toEqual([english, chinese]));
  it("is that it goes on, before an answer is there", () => expect(of(found(3, null), true)).toEqual(["Searching…", "正在搜索…"]));
  it("names what is wrong with a query", () => {
    const faults: QueryFault[] = [
      { kind: "tooLong" },
      { kind: "noValue", operator: "from" },
      { kind: "day", value: "noon" },
      { kind: "has", value: "legs" },
      { kind: "noConversation", value: "#x" },
    ];
    expect(faults.map((fault) => faultWords(en, fault))).toEqual([
      "That is too much to look for at once.",
      "What shall stand behind from: ?",
      "“noon” is no day. Write it as 2026-11-29, or today, or yesterday.",
      "“legs” cannot be looked for behind has: – only link can.",
      "No conversation is called “#x”.",
    ]);
  });
});

describe("the panel", () => {
  let page: Page;
  let here: ConversationId;
  let there: ConversationId;
  let rows: MessageId[];
  let elsewhere: MessageId;

  beforeEach(async () => {
    page = new Page();
    const { bridge, world } = page;
    const status = { kind: "off" } as const;
    here = page.account("ws://one.test/", status, "One").conversation;
    there = page.account("ws://two.test/", status, "Two").conversation;
    const ann = { kind: "person", name: "ann" } as const;
    rows = Array.from({ length: 8 }, (_, n) => {
      const text = n % 2 === 0 ? `even 天气 ${n}` : `odd ${n}`;
      return bridge.say(here, ann, text, world.at - 200_000 + n).place.id;
    });
    elsewhere = bridge.say(there, ann, "天气 elsewhere", world.at).place.id;
    await page.show();
    page.app.select(here);
    await page.settle();
  });
  afterEach(() => page.end());

  /** More than a page of hits, in the conversation that is not open. */
  const many = (): void => {
    for (let n = 0; n < 45; n += 1) page.bridge.say(there, { kind: "me" }, `many ${n}`, page.world.at - 100_000 + n);
  };
  const asked = (): number => page.bridge.ran.filter((name) => name === "search").length;
  const excerpts = (): string[] => page.all("search-excerpt").map((one) => one.textContent ?? "");
  const field = (): HTMLInputElement => page.one("search-field") as HTMLInputElement;
  const press = async (key: string, more: KeyboardEventInit = {}, on: HTMLElement = field()): Promise<void> => {
    page.press(on, key, more);
    await page.settle();
  };
  const open = async (everywhere = false): Promise<void> => press("f", { ctrlKey: true, shiftKey: everywhere }, page.one("composer"));
  const at = (): string | undefined => page.all("search-hit").find((one) => one.getAttribute("aria-selected") === "true")?.dataset["message"];

  it("opens with Ctrl+F in the conversation and with Ctrl+Shift+F everywhere, and tells how to ask", async () => {
    await open();
    expect(document.activeElement).toBe(field());
    expect(page.one("search-how").textContent).toContain("has:link");
    await page.type("search-field", "天气");
    expect(page.all("search-hit")).toHaveLength(4);
    expect(excerpts()[0]).toBe("even 天气 6");
    expect(page.one("search-said").textContent).toBe("4 messages");
    expect(page.all("search-how")).toEqual([]);
    await press("f", { ctrlKey: true, shiftKey: true });
    expect(excerpts()[0]).toBe("天气 elsewhere");
    expect(page.all("search-hit")[0]?.querySelector(".place")?.textContent).toBe("Two");
    await press("F", { ctrlKey: true });
    expect(excerpts()[0]).toBe("even 天气 6");
  });

  it("marks what was looked for, as text", async () => {
    page.bridge.say(here, { kind: "me" }, "<b>needle</b>");
    await open();
    await page.type("search-field", "needle");
    const excerpt = page.one("search-excerpt");
    expect(excerpt.textContent).toBe("<b>needle</b>");
    expect([...excerpt.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["needle"]);
    expect(excerpt.querySelector("b")).toBeNull();
    expect(page.one("search-hit").textContent).toContain("You");
  });

  it("leads there with Enter, by arrows alone, and back to the newest with End", async () => {
    await open(true);
    await page.type("search-field", "天气");
    expect(at()).toBe(String(elsewhere));
    await press("ArrowDown");
    await press("ArrowDown");
    await press("ArrowUp");
    expect(at()).toBe(String(rows[6]));
    expect(field().getAttribute("aria-activedescendant")).toBe(page.all("search-hit")[1]?.id);
    await press("ArrowUp");
    await press("Enter");
    expect(page.app.room.value?.conversation).toBe(there);
    await press("ArrowDown");
    await press("Enter");
    expect(page.app.room.value?.conversation).toBe(here);
    expect(page.app.room.value?.timeline.sought.value).toBe(rows[6]);
    expect(page.one("timeline").querySelector(".sought")?.getAttribute("data-id")).toBe(String(rows[6]));
    await press("End", {}, page.one("timeline"));
    expect(page.app.room.value?.timeline.following.value).toBe(true);
    expect(page.all("search-panel")).toHaveLength(1);
  });

  it("leads there with a click, and where it lies over the timeline it makes way", async () => {
    await open();
    await page.type("search-field", "even");
    await page.click("search-hit", 1);
    expect(page.app.room.value?.timeline.sought.value).toBe(rows[4]);
    expect(page.all("search-panel")).toHaveLength(1);
    page.app.beside.setNarrow(true);
    await page.click("search-hit", 2);
    expect(page.app.room.value?.timeline.sought.value).toBe(rows[2]);
    expect(page.all("search-panel")).toEqual([]);
    await open();
    expect(field().value).toBe("even");
    expect(at()).toBe(String(rows[2]));
  });

  it("says so where the message is gone", async () => {
    await open(true);
    await page.type("search-field", "elsewhere");
    page.bridge.fate = () => "drop";
    page.bridge.remove(elsewhere);
    await press("Enter");
    expect(page.app.trouble.value).toEqual({ kind: "doing", code: "gone", text: "" });
  });

  it("reads on at the end, and keeps what it has when it looks again", async () => {
    many();
    await open(true);
    await page.type("search-field", "many");
    expect(page.all("search-hit")).toHaveLength(PAGE_HITS);
    expect(page.one("search-said").textContent).toBe("The newest 40 messages; scroll for more");
    page.one("search-list").dispatchEvent(new Event("scroll"));
    await page.settle();
    expect(page.all("search-hit")).toHaveLength(45);
    expect(page.one("search-said").textContent).toBe("45 messages");
    page.bridge.say(here, { kind: "me" }, "many newer");
    const newest = Number(page.all("search-hit")[0]?.dataset["message"]);
    page.bridge.change(newest, (item) => (item.kind === "message" ? { ...item, body: { spans: [] } } : item));
    await page.world.pass(TICK_MS);
    await page.settle();
    expect(page.all("search-hit")).toHaveLength(45);
    expect(excerpts().slice(0, 2)).toEqual(["many newer", "many 43"]);
    expect(excerpts().at(-1)).toBe("many 0");
    expect(at()).toBe(page.all("search-hit")[0]?.dataset["message"]);
  });

  it("asks one question at a time, and shows no answer to an older one", async () => {
    await open();
    const before = asked();
    const type = (text: string): void => {
      field().value = text;
      field().dispatchEvent(new Event("input", { bubbles: true }));
    };
    const carry = page.bridge.carry;
    const held: (() => void)[] = [];
    page.bridge.carry = <T,>(run: () => T) => new Promise<T>((resolve) => held.push(() => resolve(run())));
    for (const text of ["e", "ev", "eve", "odd"]) {
      type(text);
      await page.settle();
    }
    expect(held.length).toBeLessThanOrEqual(1);
    expect(page.one("search-said").textContent).toBe("Searching…");
    page.bridge.carry = carry;
    for (const answer of held) answer();
    await page.settle();
    await page.settle();
    expect(excerpts()[0]).toBe("odd 7");
    expect(asked() - before).toBeLessThanOrEqual(2);
  });

  it("leaves what an input method composes alone", async () => {
    await open();
    const before = asked();
    field().value = "tian q";
    field().dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true } as InputEventInit));
    await page.settle();
    page.press(field(), "Enter", { isComposing: true });
    await page.settle();
    expect(asked()).toBe(before);
    field().value = "天气";
    field().dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    await page.settle();
    expect(page.all("search-hit")).toHaveLength(4);
  });

  it("tells of a query that it cannot answer, of nothing found, and of a disk that says nothing", async () => {
    await open();
    await page.type("search-field", "has:legs");
    expect(page.one("search-said").textContent).toContain("“legs”");
    await page.type("search-field", "nowhere");
    expect(page.one("search-said").textContent).toBe("No message has all of that.");
    const carry = page.bridge.carry;
    page.bridge.carry = () => Promise.reject(new Error("no"));
    await page.type("search-field", "even");
    expect(page.one("search-said").textContent).toContain("could not be read");
    page.bridge.carry = carry;
    await page.world.pass(TICK_MS);
    await page.settle();
    expect(page.all("search-hit")).toHaveLength(4);
    await page.type("search-field", "  ");
    expect(page.all("search-hit")).toEqual([]);
    expect(page.one("search-said").textContent).toBe("");
  });

  it("is closed by Escape with the focus back, asks nothing then, and takes the place of the other panels", async () => {
    await page.click("toggle-truth");
    page.one("composer").focus();
    await open();
    expect(page.all("truth-panel")).toEqual([]);
    await page.type("search-field", "even");
    const before = asked();
    await press("Escape");
    expect(page.all("search-panel")).toEqual([]);
    expect(document.activeElement).toBe(page.one("composer"));
    await page.world.pass(TICK_MS * 2);
    expect(asked()).toBe(before);
    await page.click("toggle-search");
    await page.click("toggle-truth");
    expect([page.all("search-panel").length, page.all("truth-panel").length]).toEqual([0, 1]);
  });

  it("looks in the conversation that is open", async () => {
    await open();
    await page.type("search-field", "天气");
    page.app.select(there);
    await page.settle();
    expect(excerpts()).toEqual(["天气 elsewhere"]);
  });
});

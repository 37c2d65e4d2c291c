// @vitest-environment happy-dom
/** Changing, cancelling and sending again what is not sent, and gaps that can be filled. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConversationId, Delivery, Healing, Row } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { flushSync } from "svelte";
import { Page } from "./support/page";

let page: Page;
let conversation: ConversationId;

beforeEach(() => {
  page = new Page();
  ({ conversation } = page.account("ws://a.test/", { kind: "off" }));
});
afterEach(() => page.end());
const own = (text: string, kind: "queued" | "sent" = "queued"): Row =>
  page.bridge.say(conversation, { kind: "me" }, text, page.world.at, { kind });
const field = (): HTMLTextAreaElement => page.one("composer") as HTMLTextAreaElement;
const texts = (): (string | undefined)[] => page.all("row-text").map((row) => row.textContent?.trim());

describe("a message that is queued", () => {
  it("is changed from the empty composer with the arrow up, in its place", async () => {
    own("first");
    own("second");
    own("gone", "sent");
    await page.show();
    expect(page.press(field(), "ArrowUp").defaultPrevented).toBe(true);
    await page.settle();
    expect(page.one("amending").textContent).toContain("not sent yet");
    expect(field().value).toBe("second");
    expect(document.activeElement).toBe(field());
    await page.type("composer", "second, better");
    page.press(field(), "Enter");
    await page.settle();
    expect(texts()).toEqual(["first", "second, better", "gone"]);
    expect(page.all("amending")).toEqual([]);
    expect(field().value).toBe("");
  });

  it("leaves arrows to a composer with a text in it, and to what was said before where nothing is queued", async () => {
    await page.show();
    expect(page.press(field(), "ArrowUp").defaultPrevented).toBe(false);
    own("x", "sent");
    await page.settle();
    page.press(field(), "ArrowUp");
    expect([field().value, page.all("amending")]).toEqual(["x", []]);
    own("y");
    await page.settle();
    await page.type("composer", "z");
    expect(page.press(field(), "ArrowUp").defaultPrevented).toBe(false);
    expect(page.all("amending")).toEqual([]);
  });

  it("stays as it was after Escape, and the draft is back", async () => {
    own("as it was");
    await page.show();
    await page.type("composer", "a draft");
    await page.click("message-menu");
    await page.click("message-edit");
    expect(field().value).toBe("as it was");
    await page.type("composer", "changed");
    expect(page.press(field(), "Escape", { isComposing: true }).defaultPrevented).toBe(false);
    expect(page.press(field(), "Escape").defaultPrevented).toBe(true);
    await page.settle();
    expect(field().value).toBe("a draft");
    expect(texts()).toEqual(["as it was"]);
    await page.app.room.value?.composer.flush();
    expect(page.bridge.drafts.get(conversation)).toBe("a draft");
  });

  it("never takes the draft's place in the store", async () => {
    own("queued");
    await page.show();
    await page.type("composer", "a draft");
    await page.click("message-menu");
    await page.click("message-edit");
    await page.type("composer", "changed");
    field().blur();
    await page.world.pass(1000);
    expect([...page.bridge.drafts.values()]).toEqual(["a draft"]);
    expect(page.app.room.value?.composer.isKept).toBe(false);
    await page.click("amend-leave");
    expect(page.app.room.value?.composer.isKept).toBe(true);
  });

  it("that is on its way meanwhile says so, and keeps what was typed", async () => {
    const row = own("too late");
    await page.show();
    page.press(field(), "ArrowUp");
    await page.settle();
    await page.type("composer", "changed");
    page.bridge.change(row.place.id, (item) => (item.kind === "gap" ? item : { ...item, delivery: { kind: "sending" } }));
    page.press(field(), "Enter");
    await page.settle();
    expect(document.querySelector('[role="alert"]')?.textContent).toContain("on its way");
    expect(field().value).toBe("changed");
    expect(texts()).toEqual(["too late"]);
  });

  it("is changed whole, however long it is", async () => {
    own(`${"x".repeat(30_000)}end`);
    await page.show();
    page.press(field(), "ArrowUp");
    await page.settle();
    expect(field().value).toHaveLength(30_003);
  });

  it("is cancelled from its menu", async () => {
    own("never mind");
    await page.show();
    await page.click("message-menu");
    await page.click("message-cancel");
    expect(page.all("row")).toEqual([]);
  });

  it("alone has a menu", async () => {
    own("x", "sent");
    await page.show();
    expect(page.all("message-menu")).toEqual([]);
  });
});

describe("messages that failed", () => {
  it("are sent again all at once, when there are several", async () => {
    const fail = (): Row => page.bridge.say(conversation, { kind: "me" }, "x", page.world.at, { kind: "failed", why: "busy" });
    fail();
    await page.show();
    expect(page.all("retry-all")).toEqual([]);
    fail();
    await page.settle();
    expect(page.one("failures").textContent).toContain("2 messages have failed");
    await page.click("retry-all");
    expect(page.all("row").map((row) => row.dataset["delivery"])).toEqual(["queued", "queued"] satisfies Delivery["kind"][]);
    expect(page.all("failures")).toEqual([]);
  });
});

describe("a gap", () => {
  const words: [Healing, string, string][] = [
    [{ kind: "unavailable" }, "Not connected from 11:55 to 11:59", "未连接"],
    [{ kind: "offered" }, "Some messages may be missing here · Load", "这里可能缺少一些消息"],
    [{ kind: "loading" }, "Loading what is missing here…", "正在加载"],
    [{ kind: "failed", why: { kind: "offline" } }, "could not be loaded: there is no connection · Try again", "没有连接 · 再试一次"],
    [{ kind: "failed", why: { kind: "silent" } }, "the server does not answer · Try again", "服务器没有回应 · 再试一次"],
    [{ kind: "failed", why: { kind: "stuck" } }, "history does not go on · Try again", "服务器的历史记录没有继续 · 再试一次"],
    [{ kind: "failed", why: { kind: "refused", text: "" } }, "the server refused · Try again", "服务器拒绝了 · 再试一次"],
    [{ kind: "failed", why: { kind: "refused", text: "busy" } }, "the server refused · Try again The server said: “busy”", "服务器说：“busy”"],
  ];
  const put = (healing: Healing): Row =>
    page.bridge.put(conversation, page.world.at, { kind: "gap", from: page.world.at - 300_000, until: page.world.at - 5000, healing });

  it.each(words)("that is %o says so in both languages", async (healing, english, chinese) => {
    put(healing);
    await page.show();
    const said = (): string => (page.one("gap").textContent ?? "").replace(/\s+/g, " ").trim();
    expect(said()).toContain(english);
    expect(page.one("gap").dataset["healing"]).toBe(healing.kind);
    page.format.set(formatOf("zh-CN", "UTC"));
    flushSync();
    expect(said()).toContain(chinese);
  });

  it("is filled when the user asks for it", async () => {
    put({ kind: "offered" });
    await page.show();
    await page.click("gap-load");
    expect(page.one("gap").dataset["healing"]).toBe("loading");
    expect(page.all("gap-load")).toEqual([]);
  });
});

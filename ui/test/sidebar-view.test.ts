// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AccountId, ConversationId } from "../src/bridge/generated";
import { Page } from "./support/page";

let page: Page;
let account: AccountId;
let rooms: ConversationId[];

beforeEach(() => {
  page = new Page();
  const added = page.account("wss://one.example/", { kind: "off" }, "One");
  account = added.account;
  page.bridge.conversations.splice(0);
  rooms = ["#a", "#b", "#c"].map((title) => page.bridge.conversation(account, { kind: "room", title }));
});
afterEach(() => page.end());

const titles = (): string[] => page.all("conversation").map((row) => row.querySelector(".name")?.textContent ?? "");
const row = (at: number): HTMLElement => {
  const found = page.all("conversation")[at];
  if (found === undefined) throw new Error(`no row ${at}`);
  return found;
};
async function choose(at: number, test: string): Promise<void> {
  row(at).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: 5, clientY: 5 }));
  await page.settle();
  await page.click(test);
}
async function press(target: HTMLElement, key: string, more: KeyboardEventInit = {}): Promise<void> {
  page.press(target, key, more);
  await page.settle();
}

describe("a conversation", () => {
  it("is pinned and muted from its menu, and says both in words", async () => {
    await page.show();
    await choose(2, "conversation-pin");
    expect(titles()).toEqual(["c", "a", "b"]);
    expect(row(0).textContent).toContain("pinned");
    await choose(1, "conversation-mute");
    expect(page.bridge.conversations.find(({ id }) => id === rooms[0])?.muted).toBe(true);
    expect(row(1).textContent).toContain("muted");
    await choose(1, "conversation-mute");
    await choose(0, "conversation-pin");
    expect([titles(), row(0).dataset["muted"]]).toEqual([["a", "b", "c"], "false"]);
  });

  it("that is muted counts quietly, and not for its account", async () => {
    Object.assign(page.bridge.conversations[2] ?? {}, { unread: 7, mentions: 2, muted: true });
    Object.assign(page.bridge.conversations[1] ?? {}, { unread: 3, mentions: 1 });
    await page.show();
    expect(page.all("mentions").map((badge) => badge.textContent)).toEqual(["@1"]);
    expect(page.all("unread").map((badge) => badge.textContent)).toEqual(["3", "7"]);
    await page.click("account-fold");
    expect(page.bridge.accounts[0]?.collapsed).toBe(true);
    expect(titles(), "the open one stays").toEqual(["a"]);
    expect([page.one("account-mentions").textContent, page.one("account-unread").textContent]).toEqual(["@1", "3"]);
    expect(page.one("account-fold").getAttribute("aria-expanded")).toBe("false");
  });

  it("tells by the rule that its menu offers; one that is muted by none", async () => {
    await page.show();
    await choose(0, "conversation-notify-all");
    expect(page.bridge.conversations[0]?.notify).toBe("all");
    row(0).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
    await page.settle();
    expect(page.one("conversation-notify-all").getAttribute("aria-checked")).toBe("true");
    expect(page.one("conversation-notify-usual").textContent).toContain("As usual: what names you");
    await page.click("conversation-notify-usual");
    expect(page.bridge.conversations[0]?.notify).toBeNull();
    await choose(0, "conversation-mute");
    await choose(0, "conversation-notify-all");
    expect(page.bridge.conversations[0]?.notify, "it is muted").toBeNull();
  });

  it("moves by the menu and by keys, and keeps the focus", async () => {
    await page.show();
    await choose(0, "conversation-down");
    expect(titles()).toEqual(["b", "a", "c"]);
    row(2).focus();
    await press(row(2), "ArrowUp", { ctrlKey: true, shiftKey: true });
    expect(titles()).toEqual(["b", "c", "a"]);
    expect((document.activeElement as HTMLElement).dataset["id"]).toBe(String(rooms[2]));
    await press(row(2), "ArrowDown", { ctrlKey: true, shiftKey: true });
    expect(titles(), "it is the last").toEqual(["b", "c", "a"]);
  });

  it("is gone to with arrows, opened with its place's number, and has its menu on a key", async () => {
    await page.show();
    row(0).focus();
    await press(row(0), "ArrowDown");
    expect(document.activeElement).toBe(row(1));
    await press(row(1), "Home");
    expect((document.activeElement as HTMLElement).dataset["test"]).toBe("account-fold");
    await press(page.one("account-fold"), "ArrowLeft");
    expect(titles()).toEqual(["a"]);
    await press(page.one("account-fold"), "ArrowRight");
    await press(document.body, "3", { ctrlKey: true });
    expect(row(2).dataset["selected"]).toBe("true");
    await press(row(2), "F10", { shiftKey: true });
    expect(page.all("conversation-mute")).toHaveLength(1);
  });

  it("with something unread is gone to from anywhere", async () => {
    Object.assign(page.bridge.conversations[2] ?? {}, { unread: 7 });
    await page.show();
    await press(document.body, "ArrowUp", { altKey: true, shiftKey: true });
    expect(row(2).dataset["selected"]).toBe("true");
  });
});

describe("the quick switcher", () => {
  it("opens on its key, finds while one types, and goes there", async () => {
    await page.show();
    await press(document.body, "k", { ctrlKey: true });
    const field = page.one("switcher-query");
    expect([field.getAttribute("role"), field.getAttribute("aria-expanded")]).toEqual(["combobox", "true"]);
    expect(page.all("choice").map((choice) => choice.querySelector(".name")?.textContent)).toEqual(["#b", "#c"]);
    const marked = (): string => page.all("choice").find((one) => one.id === field.getAttribute("aria-activedescendant"))?.textContent ?? "";
    expect(marked()).toContain("#b");
    await press(field, "ArrowDown");
    expect(marked()).toContain("#c");
    await press(field, "ArrowDown");
    expect(marked()).toContain("#b");
    await page.type("switcher-query", "c");
    await press(field, "Enter");
    expect(page.all("switcher")).toEqual([]);
    expect(row(2).dataset["selected"]).toBe("true");
  });

  it("does what the window can do", async () => {
    await page.show();
    await page.click("switch");
    await page.type("switcher-query", "add a server");
    await press(page.one("switcher-query"), "Enter");
    expect(page.all("account-dialog")).toHaveLength(1);
  });

  it("leaves Enter to an input method, and says when there is nothing", async () => {
    await page.show();
    await page.click("switch");
    await press(page.one("switcher-query"), "Enter", { isComposing: true });
    expect(page.all("switcher")).toHaveLength(1);
    await page.type("switcher-query", "nobody");
    expect(page.one("switcher").textContent).toContain("Nothing by that name");
    await press(page.one("switcher-query"), "Enter");
    expect(page.all("switcher")).toHaveLength(1);
  });
});

describe("the settings", () => {
  it("zoom step by step however fast one presses, and know both ends", async () => {
    await page.show();
    for (let time = 0; time < 3; time += 1) page.press(document.body, "+", { ctrlKey: true });
    await page.settle();
    expect(page.bridge.settingsNow.zoom).toBe(150);
    await press(document.body, "0", { ctrlKey: true });
    expect(page.bridge.settingsNow.zoom).toBe(100);
    await press(document.body, ",", { ctrlKey: true });
    await page.click("zoom-smaller");
    expect(page.one("zoom").textContent).toBe("90 %");
  });

  it("hold quiet hours, what notifications show, colours and space", async () => {
    await page.show();
    await press(document.body, ",", { ctrlKey: true });
    expect((page.one("quiet-begin") as HTMLSelectElement).disabled).toBe(true);
    await page.click("quiet");
    await page.choose("quiet-begin", "1380");
    await page.choose("quiet-end", "390");
    expect(page.bridge.settingsNow.quiet).toEqual({ on: true, from: 1380, until: 390 });
    for (const [test, value] of [["preview", "hidden"], ["theme", "contrast"], ["density", "compact"]] as const) {
      const choice = page.all(test).find((one) => one.dataset["value"] === value);
      choice?.querySelector("input")?.click();
      await page.settle();
    }
    expect(page.bridge.settingsNow).toMatchObject({ preview: "hidden", theme: "contrast", density: "compact" });
  });
});

describe("a notification that was clicked", () => {
  it("leads to its message, open or not", async () => {
    const second = rooms[1] ?? 0;
    const said = page.bridge.say(second, { kind: "person", name: "ann" }, "here");
    page.bridge.say(second, { kind: "person", name: "ann" }, "later");
    await page.show();
    page.bridge.show(second, said.place.id);
    await page.settle();
    expect(row(1).dataset["selected"]).toBe("true");
    expect((document.activeElement as HTMLElement).dataset["id"]).toBe(String(said.place.id));
  });
});

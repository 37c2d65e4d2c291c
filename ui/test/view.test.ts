// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeBridge } from "../src/bridge/fake";
import { plainConfig } from "../src/bridge/fake-config";
import { messageItem } from "../src/bridge/fake-rows";
import type { ConversationId, Delivery } from "../src/bridge/generated";
import { formatOf, type Format } from "../src/i18n/format";
import { App } from "../src/model/app";
import { Cell } from "../src/model/cell";
import Main from "../src/view/Main.svelte";
import { HandWorld } from "./support/world";

let world: HandWorld;
let bridge: FakeBridge;
let app: App;
let format: Cell<Format>;
let mounted: Record<string, unknown>;

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
  world = new HandWorld();
  bridge = new FakeBridge(world.at);
  app = new App(bridge, world);
  format = new Cell(formatOf("en", "UTC"));
});

afterEach(() => {
  void unmount(mounted);
  app.stop();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

async function show(): Promise<void> {
  app.start(null);
  mounted = mount(Main, { target: document.body, props: { app, format } });
  await settle();
}
async function settle(): Promise<void> {
  await world.settle();
  flushSync();
  await world.settle();
  flushSync();
}
const all = (test: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(`[data-test="${test}"]`)];
const one = (test: string): HTMLElement => {
  const found = all(test)[0];
  if (found === undefined) throw new Error(`no ${test}`);
  return found;
};
async function click(test: string): Promise<void> {
  one(test).click();
  await settle();
}
async function type(test: string, text: string): Promise<void> {
  const field = one(test) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
}
function press(target: EventTarget, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  flushSync();
  return event;
}
function lounge(): ConversationId {
  const line = { url: "ws://127.0.0.1:4747/lounge", address: "127.0.0.1:1", tls: null, subprotocol: null, extensions: null, rttMs: 1, since: world.at };
  return bridge.account(plainConfig("ws://127.0.0.1:1/lounge"), { kind: "online", line }, true).conversation;
}

describe("the first start", () => {
  it("welcomes, joins the lounge and shows its room", async () => {
    await show();
    expect(one("welcome").textContent).toContain("Talk to any chat server");
    await click("join-lounge");
    expect(all("welcome")).toEqual([]);
    expect(one("conversation").dataset["selected"]).toBe("true");
    expect(one("account").dataset["status"]).toBe("online");
    expect(one("status-line").textContent).toContain("Connected");
  });

  it("switches the language through the settings", async () => {
    await show();
    all("language").find((choice) => choice.dataset["value"] === "zh-CN")?.click();
    await settle();
    expect(bridge.settingsNow.language).toBe("zh-CN");
    format.set(formatOf("zh-CN", "UTC"));
    flushSync();
    expect(one("welcome").textContent).toContain("加入本机大厅");
  });
});

describe("a message", () => {
  it("invariant 4: is text, whatever stands in it", async () => {
    const conversation = lounge();
    const hostile = `<img src=x onerror="alert(1)"><script>alert(2)</script><b>&amp;{@html}`;
    bridge.say(conversation, { kind: "person", name: hostile }, hostile);
    const found = bridge.conversations[0];
    if (found !== undefined) found.topic = hostile;
    await show();
    expect(one("row-text").textContent).toBe(hostile);
    expect(document.querySelectorAll("article img, article script, article b, header img, header script, header b")).toHaveLength(0);
  });

  it("keeps its spaces and line breaks", async () => {
    bridge.say(lounge(), { kind: "server" }, "  a\n\n b ");
    await show();
    expect(one("row-text").querySelector(".text")?.textContent).toBe("  a\n\n b ");
  });

  it("of megabytes shows its beginning, and the whole when asked", async () => {
    const text = `${"x".repeat(2_097_104)}z`;
    bridge.say(lounge(), { kind: "server" }, text);
    await show();
    const shown = (): string => one("row-text").querySelector(".text")?.textContent ?? "";
    expect(shown()).toBe("x".repeat(20_000));
    expect(one("show-whole").textContent).toBe("Show all 2,097,105 characters");
    await click("show-whole");
    expect(shown() === text).toBe(true);
    expect(all("show-whole")).toEqual([]);
    // It is in that row alone: the model still holds the beginning, and nobody was thrown to the end of the text.
    expect(JSON.stringify(app.room.value?.timeline.window.value).length).toBeLessThan(21_000);
    expect(app.room.value?.timeline.following.value).toBe(false);
  });

  it("whose whole text cannot be read can be asked for it again", async () => {
    bridge.say(lounge(), { kind: "server" }, "x".repeat(30_000));
    await show();
    const { whole } = bridge;
    bridge.whole = () => Promise.reject(new Error("lost"));
    await click("show-whole");
    expect(app.trouble.value).toEqual({ kind: "reading" });
    bridge.whole = whole;
    await click("show-whole");
    expect(one("row-text").querySelector(".text")?.textContent).toHaveLength(30_000);
  });

  it("of bytes shows its size and first bytes", async () => {
    const conversation = lounge();
    const body = { spans: [{ kind: "binary" as const, size: 1234, head: [0x89, 0x50, 0x4e, 0x47] }] };
    bridge.put(conversation, world.at, messageItem({ sender: { kind: "server" }, body, at: world.at }));
    await show();
    expect(one("row-text").textContent).toContain("Binary message · 1.2 kB");
    expect(one("row-text").textContent).toContain("89 50 4e 47");
    expect(one("row-text").textContent).toContain("·PNG");
  });

  const states: [Delivery, string][] = [
    [{ kind: "queued" }, "queued"],
    [{ kind: "sending" }, "sending…"],
    [{ kind: "sent" }, "sent"],
    [{ kind: "acknowledged" }, "acknowledged"],
    [{ kind: "unconfirmed" }, "it may or may not have arrived"],
    [{ kind: "failed", why: "too slow" }, "failed: too slow"],
  ];
  it.each(states)("of ours says its state in words: $kind", async (delivery, words) => {
    bridge.say(lounge(), { kind: "me" }, "x", world.at, delivery);
    await show();
    expect(one("row").textContent).toContain(words);
    expect(one("row").dataset["delivery"]).toBe(delivery.kind);
    expect(all("retry")).toHaveLength(delivery.kind === "unconfirmed" || delivery.kind === "failed" ? 1 : 0);
  });

  it("that failed can be tried again, or discarded", async () => {
    bridge.say(lounge(), { kind: "me" }, "x", world.at, { kind: "failed", why: "y" });
    await show();
    await click("retry");
    expect(one("row").dataset["delivery"]).toBe("queued");
    bridge.change(Number(one("row").dataset["id"]), (item) =>
      item.kind === "message" ? { ...item, delivery: { kind: "unconfirmed" } } : item,
    );
    await settle();
    await click("discard");
    expect(all("row")).toEqual([]);
  });
});

describe("the composer", () => {
  beforeEach(async () => {
    lounge();
    await show();
  });

  it("sends on Enter, never during a composition", async () => {
    await type("composer", "ni hao");
    const field = one("composer");
    expect(press(field, "Enter", { isComposing: true }).defaultPrevented).toBe(false);
    const late = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    Object.defineProperty(late, "keyCode", { value: 229 });
    field.dispatchEvent(late);
    press(field, "Enter", { shiftKey: true });
    await settle();
    expect(all("row")).toEqual([]);
    expect(press(field, "Enter").defaultPrevented).toBe(true);
    await settle();
    expect(one("row").textContent).toContain("ni hao");
    expect((field as HTMLTextAreaElement).value).toBe("");
  });

  it("says why a message was not sent, and keeps the text", async () => {
    await type("composer", "x".repeat(1001));
    press(one("composer"), "Enter");
    await settle();
    expect(document.querySelector('[role="alert"]')?.textContent).toContain("too long");
    expect((one("composer") as HTMLTextAreaElement).value).toHaveLength(1001);
  });

  it("goes to the newest message on End while it is empty, and to the end of its text otherwise", async () => {
    const following = app.room.value?.timeline.following;
    following?.set(false);
    await type("composer", "x");
    expect(press(one("composer"), "End").defaultPrevented).toBe(false);
    expect(following?.value).toBe(false);
    await type("composer", "");
    expect(press(one("composer"), "End", { shiftKey: true }).defaultPrevented).toBe(false);
    expect(press(one("composer"), "End").defaultPrevented).toBe(true);
    await settle();
    expect(following?.value).toBe(true);
  });

  it("keeps the draft at once when the field loses the focus", async () => {
    await type("composer", "half a thou");
    expect(bridge.drafts.size).toBe(0);
    one("composer").blur();
    await settle();
    expect([...bridge.drafts.values()]).toEqual(["half a thou"]);
  });

  it("takes what is typed anywhere", () => {
    one("timeline").focus();
    press(one("timeline"), "h");
    expect(document.activeElement).toBe(one("composer"));
  });
});

describe("the account dialog", () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    lounge();
    await show();
    press(document.body, "n", { ctrlKey: true });
    await settle();
  });
  afterEach(() => void vi.useRealTimers());
  const rest = async (): Promise<void> => {
    vi.advanceTimersByTime(200);
    await settle();
  };

  it("says nothing before something was typed", async () => {
    await rest();
    expect(all("form-fault")).toEqual([]);
  });

  it("says what is wrong with an address and offers the right one", async () => {
    await type("account-url", "http://chat.example.org/ws");
    await rest();
    expect(one("form-fault").textContent).toContain("begin with ws:// or wss://");
    await click("use-suggestion");
    await rest();
    expect((one("account-url") as HTMLInputElement).value).toBe("ws://chat.example.org/ws");
    expect(all("form-fault")).toEqual([]);
  });

  it("hints at what should be weighed, described and announced, and saves it all the same", async () => {
    const hints = (): (string | null)[] => all("form-hint").map((hint) => hint.textContent);
    const described = (field: HTMLElement): string =>
      (field.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .map((id) => document.getElementById(id)?.textContent ?? "")
        .join(" ");
    await type("account-url", "wss://chat.example.org/ws?token=1");
    await click("add-fallback");
    await type("account-fallback", "ws://second.example.org/ws");
    await click("add-header");
    await type("header-name", "X-Api-Key");
    expect(hints()).toHaveLength(2);
    await type("header-value", "7");
    await rest();
    expect(hints()).toEqual([
      expect.stringContaining("This address seems to hold a secret"),
      expect.stringContaining("messages would travel unprotected"),
      expect.stringContaining("“X-Api-Key” seems to hold a secret"),
    ]);
    for (const [at, name] of ["account-url", "account-fallback", "header-value"].entries()) {
      expect(described(one(name))).toContain(hints()[at]);
      expect(all("form-hint")[at]?.closest("[aria-live]")?.getAttribute("aria-live")).toBe("polite");
      expect(one(name).getAttribute("aria-invalid")).not.toBe("true");
    }
    format.set(formatOf("zh-CN", "UTC"));
    flushSync();
    expect(hints()[1]).toContain("消息将不受保护地传输");
    one("account-save").closest("form")?.requestSubmit();
    await settle();
    await rest();
    expect(all("account-dialog")).toEqual([]);
    expect(bridge.accounts.at(-1)?.config).toMatchObject({
      fallbacks: ["ws://second.example.org/ws"],
      headers: [{ name: "X-Api-Key", value: "7" }],
    });
  });

  it("asks what the chosen protocol needs, keeps what was typed, and tells of it at its field", async () => {
    await type("account-url", "wss://irc.example.org/ws");
    expect(all("field-nick")).toEqual([]);
    const choose = async (at: number): Promise<void> => {
      all("account-protocol")[at]?.querySelector("input")?.click();
      await settle();
    };
    await choose(1);
    expect(all("account-protocol").map((choice) => choice.textContent?.trim())).toEqual(["Plain messages", "IRC"]);
    expect(["nick", "channels", "shoe"].map((name) => one(`field-${name}`).closest("form")?.querySelector(`label[for="${one(`field-${name}`).id}"]`)?.textContent?.trim())).toEqual([
      "Nickname",
      "Channels to join at the first log-in, with commas or spaces between",
      "Size of the shoe optional",
    ]);
    one("account-save").closest("form")?.requestSubmit();
    await settle();
    expect(one("field-nick").getAttribute("aria-invalid")).toBe("true");
    expect(all("form-fault").map((fault) => fault.textContent?.trim())).toEqual(["Type this too: Nickname."]);
    await type("field-nick", "!");
    await rest();
    expect(one("form-fault").textContent).toContain("The field “Nickname” cannot hold “!”");
    await type("field-nick", "alice");
    await choose(0);
    expect(all("field-nick")).toEqual([]);
    await choose(1);
    expect((one("field-nick") as HTMLInputElement).value).toBe("alice");
    expect((one("account-url") as HTMLInputElement).value).toBe("wss://irc.example.org/ws");
    await click("preset");
    expect((one("field-channels") as HTMLInputElement).value).toBe("#welcome");
    all("log-in-kind").find((choice) => choice.dataset["value"] === "protocol")?.querySelector("input")?.click();
    await settle();
    await type("log-in-user", "alice");
    await type("log-in-secret", "hunter2");
    one("account-save").closest("form")?.requestSubmit();
    await settle();
    await rest();
    expect(bridge.accounts.at(-1)?.config).toMatchObject({
      protocol: "irc",
      logIn: { kind: "protocol", user: "alice" },
      fields: { nick: "alice", channels: "#welcome" },
    });
    expect([...bridge.secrets.values()]).toEqual(["hunter2"]);
  });

  it("adds the account once and opens it", async () => {
    await type("account-url", "ws://chat.example.org/ws");
    await type("account-name", "Chat");
    bridge.loseAnswers(1);
    one("account-save").closest("form")?.requestSubmit();
    await settle();
    await rest();
    expect(all("account-dialog")).toEqual([]);
    expect(all("account")).toHaveLength(2);
    expect(all("conversation").at(-1)?.dataset["selected"]).toBe("true");
  });

  it("does not save what cannot be used", async () => {
    one("account-save").closest("form")?.requestSubmit();
    await settle();
    expect(one("form-fault").textContent).toContain("Type the address");
    expect(all("account")).toHaveLength(1);
    await click("account-cancel");
    expect(all("account-dialog")).toEqual([]);
  });
});

describe("an account", () => {
  beforeEach(async () => {
    lounge();
    await show();
    await click("account-menu");
  });

  it("is removed only after a question that says what is lost", async () => {
    await click("account-remove");
    expect(one("confirm").textContent).toContain("cannot be brought back");
    expect(all("account")).toHaveLength(1);
    await click("confirm-yes");
    expect(one("welcome")).toBeDefined();
  });

  it("is turned off and on", async () => {
    await click("account-toggle");
    expect(one("account").dataset["status"]).toBe("off");
    await click("connect-now");
    expect(one("account").dataset["status"]).toBe("connecting");
  });

  it("has a menu for the keyboard", () => {
    expect(document.activeElement).toBe(one("account-edit"));
    press(one("account-edit"), "ArrowDown");
    expect(document.activeElement).toBe(one("account-toggle"));
    press(one("account-toggle"), "Escape");
    expect(all("account-edit")).toEqual([]);
    expect(document.activeElement).toBe(one("account-menu"));
  });
});

describe("accounts of one host", () => {
  it("are told apart by the path, also when one is removed", async () => {
    for (const path of ["echo", "room"]) bridge.account(plainConfig(`ws://127.0.0.1:9555/${path}`), { kind: "off" });
    bridge.account(plainConfig("ws://chat.example.org/ws"), { kind: "off" });
    await show();
    const places = all("account").map((account) => account.querySelector("h2")?.textContent);
    expect(places).toEqual(["127.0.0.1:9555/echo", "127.0.0.1:9555/room", "chat.example.org"]);
    await click("account-menu");
    await click("account-remove");
    expect(one("confirm-address").textContent).toBe("ws://127.0.0.1:9555/echo");
  });
});

describe("trouble", () => {
  it("with the disk is a notice that can be closed", async () => {
    lounge();
    bridge.notices = [{ kind: "historySetAside", path: "/x/history.db.broken" }];
    await show();
    expect(one("notice").textContent).toContain("/x/history.db.broken");
    one("notice").querySelector("button")?.click();
    flushSync();
    expect(all("notice")).toEqual([]);
  });

  it.each([
    ["unusable", "no such device", "no such device"],
    ["inUse", "in use", "Whinchat is already open"],
    ["newer", "format 9", "from a newer Whinchat"],
  ])("that makes the store %s takes the whole window", async (code, text, said) => {
    bridge.sidebar = () => Promise.reject({ code, text });
    await show();
    expect(one("unusable").textContent).toContain(said);
  });
});

describe("settings", () => {
  it("change the theme through the store", async () => {
    lounge();
    await show();
    press(document.body, ",", { ctrlKey: true });
    await settle();
    all("theme").find((choice) => choice.dataset["value"] === "dark")?.querySelector("input")?.click();
    await settle();
    expect(bridge.settingsNow.theme).toBe("dark");
  });
});

describe("words that call", () => {
  it("are a setting, kept when the field is left", async () => {
    lounge();
    await show();
    await click("open-settings");
    const field = one("highlights") as HTMLInputElement;
    field.value = " tea, Tee ";
    field.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(bridge.settingsNow.highlights).toBe("tea, Tee");
    expect((one("highlights") as HTMLInputElement).value).toBe("tea, Tee");
  });
});

describe("the timeline", () => {
  it("shows days, the new line and gaps where they belong", async () => {
    const conversation = lounge();
    const read = bridge.say(conversation, { kind: "server" }, "a", world.at - 86_400_000);
    const gaps = [300_000, 60_000].map((ago) => ({ from: world.at - ago, until: world.at - 5000 }));
    for (const gap of gaps) bridge.put(conversation, world.at - 5000, { kind: "gap", healing: { kind: "unavailable" }, ...gap });
    bridge.say(conversation, { kind: "server" }, "b");
    const found = bridge.conversations[0];
    if (found !== undefined) Object.assign(found, { read: read.place, unread: 1 });
    await show();
    expect(all("day").map((day) => day.textContent)).toEqual(["Yesterday", "Today"]);
    const told = (): (string | undefined)[] => all("gap").map((gap) => gap.textContent?.trim());
    expect(told()).toEqual([
      "Not connected from 11:55 to 11:59; messages of that time may be missing",
      "Not connected at 11:59; messages of that time may be missing",
    ]);
    format.set(formatOf("zh-CN", "UTC"));
    flushSync();
    expect(told()[1]).toBe("11:59 未连接，期间的消息可能没有收到");
    expect(one("new-line").nextElementSibling).toBe(all("row")[1]);
  });

  it("leads to the first unread message where it is further back than what is shown, until it was seen", async () => {
    const conversation = lounge();
    const rows = Array.from({ length: 400 }, (_, at) => bridge.say(conversation, { kind: "server" }, `${at}`, world.at + at));
    const found = bridge.conversations[0];
    const read = rows[99];
    if (found === undefined || read === undefined) throw new Error("no row");
    Object.assign(found, { read: read.place, unread: 300 });
    await show();
    expect(all("row").some((row) => row.dataset["id"] === `${read.place.id}`)).toBe(false);
    await click("jump-unread");
    expect(one("new-line").previousElementSibling).toBe(document.activeElement);
    expect(document.activeElement?.getAttribute("data-id")).toBe(`${read.place.id}`);
    expect(all("jump-unread")).toEqual([]);
    await click("jump-newest");
    expect(all("row").at(-1)?.textContent).toContain("399");
    expect(all("jump-unread"), "it was seen").toEqual([]);
  });

  it("holds no more than its window, however long the history", async () => {
    const conversation = lounge();
    for (let at = 0; at < 1000; at += 1) bridge.say(conversation, { kind: "server" }, `${at}`, world.at + at);
    await show();
    for (let at = 0; at < 20; at += 1) {
      await app.read((timeline) => timeline.older());
      await settle();
    }
    expect(all("row").length).toBeLessThanOrEqual(300);
  });
});

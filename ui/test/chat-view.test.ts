// @vitest-environment happy-dom
/** Rooms and people in the page: messages and what is done with them, happenings, gaps, the sidebar, the composer. */
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { plainConfig, WHOLE } from "../src/bridge/fake-config";
import { quoteOf, textItem } from "../src/bridge/fake-rows";
import type { AccountId, ConversationId, Item, Row, Status } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { Page } from "./support/page";

type Message = Extract<Item, { kind: "message" }>;

let page: Page;
let account: AccountId;
let server: ConversationId;
let room: ConversationId;

const online = (at: number): Status => ({
  kind: "online",
  line: { url: "wss://irc.test/", address: "1.2.3.4:443", tls: "TLS 1.3", subprotocol: null, extensions: null, rttMs: 1, since: at },
});

beforeEach(() => {
  page = new Page();
  const { bridge, world } = page;
  ({ account, conversation: server } = bridge.account({ ...plainConfig("wss://irc.test/"), protocol: "irc" }, online(world.at)));
  Object.assign(bridge.accounts[0] ?? {}, { capabilities: { ...WHOLE }, me: "alice" });
  room = bridge.conversation(account, { kind: "room", title: "#tea", topic: "Tea and https://example.org/tea" });
});
afterEach(() => page.end());

async function open(conversation = room): Promise<void> {
  await page.show();
  page.app.select(conversation);
  await page.settle();
}
function say(who: string, text: string, more: Partial<Message> = {}): Row {
  const { bridge, world } = page;
  const sender = who === "me" ? { kind: "me" as const } : { kind: "person" as const, name: who };
  return bridge.put(room, world.at, textItem({ sender, at: world.at, named: true, ...more }, text));
}
const texts = (test: string): (string | undefined)[] => page.all(test).map((one) => one.textContent?.replace(/\s+/g, " ").trim());
const hover = async (test: string, at = 0): Promise<void> => {
  page.all(test)[at]?.dispatchEvent(new Event("pointerenter"));
  await page.settle();
};

describe("a message", () => {
  it("that is an action stands in one line with its author; our own under our name there", async () => {
    say("ann", "waves", { tone: "action" });
    say("me", "waves back", { tone: "action" });
    await open();
    expect(texts("row").map((text) => text?.replace(/^\d\d:\d\d /, ""))).toEqual(["* ann waves", "* alice waves back"]);
  });

  it("that is a notice says so", async () => {
    say("bot", "done", { tone: "notice" });
    await open();
    expect(page.one("row").textContent).toContain("notice");
  });

  it("that names us says so without colour", async () => {
    say("ann", "alice: hi", { mentionsMe: true });
    await open();
    expect(page.one("row").dataset["mention"]).toBe("true");
    expect(page.one("row").textContent).toContain("mentions you");
  });

  it("that answers shows what it answers, and leads there", async () => {
    const asked = say("ann", "how?");
    for (let at = 0; at < 200; at += 1) say("bob", `${at}`);
    say("carl", "so", { reply: quoteOf(asked) });
    say("carl", "and so", { reply: { id: null, sender: null, text: "" } });
    await open();
    expect(texts("quote")).toEqual(["ann how?", "A message that is not here"]);
    expect(page.all("quote").map((one) => one.tagName)).toEqual(["BUTTON", "DIV"]);
    expect(page.all("row").some((row) => row.dataset["id"] === `${asked.place.id}`)).toBe(false);
    await page.click("quote");
    const found = page.all("row").find((row) => row.dataset["id"] === `${asked.place.id}`);
    expect(found).toBe(document.activeElement);
    expect(page.app.room.value?.timeline.following.value).toBe(false);
  });

  it("that is gone when its answer is pressed is said to be gone", async () => {
    const asked = say("ann", "how?");
    for (let at = 0; at < 200; at += 1) say("bob", `${at}`);
    say("carl", "so", { reply: quoteOf(asked) });
    await open();
    page.bridge.around = () => Promise.reject({ code: "gone", text: "" });
    await page.click("quote");
    expect(page.app.trouble.value).toMatchObject({ kind: "doing", code: "gone" });
  });

  it("that was taken back is a quiet line that says by whom and why", async () => {
    const by = { kind: "person" as const, name: "ann" };
    say("ann", "secret", { body: { spans: [] }, retracted: { by, why: "wrong room" } });
    await open();
    expect(texts("retracted")).toEqual(["ann took a message back (wrong room)"]);
    expect(page.all("row")).toEqual([]);
  });

  it("invariant 4: is text, in quotes, reactions, happenings, topics and names too", async () => {
    const hostile = `<img src=x onerror="alert(1)"><b>x</b>`;
    const row = say(hostile, hostile, { reactions: [{ text: hostile, names: [hostile], mine: false }] });
    say("x", "x", { reply: quoteOf(row) });
    const who = { kind: "person" as const, name: hostile };
    page.bridge.put(room, page.world.at, { kind: "happening", who, change: { kind: "topic", text: hostile }, at: page.world.at });
    const found = page.bridge.conversations.find(({ id }) => id === room);
    Object.assign(found ?? {}, { topic: hostile, title: hostile });
    page.bridge.gather(room, [{ name: hostile, badge: "@", rank: 1, away: false, bot: false, account: hostile }], [hostile]);
    await open();
    await page.click("topic");
    await page.click("toggle-members");
    expect(document.querySelectorAll("img, article b, aside b, header b")).toHaveLength(0);
    expect(page.one("whole-topic").textContent).toBe(hostile);
    expect(page.one("member").textContent).toContain(hostile);
  });
});

describe("reactions", () => {
  it("are buttons with their number, tell who put them, and put ours or take it away", async () => {
    say("ann", "x", { reactions: [{ text: "👍", names: ["bob", "carl"], mine: true }, { text: "oh", names: ["dora"], mine: false }] });
    await open();
    expect(texts("reaction")).toEqual(["👍 3", "oh 1"]);
    expect(page.one("reaction").title).toBe("👍: You, bob and carl");
    expect(page.all("reaction").map((one) => one.getAttribute("aria-pressed"))).toEqual(["true", "false"]);
    await page.click("reaction");
    expect(texts("reaction")).toEqual(["👍 2", "oh 1"]);
    await page.click("reaction", 1);
    expect(texts("reaction")).toEqual(["👍 2", "oh 2"]);
  });

  it("are only shown where the server cannot take ours", async () => {
    say("ann", "x", { reactions: [{ text: "👍", names: ["bob"], mine: false }], named: false });
    await open();
    await page.click("reaction");
    expect(page.bridge.ran).not.toContain("react");
  });

  it("are put from a row of common ones or a field", async () => {
    say("ann", "x");
    await open();
    await hover("row");
    await page.click("tool-react");
    await page.click("react-common", 3);
    await hover("row");
    await page.click("tool-react");
    await page.type("react-other", " yes ");
    page.one("react-put").closest("form")?.requestSubmit();
    await page.settle();
    expect(texts("reaction")).toEqual(["🎉 1", "yes 1"]);
  });
});

describe("what can be done with a message", () => {
  const why = (): (string | null)[] => ["tool-reply", "tool-react", "tool-copy", "tool-retract"].map((name) => page.all(name)[0]?.title ?? null);

  it("is drawn where the pointer is, and nowhere else", async () => {
    say("ann", "x");
    say("me", "y");
    await open();
    expect(page.all("tool-reply")).toEqual([]);
    await hover("row");
    expect(why()).toEqual(["Reply", "React…", "Copy the text", null]);
    page.one("row").dispatchEvent(new Event("pointerleave"));
    await hover("row", 1);
    expect(why()).toEqual(["Reply", "React…", "Copy the text", "Take back"]);
  });

  it.each<[string, () => void, (string | null)[]]>([
    ["the server lacks it", () => Object.assign(page.bridge.accounts[0]?.capabilities ?? {}, { replies: false, reactions: false, retraction: false }),
      ["Reply · This server has no such thing", "React… · This server has no such thing", "Copy the text", "Take back · This server has no such thing"]],
    ["there is no connection; a reply waits", () => page.bridge.status(account, { kind: "off" }),
      ["Reply", "React… · There is no connection", "Copy the text", "Take back · There is no connection"]],
    ["the server has no name for it", () => page.bridge.change(1 + room, (item) => (item.kind === "message" ? { ...item, named: false } : item)),
      ["Reply · The server has no name for this message", "React… · The server has no name for this message", "Copy the text", "Take back · The server has no name for this message"]],
  ])("says why it cannot be done: %s", async (_, prepare, expected) => {
    say("me", "x");
    prepare();
    await open();
    await hover("row");
    expect(why()).toEqual(expected);
    for (const tool of ["tool-react", "tool-retract"]) await page.click(tool);
    expect(page.bridge.ran.filter((name) => name === "react" || name === "retract")).toEqual([]);
    expect(page.all("react-dialog")).toEqual([]);
  });

  it("is in a menu for the keyboard, which the arrows reach", async () => {
    say("ann", "one");
    say("me", "two");
    await open();
    const list = page.one("timeline");
    list.focus();
    page.press(list, "ArrowUp");
    const rows = page.all("row");
    expect(rows).toContain(document.activeElement);
    rows[0]?.focus();
    page.press(document.activeElement ?? list, "ArrowDown");
    expect(document.activeElement).toBe(rows[1]);
    page.press(rows[1] ?? list, "Enter");
    await page.settle();
    expect(document.activeElement).toBe(page.one("message-reply"));
    page.press(page.one("message-reply"), "ArrowUp");
    expect(document.activeElement).toBe(page.one("message-retract"));
    await page.click("message-retract");
    expect(texts("retracted")).toEqual(["You took a message back"]);
  });

  it("has keys of its own while the message has the focus", async () => {
    say("ann", "one");
    await open();
    const row = page.one("row");
    row.focus();
    page.press(row, "r");
    await page.settle();
    expect(texts("answering")[0]).toContain("Reply to ann one");
    row.focus();
    page.press(row, "+");
    await page.settle();
    expect(page.all("react-dialog")).toHaveLength(1);
  });

  it("copies all of a long text", async () => {
    const copied: string[] = [];
    vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void copied.push(text));
    say("ann", "x".repeat(30_000));
    await open();
    await hover("row");
    await page.click("tool-copy");
    expect(copied.map((text) => text.length)).toEqual([30_000]);
  });
});

describe("a reply", () => {
  it("has a banner that Escape and its button put away, and goes with the message", async () => {
    const asked = say("ann", "how?");
    await open();
    for (const away of [() => page.press(page.one("composer"), "Escape"), () => page.one("answer-leave").click()]) {
      page.app.answer(asked.place.id);
      await page.settle();
      expect(texts("answering")[0]).toContain("Reply to ann how?");
      expect(document.activeElement).toBe(page.one("composer"));
      away();
      await page.settle();
      expect(page.all("answering")).toEqual([]);
    }
    page.app.answer(asked.place.id);
    await page.type("composer", "so");
    page.press(page.one("composer"), "Enter");
    await page.settle();
    expect(texts("quote")).toEqual(["ann how?"]);
    expect(page.all("answering")).toEqual([]);
  });
});

describe("happenings", () => {
  it("of one sort stand in one line that opens on a press", async () => {
    const { bridge, world } = page;
    for (const name of ["ann", "bob", "carl", "dora"]) {
      bridge.put(room, world.at, { kind: "happening", who: { kind: "person", name }, change: { kind: "joined" }, at: world.at });
    }
    await open();
    expect(texts("happenings")).toEqual(["ann, bob and 2 others joined"]);
    expect(page.all("happening-one")).toEqual([]);
    await page.click("happenings");
    expect(texts("happening-one").map((text) => text?.replace(/^\S+ /, ""))).toEqual(["ann joined", "bob joined", "carl joined", "dora joined"]);
    expect(page.app.room.value?.timeline.following.value).toBe(false);
    page.format.set(formatOf("zh-CN", "UTC"));
    flushSync();
    expect(texts("happenings")).toEqual(["ann、bob 等 4 人加入了"]);
  });
});

describe("earlier messages on the server", () => {
  const gap = (healing: Extract<Item, { kind: "gap" }>["healing"]): Row =>
    page.bridge.put(room, page.world.at - 1000, { kind: "gap", from: null, until: null, healing });

  it("load by themselves when the reader is there, once for each state of the gap", async () => {
    const row = gap({ kind: "offered" });
    say("ann", "x");
    await open();
    expect(page.bridge.ran.filter((name) => name === "heal")).toHaveLength(1);
    expect(page.one("gap").dataset["healing"]).toBe("loading");
    page.bridge.change(row.place.id, (item) => ({ ...item, healing: { kind: "offered" } }) as Item);
    await page.settle();
    expect(page.bridge.ran.filter((name) => name === "heal")).toHaveLength(2);
  });

  it("wait for a connection, and for a press after a failure", async () => {
    gap({ kind: "failed", why: { kind: "silent" } });
    await open();
    expect(page.bridge.ran).not.toContain("heal");
    await page.click("gap-load");
    expect(page.bridge.ran).toContain("heal");
  });

  it("are said to be on the server while there is no connection", async () => {
    gap({ kind: "offered" });
    page.bridge.status(account, { kind: "off" });
    await open();
    expect(page.bridge.ran).not.toContain("heal");
    expect(texts("gap")[0]).toBe("Earlier messages are on the server · Load");
  });
});

describe("the sidebar", () => {
  const item = (id: ConversationId): HTMLElement => page.all("conversation").find((one) => one.dataset["id"] === `${id}`) ?? page.one("none");
  const menu = async (id: ConversationId): Promise<void> => {
    item(id).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: 20, clientY: 20 }));
    await page.settle();
  };

  it("tells rooms, people and the server apart, counts mentions of their own, and dims what was left", async () => {
    const direct = page.bridge.conversation(account, { kind: "direct", title: "mei", unread: 2, mentions: 2 });
    const busy = page.bridge.conversation(account, { kind: "room", title: "#busy", unread: 7, mentions: 3 });
    const left = page.bridge.conversation(account, { kind: "room", title: "#old", left: true });
    await open();
    expect(item(server).textContent).toContain("The server’s own");
    expect(item(direct).textContent).toContain("Conversation of two");
    expect(item(direct).querySelector('[data-test="unread"]')).toBeNull();
    expect(item(direct).querySelector('[data-test="mentions"]')?.textContent).toBe("2");
    expect(item(busy).querySelector('[data-test="mentions"]')?.textContent).toBe("@3");
    expect(item(busy).querySelector('[data-test="unread"]')?.textContent).toBe("7");
    expect(item(busy).textContent).toContain("3 mentions");
    expect(item(left).dataset["left"]).toBe("true");
    expect(item(left).textContent).toContain("not in it");
  });

  it("leaves a room, which stays until it is deleted after a question", async () => {
    await open(server);
    await menu(room);
    expect(document.activeElement).toBe(page.one("conversation-read"));
    await page.click("conversation-leave");
    expect(item(room).dataset["left"]).toBe("true");
    await menu(room);
    await page.click("conversation-remove");
    expect(page.one("confirm-conversation").textContent).toContain("cannot be brought back");
    await page.click("confirm-yes");
    expect(page.all("conversation").map((one) => one.dataset["id"])).toEqual([`${server}`]);
  });

  it("marks a conversation as read that is not open", async () => {
    say("ann", "x");
    await open(server);
    expect(page.all("unread")).toHaveLength(1);
    await menu(room);
    await page.click("conversation-read");
    expect(page.all("unread")).toEqual([]);
  });

  it("joins a room by a dialog, opens it, and says what went wrong", async () => {
    await open();
    page.press(document.body, "j", { ctrlKey: true });
    await page.settle();
    page.one("join-go").closest("form")?.requestSubmit();
    await page.settle();
    expect(page.one("join-dialog").textContent).toContain("Type the name of the room.");
    await page.type("join-name", "#new");
    page.bridge.failNext("offline");
    page.one("join-go").closest("form")?.requestSubmit();
    await page.settle();
    expect(page.one("join-dialog").textContent).toContain("There is no connection");
    page.one("join-go").closest("form")?.requestSubmit();
    await page.settle();
    expect(page.all("join-dialog")).toEqual([]);
    expect(page.all("conversation").at(-1)?.dataset["selected"]).toBe("true");
  });

  it("offers no rooms where there are none", async () => {
    Object.assign(page.bridge.accounts[0]?.capabilities ?? {}, { rooms: false });
    await open();
    expect(page.all("join-room")).toEqual([]);
    page.press(document.body, "j", { ctrlKey: true });
    await page.settle();
    expect(page.all("join-dialog")).toEqual([]);
  });
});

describe("a room", () => {
  it("shows the whole of its topic on a press, with links, and our own name beside the text", async () => {
    await open();
    expect(page.one("me").textContent).toBe("alice");
    expect(page.one("composer").getAttribute("aria-label")).toContain("You are alice here");
    await page.click("topic");
    expect(page.one("whole-topic").textContent).toBe("Tea and https://example.org/tea");
    expect(page.one("whole-topic").querySelector('[data-test="link"]')).not.toBeNull();
    await page.click("topic");
    expect(page.all("whole-topic")).toEqual([]);
  });

  it("that was left says so and can be entered again", async () => {
    Object.assign(page.bridge.conversations.find(({ id }) => id === room) ?? {}, { left: true });
    await open();
    expect(page.one("left").textContent).toContain("You are not in this room.");
    await page.click("rejoin");
    expect(page.all("left")).toEqual([]);
  });
});

/** Modules are loaded by the disk's time, not by that of the test's clock. */
const PATIENCE = { timeout: 20_000 };

describe("words in the composer", () => {
  beforeEach(() => open());
  const field = (): HTMLTextAreaElement => page.one("composer") as HTMLTextAreaElement;
  const key = async (name: string, more: KeyboardEventInit = {}): Promise<KeyboardEvent> => {
    const event = page.press(document.activeElement ?? field(), name, more);
    await page.settle();
    return event;
  };
  const write = async (text: string): Promise<void> => {
    field().focus();
    await page.type("composer", text);
    // The tables of emoji are modules that are loaded.
    await vi.waitFor(async () => {
      await page.settle();
      expect(page.all("word-hint").length).toBeGreaterThan(0);
    }, PATIENCE);
  };

  it("become emoji by their names, in the reader's language too", async () => {
    await write("so :tada");
    expect(field().getAttribute("aria-activedescendant")).toBe(page.one("word-hint").id);
    await key("Enter");
    expect(field().value).toBe("so 🎉");
    expect(page.all("word-hint")).toEqual([]);
    page.format.set(formatOf("zh-CN", "UTC"));
    await write("好:拇指");
    expect(page.one("word-hint").textContent).toContain("拇指");
    expect((await key("Escape")).defaultPrevented).toBe(true);
    expect([page.all("word-hint"), field().value]).toEqual([[], "好:拇指"]);
  });

  it("become people and rooms, chosen by arrows", async () => {
    say("ann", "hi");
    say("anton", "hi");
    await page.settle();
    await write("@an");
    expect(page.all("word-hint").map((one) => one.textContent?.trim())).toEqual(["anton", "ann"]);
    await key("ArrowDown");
    await key("Tab");
    expect(field().value).toBe("ann: ");
    await write("see #");
    await key("Enter");
    expect(field().value).toBe("see #tea ");
  });

  it("are chosen among all emoji, by mouse or keys, and written where the caret is", async () => {
    await page.type("composer", "ab");
    field().focus();
    field().setSelectionRange(1, 1);
    await key("e", { ctrlKey: true });
    await vi.waitFor(() => expect(page.all("emoji").length).toBeGreaterThan(50), PATIENCE);
    expect(document.activeElement).toBe(page.one("emoji-search"));
    await page.type("emoji-search", "tada");
    expect(page.one("emoji").getAttribute("aria-label")).toBe("party popper");
    await key("Enter");
    expect([field().value, page.all("emoji-picker")]).toEqual(["a🎉b", []]);
    expect(document.activeElement).toBe(field());
    await page.click("emoji-open");
    await page.click("emoji-group", 8);
    await key("ArrowDown");
    await key("ArrowRight");
    expect(document.activeElement?.getAttribute("data-test")).toBe("emoji");
    expect(document.activeElement).toBe(page.all("emoji")[1]);
    expect((await key("Escape")).defaultPrevented).toBe(true);
    expect([document.activeElement, page.all("emoji-picker")]).toEqual([field(), []]);
  });

  it("that were said come back by the arrows", async () => {
    say("me", "first");
    say("me", "second");
    await page.settle();
    field().focus();
    const said: string[] = [];
    for (const arrow of ["ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"]) {
      await key(arrow);
      said.push(field().value);
    }
    expect(said).toEqual(["second", "first", "second", ""]);
  });
});

describe("commands in the composer", () => {
  beforeEach(() => open());
  const named = (): (string | undefined)[] => page.all("slash-hint").map((one) => one.dataset["name"]);
  const chosen = (): string | undefined => page.all("slash-hint").find((one) => one.getAttribute("aria-selected") === "true")?.dataset["name"];
  const field = (): HTMLTextAreaElement => page.one("composer") as HTMLTextAreaElement;
  const key = async (name: string, more: KeyboardEventInit = {}): Promise<KeyboardEvent> => {
    const event = page.press(field(), name, more);
    await page.settle();
    return event;
  };

  it("are listed behind a slash, chosen by arrows, completed by Tab or Enter", async () => {
    await page.type("composer", "/m");
    expect(named()).toEqual(["me", "msg", "mode"]);
    expect(field().getAttribute("aria-activedescendant")).toBe(page.one("slash-hint").id);
    await key("ArrowDown");
    expect(chosen()).toBe("msg");
    await key("Tab");
    expect(field().value).toBe("/msg ");
    await page.type("composer", "/to");
    await key("Enter");
    expect(field().value).toBe("/topic ");
    expect(page.bridge.lines).toEqual([]);
  });

  it("that are typed whole run on Enter", async () => {
    await page.type("composer", "/away");
    await key("Enter");
    expect(page.bridge.lines).toEqual(["/away"]);
    expect(field().value).toBe("");
  });

  it("keep their arguments in sight while these are typed", async () => {
    await page.type("composer", "/kick bob be");
    expect(named()).toEqual(["kick"]);
    expect([...page.one("slash-hint").querySelectorAll('[data-current="true"]')].map((one) => one.textContent)).toEqual(["[why…]"]);
    page.format.set(formatOf("zh-CN", "UTC"));
    flushSync();
    expect(page.one("slash-hint").textContent).toContain("把某人移出频道");
    expect(page.one("slash-hint").textContent).toContain("<名字>");
  });

  it("say what is typed just so as code", async () => {
    page.format.set(formatOf("zh-CN", "UTC"));
    await page.type("composer", "/topic ");
    const help = page.one("slash-hint");
    expect([...help.querySelectorAll("code")].map((one) => one.textContent)).toEqual(["-delete"]);
    expect(help.textContent).not.toContain("`");
  });

  it("are put away by Escape, which leaves the text", async () => {
    await page.type("composer", "/m");
    expect((await key("Escape")).defaultPrevented).toBe(true);
    expect(named()).toEqual([]);
    expect(field().value).toBe("/m");
    await page.type("composer", "/me");
    expect(named()).toEqual(["me"]);
  });

  it("that nobody knows are asked about", async () => {
    await page.type("composer", "/fly away");
    await key("Enter");
    expect(page.one("unknown-command").textContent).toContain("does not know /fly");
    await page.click("unknown-send");
    expect(page.bridge.lines).toEqual(["/fly away"]);
    expect(page.all("unknown-command")).toEqual([]);
  });

  it("say truthfully why they could not run", async () => {
    page.bridge.status(account, { kind: "off" });
    await page.settle();
    await page.type("composer", "/whois bob");
    await key("Enter");
    expect(document.querySelector('[role="alert"]')?.textContent).toContain("There is no connection");
    expect(field().value).toBe("/whois bob");
  });

  it("leave Tab alone where nothing can be completed", async () => {
    await page.type("composer", "zzz");
    expect((await key("Tab")).defaultPrevented).toBe(false);
    expect((await key("Tab", { shiftKey: true })).defaultPrevented).toBe(false);
  });

  it("Tab completes a name", async () => {
    say("annabel", "x");
    await page.settle();
    await page.type("composer", "ann");
    field().setSelectionRange(3, 3);
    expect((await key("Tab")).defaultPrevented).toBe(true);
    expect(field().value).toBe("annabel: ");
  });
});

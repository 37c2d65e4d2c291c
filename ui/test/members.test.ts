// @vitest-environment happy-dom
/** Who is there: the list, its groups and search, how often it is read, and who is writing. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { member } from "../src/bridge/fake-chat";
import { plainConfig, WHOLE } from "../src/bridge/fake-config";
import type { AccountId, ConversationId, Member } from "../src/bridge/generated";
import { wordsOf } from "../src/i18n/words";
import { HIDDEN_MS, linesInSight, memberLines, SHOWN_MS, typingSentence } from "../src/model/crowd";
import { Page } from "./support/page";

const short = (members: readonly Member[], search = ""): string[] =>
  memberLines(members, search).map((line) => (line.kind === "head" ? `[${line.badge}] ${line.count}` : line.member.name));

describe("the lines of the list", () => {
  const members = [member("ann", { badge: "@", rank: 2 }), member("ops", { badge: "@+", rank: 2 }), member("bob", { account: "robert" }), member("carl")];

  it("are grouped by badge", () => expect(short(members)).toEqual(["[@] 2", "ann", "ops", "[] 2", "bob", "carl"]));
  it("are searched by name and account, whatever the case", () => {
    expect(short(members, " AN ")).toEqual(["[@] 1", "ann"]);
    expect(short(members, "rober")).toEqual(["[] 1", "bob"]);
    expect(short(members, "nobody")).toEqual([]);
  });
  it("are drawn where they are in sight", () => {
    expect(linesInSight(20_000, 0, 600, 30)).toEqual({ from: 0, to: 28 });
    expect(linesInSight(20_000, 300_000, 600, 30)).toEqual({ from: 9992, to: 10_028 });
    expect(linesInSight(3, 0, 600, 30)).toEqual({ from: 0, to: 3 });
    expect(linesInSight(2, 9000, 600, 30)).toEqual({ from: 2, to: 2 });
  });
});

describe("who is writing", () => {
  it.each([
    [[], "", ""],
    [["ann"], "ann is writing…", "ann 正在输入…"],
    [["ann", "bob"], "ann and bob are writing…", "ann 和 bob 正在输入…"],
    [["a", "b", "c", "d", "e"], "a, b and 3 others are writing…", "a、b 等 5 人正在输入…"],
  ])("%o", (names, english, chinese) => {
    expect(typingSentence(wordsOf("en"), names)).toBe(english);
    expect(typingSentence(wordsOf("zh-CN"), names)).toBe(chinese);
  });
});

describe("the list of members", () => {
  let page: Page;
  let account: AccountId;
  let room: ConversationId;

  beforeEach(async () => {
    page = new Page();
    const { bridge, world } = page;
    const line = { url: "wss://irc.test/", address: "1.2.3.4:443", tls: null, subprotocol: null, extensions: null, rttMs: 1, since: world.at };
    ({ account } = bridge.account({ ...plainConfig("wss://irc.test/"), protocol: "irc" }, { kind: "online", line }));
    Object.assign(bridge.accounts[0] ?? {}, { capabilities: { ...WHOLE }, me: "alice" });
    room = bridge.conversation(account, { kind: "room", title: "#tea" });
    bridge.gather(room, [member("ann", { badge: "@", rank: 2 }), member("bob", { away: true }), member("robo", { bot: true })]);
    await page.show();
    page.app.select(room);
    await page.settle();
  });
  afterEach(() => page.end());
  const reads = (): number => page.bridge.ran.filter((name) => name === "people").length;
  const names = (): (string | undefined)[] => page.all("member").map((one) => one.querySelector("bdi")?.textContent ?? undefined);

  it("is opened by its button or Ctrl+M, and closed by Escape, with the focus back", async () => {
    page.one("composer").focus();
    page.press(page.one("composer"), "m", { ctrlKey: true });
    await page.settle();
    expect(names()).toEqual(["ann", "bob", "robo"]);
    expect(document.activeElement).toBe(page.one("member-search"));
    page.press(page.one("member-search"), "Escape");
    await page.settle();
    expect(page.all("members")).toEqual([]);
    expect(document.activeElement).toBe(page.one("composer"));
    expect(page.one("member-count").textContent).toBe("3");
    await page.click("toggle-members");
    expect(page.all("members")).toHaveLength(1);
    await page.click("members-close");
    expect(page.all("members")).toEqual([]);
  });

  it("stays while another room is opened, begins anew there, and leaves the focus alone", async () => {
    const other = page.bridge.conversation(account, { kind: "room", title: "#other" });
    page.bridge.gather(other, [member("zoe")]);
    await page.click("toggle-members");
    await page.type("member-search", "bo");
    page.app.select(other);
    await page.settle();
    expect(names()).toEqual(["zoe"]);
    expect((page.one("member-search") as HTMLInputElement).value).toBe("");
    expect(document.activeElement).toBe(page.one("composer"));
  });

  it("is offered in rooms, and elsewhere only where there is somebody", async () => {
    const direct = page.bridge.conversation(account, { kind: "direct", title: "mei" });
    await page.settle();
    await page.click("toggle-members");
    page.app.select(direct);
    await page.settle();
    expect([page.all("members"), page.all("toggle-members")]).toEqual([[], []]);
    page.press(document.body, "m", { ctrlKey: true });
    page.press(document.body, "m", { ctrlKey: true });
    page.bridge.gather(direct, [member("mei")]);
    await page.world.pass(HIDDEN_MS);
    await page.settle();
    expect(names()).toEqual(["mei"]);
  });

  it("says who is away, and who is a program", async () => {
    await page.click("toggle-members");
    expect(page.all("member").map((one) => one.textContent?.replace(/\s+/g, " ").trim())).toEqual(["@ ann", "bob away", "robo bot"]);
    expect(page.all("member-group").map((one) => one.textContent)).toEqual(["Operators 1", "Members 2"]);
  });

  it("finds somebody", async () => {
    await page.click("toggle-members");
    await page.type("member-search", "BO");
    expect(names()).toEqual(["bob", "robo"]);
    await page.type("member-search", "zz");
    expect(page.one("members").textContent).toContain("Nobody by that name");
  });

  it("opens a conversation of two on a press", async () => {
    await page.click("toggle-members");
    await page.click("member", 1);
    expect(page.bridge.lines).toEqual(["/query bob"]);
    expect(page.all("conversation").find((one) => one.dataset["selected"] === "true")?.textContent).toContain("bob");
  });

  it("draws a few of thousands", async () => {
    page.bridge.gather(room, Array.from({ length: 20_000 }, (_, at) => member(`n${at}`)));
    await page.click("toggle-members");
    await page.world.pass(SHOWN_MS);
    await page.settle();
    expect(page.one("member-count").textContent).toBe("20,000");
    expect(page.all("member").length).toBeLessThan(60);
    const list = page.one("member-list");
    list.scrollTop = 300_000;
    list.dispatchEvent(new Event("scroll"));
    await page.settle();
    expect(names()).toContain("n10000");
    expect(page.all("member").length).toBeLessThan(60);
  });

  it("is read at most four times a second while it is shown, however many bells ring", async () => {
    await page.click("toggle-members");
    await page.world.pass(5000);
    const before = reads();
    for (let at = 0; at < 40; at += 1) {
      page.bridge.gather(room, [member(`n${at}`)]);
      await page.world.pass(50);
    }
    const during = reads() - before;
    expect(during).toBeGreaterThanOrEqual(6);
    expect(during).toBeLessThanOrEqual(2000 / SHOWN_MS + 1);
    await page.world.pass(SHOWN_MS);
    await page.settle();
    expect(names()).toEqual(["n39"]);
  });

  it("is read seldom while it is not shown, and hardly where there are thousands", async () => {
    await page.world.pass(4000);
    const busy = async (): Promise<number> => {
      const before = reads();
      for (let at = 0; at < 80; at += 1) {
        page.bridge.gather(room, page.bridge.crowds.get(room)?.members ?? []);
        await page.world.pass(50);
      }
      return reads() - before;
    };
    const few = await busy();
    expect(few).toBeGreaterThanOrEqual(3);
    expect(few).toBeLessThanOrEqual(4000 / HIDDEN_MS + 1);
    page.bridge.gather(room, Array.from({ length: 3000 }, (_, at) => member(`n${at}`)));
    await page.world.pass(10_000);
    expect(await busy()).toBeLessThanOrEqual(1);
  });

  it("of another conversation is not read", async () => {
    const other = page.bridge.conversation(account, { kind: "room", title: "#other" });
    await page.world.pass(5000);
    const before = reads();
    page.bridge.gather(other, [member("x")]);
    await page.world.pass(2000);
    expect(reads()).toBe(before);
  });

  it("shares the right side with the truth where there is room, and else takes it", async () => {
    await page.click("toggle-members");
    await page.click("toggle-truth");
    expect([page.all("members").length, page.all("truth-panel").length]).toEqual([1, 1]);
    page.app.beside.setNarrow(true);
    await page.settle();
    expect([page.all("members").length, page.all("truth-panel").length]).toEqual([0, 1]);
    await page.click("toggle-members");
    expect([page.all("members").length, page.all("truth-panel").length]).toEqual([1, 0]);
    await page.click("toggle-truth");
    expect([page.all("members").length, page.all("truth-panel").length]).toEqual([0, 1]);
  });

  it("tells who is writing above the composer", async () => {
    page.bridge.gather(room, [], ["ann"]);
    await page.world.pass(HIDDEN_MS);
    await page.settle();
    expect(page.one("typing").textContent).toBe("ann is writing…");
    page.bridge.gather(room, [], []);
    await page.world.pass(HIDDEN_MS);
    await page.settle();
    expect(page.one("typing").textContent).toBe("");
  });
});

/** What is typed: commands, completion, notices of writing. */
import { beforeEach, describe, expect, it } from "vitest";
import { FakeBridge } from "../src/bridge/fake";
import { member } from "../src/bridge/fake-chat";
import { plainConfig, PROTOCOLS, WHOLE } from "../src/bridge/fake-config";
import type { AccountId, ConversationId } from "../src/bridge/generated";
import { wordsOf } from "../src/i18n/words";
import { App } from "../src/model/app";
import { Completer, candidatesFor, namesToComplete } from "../src/model/completion";
import { argumentsOf, fitting, helpOf, helpPieces, slashOf } from "../src/model/slash";
import { keptSentence } from "../src/model/trouble";
import { TYPING_MS, TypingNotices } from "../src/model/typing";
import { HandWorld } from "./support/world";

const commands = PROTOCOLS.find(({ id }) => id === "irc")?.commands ?? [];
const kick = commands.find(({ name }) => name === "kick");

describe("a text behind a slash", () => {
  it.each<[string, ReturnType<typeof slashOf>]>([
    ["/", { name: "", argument: null }],
    ["/Ki", { name: "ki", argument: null }],
    ["/kick ", { name: "kick", argument: 0 }],
    ["/kick bob", { name: "kick", argument: 0 }],
    ["/kick bob ", { name: "kick", argument: 1 }],
    ["/kick bob be gone", { name: "kick", argument: 2 }],
    ["//kick", null],
    [" /kick", null],
    ["kick", null],
    ["", null],
  ])("%j", (text, slash) => expect(slashOf(text)).toEqual(slash));

  it("fits the commands that begin so, and behind the name the one that is meant", () => {
    const names = (text: string): string[] => fitting(commands, slashOf(text) ?? { name: "?", argument: null }).map(({ name }) => name);
    expect(names("/m")).toEqual(["me", "msg", "mode"]);
    expect(names("/m x")).toEqual([]);
    expect(names("/me x")).toEqual(["me"]);
  });

  it("shows which argument is being typed; the last one takes the rest", () => {
    if (kick === undefined) throw new Error("no kick");
    const current = (text: string): string[] => {
      const slash = slashOf(text);
      if (slash === null) throw new Error("no slash");
      return argumentsOf(wordsOf("en"), "irc", kick, slash).filter((argument) => argument.current).map((argument) => argument.text);
    };
    expect(current("/kick")).toEqual([]);
    expect(current("/kick b")).toEqual(["<name>"]);
    expect(current("/kick bob a b c")).toEqual(["[why…]"]);
  });

  it("is helped in the reader's language, else in the words of the table", () => {
    if (kick === undefined) throw new Error("no kick");
    expect(helpOf(wordsOf("en"), "irc", kick)).toBe("throws somebody out");
    expect(helpOf(wordsOf("zh-CN"), "irc", kick)).toBe("把某人移出频道");
    expect(helpOf(wordsOf("zh-CN"), "irc", { ...kick, name: "dance" })).toBe("throws somebody out");
    expect(argumentsOf(wordsOf("zh-CN"), "irc", kick, { name: "kick", argument: 0 })[0]?.text).toBe("<名字>");
  });

  it("is helped with what is typed just so told apart from words", () => {
    const said = (help: string): string => helpPieces(help).map(({ text, code }) => (code ? `[${text}]` : text)).join("|");
    expect(said("throws somebody out")).toBe("throws somebody out");
    expect(said("says it; `-delete` takes it away")).toBe("says it; |[-delete]| takes it away");
    expect(said("`*` or `-`")).toBe("[*]| or |[-]");
    expect(said("没有则写 `*`")).toBe("没有则写 |[*]");
    expect(said("a ` alone")).toBe("a ` alone");
    expect(said("nothing `` at all")).toBe("nothing `` at all");
    expect(helpPieces("")).toEqual([]);
  });
});

describe("what could not be sent", () => {
  it.each(["en", "zh-CN"] as const)("says why, and what it was, in %s", (tongue) => {
    const words = wordsOf(tongue);
    expect(keptSentence(words, "invalid", "/kick", false)).toBe(words.room.invalid);
    expect(keptSentence(words, "invalid", "hello", false)).toBe(words.composer.failed);
    expect(keptSentence(words, "invalid", "hello", true)).toBe(words.composer.onItsWay);
    expect(keptSentence(words, "gone", "hello", true)).toBe(words.composer.onItsWay);
    expect(keptSentence(words, "gone", "hello", false)).toBe(words.composer.failed);
    expect(keptSentence(words, "offline", "hello", true)).toBe(words.room.offline);
    expect(keptSentence(words, "lost", "hello", false)).toBe(words.composer.lost);
  });
});

describe("completion", () => {
  const people = ["ann", "Anton", "bob"];
  const names = (): string[] => [...people, "#anchors", "#tea"];
  const isPerson = (name: string): boolean => people.includes(name);
  const at = (text: string): { text: string; caret: number } => ({ text: text.replace("|", ""), caret: text.indexOf("|") });

  it("offers each name once, whatever its case, and nothing for nothing", () => {
    expect(candidatesFor("AN", ["ann", "Anton", "ann"])).toEqual(["ann", "Anton"]);
    expect(candidatesFor("", people)).toEqual([]);
  });

  it("addresses who is named first, and names others", () => {
    expect(new Completer().next(at("an|"), names, isPerson)).toEqual({ text: "ann: ", caret: 5 });
    expect(new Completer().next(at("hi bo| there"), names, isPerson)).toEqual({ text: "hi bob there", caret: 7 });
    expect(new Completer().next(at("#t|"), names, isPerson)).toEqual({ text: "#tea ", caret: 5 });
  });

  it("goes on to the next name, and around", () => {
    const completer = new Completer();
    let typed = completer.next(at("so an|"), names, isPerson);
    expect(typed?.text).toBe("so ann ");
    if (typed !== null) typed = completer.next(typed, names, isPerson);
    expect(typed?.text).toBe("so Anton ");
    if (typed !== null) typed = completer.next(typed, names, isPerson);
    expect(typed?.text).toBe("so ann ");
  });

  it("leaves the key alone where no name fits", () => {
    expect(new Completer().next(at("zz|"), names, isPerson)).toBeNull();
    expect(new Completer().next(at("ann |"), names, isPerson)).toBeNull();
  });
});

describe("notices of writing", () => {
  it("are told at most once in three seconds, and taken back when nothing is left", () => {
    const world = new HandWorld();
    const told: boolean[] = [];
    const notices = new TypingNotices(world, (typing) => told.push(typing));
    notices.wrote(true);
    notices.wrote(false);
    world.at += TYPING_MS - 1;
    notices.wrote(false);
    expect(told).toEqual([true]);
    world.at += 1;
    notices.wrote(false);
    notices.wrote(true);
    notices.wrote(true);
    expect(told).toEqual([true, true, false]);
  });
});

describe("a composer where there are commands", () => {
  let world: HandWorld;
  let bridge: FakeBridge;
  let app: App;
  let account: AccountId;
  let room: ConversationId;

  beforeEach(async () => {
    world = new HandWorld();
    bridge = new FakeBridge(world.at);
    const line = { url: "wss://a.test/", address: "1.2.3.4:443", tls: "TLS 1.3", subprotocol: null, extensions: null, rttMs: 1, since: world.at };
    ({ account, conversation: room } = bridge.account({ ...plainConfig("wss://a.test/"), protocol: "irc" }, { kind: "online", line }));
    Object.assign(bridge.accounts[0] ?? {}, { capabilities: { ...WHOLE }, me: "alice" });
    app = new App(bridge, world);
    app.start(room);
    await world.settle();
  });
  const composer = () => {
    const open = app.room.value;
    if (open === null) throw new Error("nothing is open");
    return open.composer;
  };
  const send = async (text: string): Promise<void> => {
    composer().edit(text);
    await app.send();
    await world.settle();
  };

  it("sends a line behind a slash as a command, and says what begins with two", async () => {
    await send("/me waves");
    expect(bridge.lines).toEqual(["/me waves"]);
    await send("//me waves");
    expect(bridge.lines).toHaveLength(1);
    expect(bridge.ran.filter((name) => name === "send")).toHaveLength(1);
    expect(composer().text.value).toBe("");
  });

  it("goes where a command leads, also when the sidebar learns of it later", async () => {
    const { sidebar } = bridge;
    const before = await bridge.sidebar();
    bridge.sidebar = () => Promise.resolve(before);
    await send("/query bob");
    expect(app.room.value?.conversation).toBe(room);
    bridge.sidebar = sidebar;
    await world.pass(10_000);
    const direct = bridge.conversations.find(({ title }) => title === "bob");
    expect(app.room.value?.conversation).toBe(direct?.id);
  });

  it("asks once whether an unknown command is to go to the server", async () => {
    await send("/fly away");
    expect(bridge.lines).toEqual([]);
    expect(composer().unknown.value).toBe("fly");
    expect(composer().text.value).toBe("/fly away");
    await app.settle((one) => one.letUnknown());
    expect(bridge.lines).toEqual(["/fly away"]);
    await send("/fly again");
    expect(bridge.lines).toEqual(["/fly away", "/fly again"]);
    await send("/swim");
    expect(composer().unknown.value).toBe("swim");
  });

  it("says it as a message instead, when the user wants that", async () => {
    await send("/etc/hosts is a file");
    expect(composer().unknown.value).toBe("etc/hosts");
    await app.settle((one) => one.sayInstead());
    expect(bridge.lines).toEqual([]);
    const said = bridge.rows(room).at(-1)?.item;
    expect(said?.kind === "message" && said.body.spans).toEqual([{ kind: "text", text: "/etc/hosts is a file" }]);
  });

  it("forgets the question when something else is typed", async () => {
    await send("/fly");
    composer().edit("/fl");
    expect(composer().unknown.value).toBeNull();
  });

  it("keeps the text and says why when there is no connection", async () => {
    bridge.status(account, { kind: "off" });
    await world.settle();
    await send("/whois bob");
    expect(composer().trouble.value).toBe("offline");
    expect(composer().text.value).toBe("/whois bob");
  });

  it("answers a message once, under one intent however often its answer is lost", async () => {
    const row = bridge.say(room, { kind: "person", name: "ann" }, "question");
    await world.settle();
    app.answer(row.place.id);
    expect(composer().answering.value?.text).toBe("question");
    bridge.loseAnswers(1);
    await send("answer");
    const said = bridge.rows(room).at(-1)?.item;
    expect(said?.kind === "message" && said.reply?.id).toBe(row.place.id);
    expect(bridge.rows(room)).toHaveLength(2);
    expect(composer().answering.value).toBeNull();
    await send("and more");
    const next = bridge.rows(room).at(-1)?.item;
    expect(next?.kind === "message" && next.reply).toBeNull();
  });

  it("tells of writing only what is said, and only where the server can", async () => {
    composer().edit("/msg bob secret");
    expect(bridge.typed).toEqual([]);
    composer().edit("hello");
    await world.settle();
    expect(bridge.typed).toEqual([true]);
    await send("hello");
    world.at += TYPING_MS;
    Object.assign(bridge.accounts[0]?.capabilities ?? {}, { typing: false });
    await world.pass(10_000);
    composer().edit("x");
    await world.settle();
    expect(bridge.typed).toEqual([true]);
  });

  it("completes those who spoke last first, and no one who is gone", async () => {
    bridge.say(room, { kind: "person", name: "ann" }, "x");
    bridge.say(room, { kind: "person", name: "gone" }, "x");
    bridge.say(room, { kind: "person", name: "zoe" }, "x");
    bridge.gather(room, ["ann", "bob", "zoe"].map((name) => member(name)));
    bridge.conversation(account, { kind: "room", title: "#tea" });
    await world.pass(2000);
    const open = app.room.value;
    if (open === null) throw new Error("nothing is open");
    expect(namesToComplete(open, app.sidebar.value, account)).toEqual({ people: ["zoe", "ann", "bob"], rooms: ["#tea"] });
  });
});

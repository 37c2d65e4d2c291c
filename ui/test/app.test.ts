import { beforeEach, describe, expect, it } from "vitest";
import { FakeBridge } from "../src/bridge/fake";
import { plainConfig } from "../src/bridge/fake-config";
import type { ConversationId, Draft, Row } from "../src/bridge/generated";
import { addressOf, sightIn, spotIn } from "../src/model/address";
import { App, TICK_MS } from "../src/model/app";
import { MARK_MS } from "../src/model/reading";
import { DRAFT_MS } from "../src/model/composer";
import { HandWorld } from "./support/world";

let world: HandWorld;
let bridge: FakeBridge;
let app: App;
let conversation: ConversationId;

beforeEach(async () => {
  world = new HandWorld();
  bridge = new FakeBridge(world.at);
  ({ conversation } = bridge.account(plainConfig("ws://a.test/"), { kind: "off" }));
  app = new App(bridge, world);
  app.start(null);
  await world.settle();
});

const shown = (): readonly Row[] => app.room.value?.timeline.window.value?.rows ?? [];
const texts = (): string[] =>
  shown().map(({ item }) =>
    item.kind === "message" ? item.body.spans.map((span) => (span.kind === "text" ? span.text : "")).join("") : "",
  );
const composer = () => {
  const room = app.room.value;
  if (room === null) throw new Error("nothing is open");
  return room.composer;
};
/** Holds every intent that is about a text until the returned function is called. */
function delayWriter(): () => void {
  const { send, saveDraft } = bridge;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  bridge.send = (...args) => held.then(() => send.apply(bridge, args));
  bridge.saveDraft = (...args) => held.then(() => saveDraft.apply(bridge, args));
  return letGo;
}
const ran = (name: string): number => bridge.ran.filter((one) => one === name).length;

describe("what is shown", () => {
  it("invariant 1: is only what was read from the store", async () => {
    composer().edit("hello");
    const carry = bridge.carry;
    let let_go = (): void => undefined;
    const held = new Promise<void>((resolve) => (let_go = resolve));
    bridge.send = async () => held.then(() => 0);
    const sent = app.send();
    await world.settle();
    expect(shown()).toEqual([]);
    let_go();
    bridge.carry = carry;
    await sent;
    await world.settle();
    // The send was answered, but the store has no such row: neither has the window.
    expect(shown()).toEqual([]);
    bridge.say(conversation, { kind: "me" }, "hello", world.at, { kind: "queued" });
    await world.settle();
    expect(texts()).toEqual(["hello"]);
  });

  it("follows the store by bells, and without them by ticks", async () => {
    bridge.say(conversation, { kind: "server" }, "one");
    await world.settle();
    expect(texts()).toEqual(["one"]);
    bridge.fate = () => "drop";
    bridge.say(conversation, { kind: "server" }, "two");
    await world.settle();
    expect(texts()).toEqual(["one"]);
    await world.pass(TICK_MS);
    expect(texts()).toEqual(["one", "two"]);
  });

  it("has one pull of a topic in flight, and one more for all that changed meanwhile", async () => {
    const asked = { sidebar: 0, settings: 0, timeline: 0 };
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { sidebar, settings, changes } = bridge;
    bridge.sidebar = () => ((asked.sidebar += 1), held.then(() => sidebar.call(bridge)));
    bridge.settings = () => ((asked.settings += 1), held.then(() => settings.call(bridge)));
    bridge.changes = (...args) => ((asked.timeline += 1), held.then(() => changes.apply(bridge, args)));
    for (let at = 0; at < 50; at += 1) {
      bridge.say(conversation, { kind: "server" }, `${at}`);
      await world.settle();
    }
    expect(asked).toEqual({ sidebar: 1, settings: 1, timeline: 1 });
    letGo();
    await world.settle();
    expect(asked).toEqual({ sidebar: 2, settings: 2, timeline: 2 });
    expect(shown()).toHaveLength(50);
  });

  it("is read again when the window comes into focus, without a bell", async () => {
    bridge.fate = () => "drop";
    bridge.say(conversation, { kind: "server" }, "one");
    app.present(true);
    await world.settle();
    expect(texts()).toEqual(["one"]);
    // Also when it was in sight already.
    bridge.say(conversation, { kind: "server" }, "two");
    app.present(true);
    await world.settle();
    expect(texts()).toEqual(["one", "two"]);
  });

  it("invariant 3: a reload at any instant loses nothing", async () => {
    bridge.say(conversation, { kind: "server" }, "kept");
    composer().edit("half a thou");
    await world.pass(DRAFT_MS);
    const before = texts();
    app.stop();
    app = new App(bridge, world);
    app.start(conversation);
    await world.settle();
    expect(texts()).toEqual(before);
    expect(composer().text.value).toBe("half a thou");
  });

  it("tells of an unusable store on the whole window, and of other failures in a notice that goes by itself", async () => {
    const { sidebar } = bridge;
    bridge.sidebar = () => Promise.reject(new Error("lost"));
    await world.pass(TICK_MS);
    expect(app.trouble.value).toEqual({ kind: "reading" });
    bridge.sidebar = sidebar;
    await world.pass(TICK_MS);
    expect(app.trouble.value).toBeNull();
    bridge.sidebar = () => Promise.reject({ code: "unusable", text: "newer" });
    await world.pass(TICK_MS);
    expect(app.unusable.value?.text).toBe("newer");
  });
});

describe("the reader's place", () => {
  it("comes through an address, which takes nothing else", () => {
    for (const spot of [
      { conversation: 17, row: null },
      { conversation: 17, row: 203 },
    ]) {
      expect(spotIn(addressOf(spot))).toEqual(spot);
    }
    for (const none of ["", "#", "#0", "#-1", "#x", "#17/", "#17/x", "#17/2/3", "#17?", "#99999999999999999999"]) {
      expect(spotIn(none), none).toBeNull();
    }
  });

  it("is another thing than the message that a new window is to go to", async () => {
    expect(sightIn("#17.203")).toEqual({ conversation: 17, message: 203 });
    for (const none of ["", "#17", "#17/203", "#17.", "#17.x", "#.203", "#17.2.3"]) expect(sightIn(none), none).toBeNull();
    expect(spotIn("#17.203")).toBeNull();
    for (let at = 0; at < 300; at += 1) bridge.say(conversation, { kind: "server" }, `${at}`, world.at + at);
    await world.settle();
    const message = shown()[10]?.place.id ?? 0;
    app.stop();
    app = new App(bridge, world);
    app.start(conversation, null, message);
    await world.settle();
    expect(app.room.value?.timeline.sought.value).toBe(message);
  });

  it("is found again by the next page, in the conversation and at the row", async () => {
    const account = app.sidebar.value?.accounts[0]?.id ?? 0;
    const other = bridge.conversation(account, { title: "other" });
    for (let at = 0; at < 300; at += 1) bridge.say(other, { kind: "server" }, `${at}`, world.at + at);
    await world.settle();
    app.select(other);
    await world.settle();
    expect(app.spot).toEqual({ conversation: other, row: null });
    await app.read((timeline) => timeline.older());
    const row = shown()[10]?.place.id ?? 0;
    app.stay(row);
    const spot = app.spot;
    expect(spot).toEqual({ conversation: other, row });

    app.stop();
    app = new App(bridge, world);
    app.start(spot?.conversation ?? null, spot?.row);
    await world.settle();
    expect(app.spot).toEqual(spot);
    expect(shown().some(({ place }) => place.id === row)).toBe(true);
    expect(app.room.value?.timeline.window.value?.hasNewer).toBe(true);
    expect(app.inSight.value, "what is further down is not read").toBeNull();

    // Only the first time: who comes back to it by the list is at its end.
    app.select(conversation);
    app.select(other);
    await world.settle();
    expect(app.spot).toEqual({ conversation: other, row: null });

    bridge.remove(row);
    app.stop();
    app = new App(bridge, world);
    app.start(spot?.conversation ?? null, spot?.row);
    await world.settle();
    expect(app.spot, "a row that is gone is no place").toEqual({ conversation: other, row: null });
    expect(app.room.value?.timeline.window.value?.hasNewer).toBe(false);
  });
});

describe("a reset", () => {
  it("starts over around the row that the reader looks at", async () => {
    for (let at = 0; at < 300; at += 1) bridge.say(conversation, { kind: "server" }, `${at}`, world.at + at);
    await world.settle();
    await app.read((timeline) => timeline.older());
    const timeline = app.room.value?.timeline;
    const row = shown()[10];
    if (timeline === undefined || row === undefined) throw new Error("nothing is shown");
    timeline.following.set(false);
    timeline.anchor = row.place.id;
    bridge.maxChanges = -1;
    bridge.say(conversation, { kind: "server" }, "one more");
    await world.settle();
    expect(shown().some((held) => held.place.id === row.place.id)).toBe(true);
    bridge.remove(row.place.id);
    await world.settle();
    expect(timeline.window.value?.hasNewer).toBe(false);
  });
});

describe("an intent", () => {
  it("invariant 6: whose answer is lost is done once", async () => {
    composer().edit("once");
    bridge.loseAnswers(2);
    await app.send();
    await world.settle();
    expect(ran("send")).toBe(3);
    expect(texts()).toEqual(["once"]);
    expect(composer().text.value).toBe("");
  });

  it("invariant 6: keeps its name when the user tries again after every answer was lost", async () => {
    composer().edit("once");
    bridge.loseAnswers(3);
    await app.send();
    expect(composer().trouble.value).toBe("lost");
    expect(composer().text.value).toBe("once");
    await app.send();
    await world.settle();
    expect(bridge.rows(conversation)).toHaveLength(1);
    expect(composer().text.value).toBe("");
  });

  it("that fails leaves the text in the composer and says why", async () => {
    composer().edit("x".repeat(2000));
    await app.send();
    expect(composer().trouble.value).toBe("tooLong");
    expect(composer().text.value).toHaveLength(2000);
    composer().edit("short");
    expect(composer().trouble.value).toBeNull();
  });

  it("opens the account that it made", async () => {
    await app.addAccount(app.newTxn(), plainConfig("ws://b.test/"));
    await world.settle();
    expect(app.room.value?.conversation).toBe(bridge.conversations.at(-1)?.id);
    await app.joinLounge();
    await world.settle();
    expect(app.room.value?.conversation).toBe(bridge.conversations.at(-1)?.id);
  });

  it("on something gone is quiet; other faults are told", async () => {
    bridge.failNext("gone");
    expect(await app.retry(1)).toBe(false);
    expect(app.trouble.value).toBeNull();
    bridge.failNext("disk");
    expect(await app.retry(1)).toBe(false);
    expect(app.trouble.value).toEqual({ kind: "doing", code: "disk", text: "fake disk" });
  });
});

describe("the open conversation", () => {
  it("closes when its account is removed, and another opens", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    await app.removeAccount(bridge.accounts[0]?.id ?? 0);
    await world.settle();
    expect(app.room.value?.conversation).toBe(other.conversation);
  });

  it("is stepped through in the order of the sidebar, and stays at the ends", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    app.step(-1);
    expect(app.room.value?.conversation).toBe(conversation);
    app.step(1);
    expect(app.room.value?.conversation).toBe(other.conversation);
    app.step(1);
    expect(app.room.value?.conversation).toBe(other.conversation);
  });
});

describe("reading", () => {
  it("marks read only what is in sight, at the live edge, in a window in focus", async () => {
    bridge.say(conversation, { kind: "server" }, "one");
    await world.settle();
    expect(ran("markRead")).toBe(0);
    app.present(true);
    await world.settle();
    expect(bridge.conversations[0]?.unread).toBe(0);
    app.room.value?.timeline.following.set(false);
    bridge.say(conversation, { kind: "server" }, "two");
    await world.settle();
    expect(bridge.conversations[0]?.unread).toBe(1);
    expect(app.inSight.value).toBeNull();
    await app.read((timeline) => timeline.newest());
    await world.pass(MARK_MS);
    expect(bridge.conversations[0]?.unread).toBe(0);
    expect(app.inSight.value).toBe(conversation);
    const marks = ran("markRead");
    await world.pass(TICK_MS * 3);
    expect(ran("markRead")).toBe(marks);
  });

  it("draws the new line where reading stopped when the conversation was opened or the window came back", async () => {
    app.present(true);
    const first = bridge.say(conversation, { kind: "server" }, "one");
    await world.settle();
    app.present(false);
    bridge.say(conversation, { kind: "server" }, "two");
    await world.settle();
    app.present(true);
    await world.settle();
    expect(app.room.value?.timeline.newAfter.value).toEqual(first.place);
  });
});

describe("a draft", () => {
  it("is kept when typing rests, when the window goes, and when another conversation opens", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    composer().edit("a");
    composer().edit("ab");
    expect(ran("saveDraft")).toBe(0);
    await world.pass(DRAFT_MS);
    expect(ran("saveDraft")).toBe(1);
    composer().edit("abc");
    app.present(false);
    await world.settle();
    expect(bridge.drafts.get(conversation)).toBe("abc");
    composer().edit("abcd");
    app.select(other.conversation);
    await world.settle();
    expect(bridge.drafts.get(conversation)).toBe("abcd");
    expect(composer().text.value).toBe("");
  });

  it("is gone once its text was sent, and what was typed meanwhile stays", async () => {
    composer().edit("sent");
    await world.pass(DRAFT_MS);
    const { send } = bridge;
    bridge.send = (...args) => {
      composer().edit("sent and more");
      return send.apply(bridge, args);
    };
    await app.send();
    await world.settle();
    expect(composer().text.value).toBe(" and more");
    expect(bridge.drafts.get(conversation)).toBe(" and more");
    bridge.send = send;
    await app.send();
    await world.settle();
    expect(bridge.drafts.get(conversation)).toBe("");
  });

  it("does not overwrite what was typed before it was read", async () => {
    bridge.drafts.set(conversation, "old");
    app.stop();
    app = new App(bridge, world);
    let answer = (_draft: Draft): void => undefined;
    bridge.draft = () => new Promise((resolve) => (answer = resolve));
    app.start(conversation);
    await world.settle();
    composer().edit("new");
    answer({ text: "old", reply: null });
    await world.settle();
    expect(composer().text.value).toBe("new");
  });

  it("is kept with the message that it answers, and both are there in another page", async () => {
    const asked = bridge.say(conversation, { kind: "person", name: "ann" }, "how?");
    await world.settle();
    app.answer(asked.place.id);
    await world.settle();
    expect(bridge.answers.get(conversation)).toBe(asked.place.id);
    composer().edit("so");
    app.stop();
    await world.pass(DRAFT_MS);
    app = new App(bridge, world);
    app.start(conversation);
    await world.settle();
    expect(composer().text.value).toBe("so");
    expect(composer().answering.value).toEqual({ id: asked.place.id, sender: { kind: "person", name: "ann" }, text: "how?" });
    expect(ran("saveDraft")).toBe(2);
    await app.send();
    await world.settle();
    expect([bridge.drafts.get(conversation), bridge.answers.get(conversation)]).toEqual(["", undefined]);
  });

  it("answers nothing any more once that was put away, also in another page", async () => {
    const asked = bridge.say(conversation, { kind: "server" }, "how?");
    await world.settle();
    app.answer(asked.place.id);
    await world.settle();
    composer().leaveAnswering();
    await world.settle();
    expect(bridge.answers.get(conversation)).toBeUndefined();
  });

  it("is not written over by an answer that was chosen before it was read", async () => {
    bridge.drafts.set(conversation, "old");
    const asked = bridge.say(conversation, { kind: "server" }, "how?");
    app.stop();
    app = new App(bridge, world);
    let answer = (_draft: Draft): void => undefined;
    bridge.draft = () => new Promise((resolve) => (answer = resolve));
    app.start(conversation);
    await world.settle();
    app.answer(asked.place.id);
    await world.pass(TICK_MS);
    expect(ran("saveDraft")).toBe(0);
    answer({ text: "old", reply: null });
    await world.settle();
    expect(composer().text.value).toBe("old");
    expect([bridge.drafts.get(conversation), bridge.answers.get(conversation)]).toEqual(["old", asked.place.id]);
  });

  it("that could not be kept is tried again", async () => {
    composer().edit("x");
    bridge.failNext("disk");
    await world.pass(DRAFT_MS);
    expect(bridge.drafts.get(conversation)).toBeUndefined();
    await world.pass(TICK_MS);
    expect(bridge.drafts.get(conversation)).toBe("x");
  });

  it("is there after switching away and back, however slowly it is kept", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    const letGo = delayWriter();
    composer().edit("typed");
    app.select(other.conversation);
    await world.settle();
    app.select(conversation);
    await world.settle();
    expect(composer().text.value).toBe("typed");
    letGo();
    await world.settle();
    expect(composer().text.value).toBe("typed");
    expect(bridge.drafts.get(conversation)).toBe("typed");
  });

  it("does not come back when its text is sent while switching away and back", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    composer().edit("sent");
    await world.pass(DRAFT_MS);
    const letGo = delayWriter();
    const sent = app.send();
    app.select(other.conversation);
    await world.settle();
    app.select(conversation);
    await world.settle();
    letGo();
    await sent;
    await world.pass(TICK_MS);
    expect(texts()).toEqual(["sent"]);
    expect(composer().text.value).toBe("");
    expect(bridge.drafts.get(conversation)).toBe("");
    expect(ran("send")).toBe(1);
  });

  it("is as many messages as there were Enters, however slowly the first is kept", async () => {
    const letGo = delayWriter();
    composer().edit("one");
    const first = app.send();
    composer().edit("onetwo");
    const second = app.send();
    composer().edit("onetwothree");
    letGo();
    await first;
    await second;
    await world.pass(TICK_MS);
    expect(texts()).toEqual(["one", "two"]);
    expect(composer().text.value).toBe("three");
    expect(bridge.drafts.get(conversation)).toBe("three");
  });

  it("is not sent by an Enter whose text was changed before its turn came", async () => {
    const letGo = delayWriter();
    composer().edit("one");
    const first = app.send();
    composer().edit("onetwo");
    void app.send();
    composer().edit("onetw");
    letGo();
    await first;
    await world.pass(TICK_MS);
    expect(texts()).toEqual(["one"]);
    expect(composer().text.value).toBe("tw");
  });

  it("that could not be kept is tried again while another conversation is open", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    composer().edit("x");
    bridge.failNext("disk");
    app.select(other.conversation);
    await world.settle();
    expect(bridge.drafts.get(conversation)).toBeUndefined();
    await world.pass(TICK_MS);
    expect(bridge.drafts.get(conversation)).toBe("x");
  });

  it("that could not be read is read again", async () => {
    bridge.drafts.set(conversation, "old");
    app.stop();
    app = new App(bridge, world);
    const { draft } = bridge;
    bridge.draft = () => Promise.reject(new Error("lost"));
    app.start(conversation);
    await world.settle();
    expect(composer().text.value).toBe("");
    bridge.draft = draft;
    await world.pass(TICK_MS);
    expect(composer().text.value).toBe("old");
  });

  it("that is sent while another conversation is open moves that one nowhere", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    composer().edit("sent");
    const letGo = delayWriter();
    const sent = app.send();
    app.select(other.conversation);
    await world.settle();
    app.room.value?.timeline.following.set(false);
    letGo();
    await sent;
    await world.settle();
    expect(app.room.value?.timeline.following.value).toBe(false);
  });

  it("of blanks is not sent", async () => {
    composer().edit(" \n ");
    await app.send();
    expect(ran("send")).toBe(0);
  });
});

describe("a click on a notification", () => {
  it("opens its conversation, and one that is gone changes nothing", async () => {
    const other = bridge.account(plainConfig("ws://b.test/"), { kind: "off" });
    await world.settle();
    bridge.show(other.conversation);
    expect(app.room.value?.conversation).toBe(other.conversation);
    bridge.show(999);
    expect(app.room.value?.conversation).toBe(other.conversation);
  });
});

describe("closing the window", () => {
  it("keeps what stands in the composer before the window goes", async () => {
    composer().edit("half a sentence");
    bridge.close();
    await world.settle();
    expect(bridge.drafts.get(conversation)).toBe("half a sentence");
    expect(bridge.left).toEqual([0]);
    expect(app.parting.question.value).toBeNull();
  });

  it("asks about what is not sent, and goes only when the user says so", async () => {
    bridge.parting = { kind: "asks", unsent: 3, unkept: 0 };
    bridge.close();
    await world.settle();
    expect(app.parting.question.value).toMatchObject({ unsent: 3 });
    await app.parting.answer("stay");
    expect([app.parting.question.value, bridge.leftAnyway]).toEqual([null, 0]);
    bridge.close();
    await world.settle();
    await app.parting.answer("leave");
    expect(bridge.leftAnyway).toBe(1);
  });

  it("tells the core of a text that the disk did not take", async () => {
    bridge.saveDraft = () => Promise.reject({ code: "disk", text: "full" });
    composer().edit("lost");
    bridge.close();
    await world.settle();
    expect(bridge.left).toEqual([1]);
  });
});

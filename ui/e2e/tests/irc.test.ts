/** A room on IRC in the real window: from the account form to what was missed while the server was away. */
import { expect } from "vitest";
import { KEY } from "../support/driver";
import { enter, Irc } from "../support/irc";
import { test } from "../support/test";
import { until } from "../support/wait";

test("a room is joined, talked in, answered, reacted to, and its people are listed", async ({ open }) => {
  const irc = await Irc.start();
  const app = await open();
  await enter(app, irc);
  const asked = irc.say("ann", "alice: green or black?");
  await app.row("alice: green or black?", { sender: "person" });
  await app.see("row", '[data-mention="true"]');

  await app.session.click(await app.see("row", '[data-mention="true"]'));
  await app.click("tool-reply");
  await app.see("answering");
  await app.reload();
  await app.shows("answering", "green or black?");
  await app.say("black");
  await app.row("black", { sender: "me", delivery: "acknowledged" });
  await app.shows("quote", "green or black?");
  await until("the reply on the line", async () => irc.received.some((line) => line.includes(`reply=${asked}`) && / :?black$/.test(line)));

  irc.react("ann", asked, "🍵");
  await app.shows("reaction", "🍵 1");
  await app.click("reaction");
  await app.shows("reaction", "🍵 2");

  await app.say("/me pours");
  await until("the action", async () => (await app.rows()).some(({ text }) => text === "pours"));
  await app.write("/to" + KEY.tab);
  expect(await app.composed()).toBe("/topic ");
  await app.session.clear(await app.see("composer"));
  await app.write("an" + KEY.tab);
  expect(await app.composed()).toBe("ann: ");
  await app.session.clear(await app.see("composer"));

  irc.join("bob");
  irc.join("carl");
  await app.shows("happenings", "bob and carl joined");
  await app.click("toggle-members");
  await until("everybody", async () => (await app.texts("member")).length === 4);
  expect(await app.texts("member")).toEqual(["@ ann", "alice", "bob", "carl"]);
  irc.typing("ann");
  await app.shows("typing", "ann is writing");
  irc.cut();
});

test("what was missed while the server was away is found, in order and once", async ({ open }) => {
  const irc = await Irc.start();
  irc.recall("ann", 120);
  const app = await open();
  await enter(app, irc);
  await app.row("before 119");
  // The reader goes up, and what is before loads by itself.
  await until("the beginning of the history", async () => {
    await app.session.run(() => document.querySelector('[data-test="timeline"]')?.scrollTo({ top: 0 }));
    return (await app.rows()).some(({ text }) => text === "before 0") && !(await app.sees("gap"));
  });
  await app.click("jump-newest");
  irc.cut();
  await app.status("waiting");
  for (let at = 0; at < 70; at += 1) irc.say("ann", `missed ${at}`);
  await irc.listen();
  await app.click("connect-now");
  await app.status("online");
  await app.row("missed 69");
  const { conversations } = await app.sidebar();
  const room = conversations.find(({ title }) => title === "#tea")?.id ?? 0;
  await until("all that was missed", async () => {
    const said = (await app.stored(room)).flatMap(({ item }) =>
      item.kind === "message" ? [item.body.spans.map((span) => (span.kind === "text" ? span.text : "")).join("")] : item.kind === "gap" ? ["GAP"] : [],
    );
    const expected = [...Array.from({ length: 120 }, (_, at) => `before ${at}`), ...Array.from({ length: 70 }, (_, at) => `missed ${at}`)];
    return JSON.stringify(said) === JSON.stringify(expected);
  });
  irc.cut();
});

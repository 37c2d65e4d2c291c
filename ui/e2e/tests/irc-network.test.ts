/** A person on a network that nobody here wrote, InspIRCd: rooms, people, being called, answering, and coming back. */
import { expect } from "vitest";
import type { App } from "../support/app";
import { Chatter } from "../support/chatter";
import { test } from "../support/test";
import { until } from "../support/wait";

/** Opens the conversation with this name in the sidebar. */
async function go(app: App, name: string): Promise<void> {
  const place = await until(`${name} in the sidebar`, async () =>
    (await app.sidebar()).conversations.find(({ title }) => title === name),
  );
  await app.click("conversation", `[data-id="${place.id}"]`);
}

test("on InspIRCd one joins, talks, is called, answers, reacts, and is back after the server was away", async ({
  open,
  serve,
  desk,
}) => {
  const server = await serve("inspircd");
  const bob = await Chatter.connect(server.url, "bob");
  bob.send("JOIN #tea");
  await bob.line(/ 366 /);
  bob.send("TOPIC #tea :Tea, and what goes with it");
  const place = await desk({ notifications: true });
  const app = await open({ env: place.env });

  await app.click("add-server");
  await app.click("account-protocol", '[data-value="irc"]');
  await app.fillIn("account-url", server.url);
  await app.fillIn("field-nick", "alice");
  await app.picture("irc-form");
  await app.click("account-save");
  await app.gone("account-dialog");
  await app.status("online");
  await app.click("join-room");
  await app.fillIn("join-name", "#tea");
  await app.click("join-go");
  await app.gone("join-dialog");
  await app.shows("topic", "Tea, and what goes with it");

  bob.say("#tea", "black or green?");
  await app.row("black or green?", { sender: "person" });
  await app.say("green, please");
  await app.row("green, please", { sender: "me", delivery: "acknowledged" });
  await bob.line(/ PRIVMSG #tea :green, please$/);
  await app.click("toggle-members");
  await until("both of them", async () => (await app.texts("member")).length === 2);
  expect(await app.texts("member")).toEqual(["@ bob", "alice"]);
  await app.picture("irc-room");
  await app.click("toggle-members");

  // Called while another conversation is open.
  bob.say("alice", "a word between us");
  await go(app, "bob");
  await app.row("a word between us");
  bob.say("#tea", "alice: are you still there?");
  await app.shows("mentions", "1");
  await until("the notification", async () => (await place.notified()).includes("are you still there?"));
  await go(app, "#tea");
  await app.row("alice: are you still there?");
  await app.gone("mentions");

  const asked = await bob.idOf("alice: are you still there?");
  await app.session.click(await app.see("row", '[data-mention="true"]'));
  await app.click("tool-reply");
  await app.say("I am");
  await app.row("I am", { delivery: "acknowledged" });
  await app.shows("quote", "are you still there?");
  expect(await bob.line(/ PRIVMSG #tea :I am$/)).toContain(`+draft/reply=${asked}`);

  const mine = await bob.idOf("I am");
  bob.send(`@+draft/react=🍵;+draft/reply=${mine} TAGMSG #tea`);
  await app.shows("reaction", "🍵 1");
  await app.click("reaction");
  await app.shows("reaction", "🍵 2");
  expect(await bob.line(/\+draft\/react=🍵.* :alice!\S+ TAGMSG :?#tea$/)).toContain(mine);
  await app.picture("irc-reaction");

  await app.say("/nick alicia");
  await app.shows("me", "alicia");
  await bob.line(/ NICK :?alicia$/);

  await server.restart();
  await app.status("online");
  const again = await Chatter.connect(server.url, "bob");
  again.send("JOIN #tea");
  // The user's rooms are joined again, and under the wanted name.
  await again.line(/ 353 bob .*alice/);
  again.say("#tea", "there you are");
  await app.row("there you are");
  again.leave();
});

/** The server goes away and comes back; the page goes away and comes back. */
import { expect } from "vitest";
import { test } from "../support/test";

test("while the server is away the line says so and messages queue; back, it gets each once", async ({ open, serve }) => {
  const server = await serve("spring-boot");
  const app = await open();
  await app.addServer(server.url, "Tutorial");
  await app.status("online");
  await app.say("before");
  await app.row("服务器已收到消息：before");

  await server.kill();
  const words = await app.status("waiting");
  expect(words).toMatch(/Reconnecting[\s\S]*(connection|answer)/);
  await app.say("while away 1");
  await app.say("while away 2");
  await app.row("while away 1", { sender: "me", delivery: "queued" });
  await app.row("while away 2", { sender: "me", delivery: "queued" });
  await app.picture("server-away");

  await server.restart();
  // The window offers not to wait for the next try; by now it may have been made.
  const button = await app.session.find('[data-test="connect-now"]');
  if (button !== null) {
    await app.session.click(button).catch(() => undefined);
  }
  await app.status("online");
  await app.row("while away 1", { sender: "me", delivery: "sent" });
  await app.row("服务器已收到消息：while away 1");
  await app.row("服务器已收到消息：while away 2");
  expect(server.received).toEqual(["before", "while away 1", "while away 2"]);
  await app.see("gap");
  await app.picture("server-back");
});

test("a close by the server is marked where it happened, and the line comes back", async ({ open, serve }) => {
  const server = await serve("node");
  const app = await open();
  await app.addServer(server.url);
  await app.status("online");
  await app.say("/close 4001 closing for the night");
  await app.see("gap");
  await app.status("online");
  expect(server.received).toEqual(["/close 4001 closing for the night"]);
});

test("a reload of the page loses neither a row nor the draft", async ({ open, serve }) => {
  const server = await serve("python");
  const app = await open();
  const account = await app.addAccount({ url: server.url });
  const conversation = await app.conversationOf(account);
  await app.status("online");
  for (const text of ["one", "two", "three"]) {
    await app.say(text);
    await app.row(text, { sender: "server" });
  }
  await app.row("three", { sender: "me", delivery: "sent" });
  await app.write("half a thought");
  const before = await app.rows();

  await app.reload();
  await app.row("three", { sender: "server" });
  expect(await app.rows()).toEqual(before);
  expect(await app.session.invoke("draft", { conversation })).toEqual({ text: "half a thought", reply: null });
  expect(await app.composed()).toBe("half a thought");

  await app.say(", finished");
  await app.row("half a thought, finished", { sender: "server" });
  expect(server.received).toEqual(["one", "two", "three", "half a thought, finished"]);
});

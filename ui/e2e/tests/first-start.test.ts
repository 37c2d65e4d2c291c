/** From nothing to the first message that comes back. Also run on the installed package. */
import { expect } from "vitest";
import { test } from "../support/test";

test("the first start leads to the lounge, and a message comes back", async ({ open }) => {
  const app = await open();
  await app.see("welcome");
  await app.picture("welcome");

  await app.click("join-lounge");
  await app.status("online");
  await app.say("Hello, lounge");

  const own = await app.row("Hello, lounge", { sender: "me", delivery: "sent" });
  const echo = await app.row("Hello, lounge", { sender: "server" });
  expect(echo.id).toBeGreaterThan(own.id);
  expect(await app.composed()).toBe("");
  await app.picture("lounge");
});

test("the second start leads back into the lounge, with everything in its place", async ({ open }) => {
  const first = await open();
  await first.click("join-lounge");
  await first.status("online");
  await first.say("kept");
  await first.row("kept", { sender: "server" });
  const before = await first.rows();
  await first.quit();

  const second = await open();
  await second.status("online");
  await second.row("kept", { sender: "server" });
  expect((await second.rows()).slice(0, before.length)).toEqual(before);
  await second.say("and on");
  await second.row("and on", { sender: "server" });
});

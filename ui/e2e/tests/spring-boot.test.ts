/** The server that a first WebSocket tutorial builds. */
import { expect } from "vitest";
import { test } from "../support/test";

test("a Spring Boot server is added by its address and answers", async ({ open, serve }) => {
  const server = await serve("spring-boot");
  const app = await open();
  await app.addServer(server.url);
  await app.status("online");
  await app.say("你好");
  await app.row("你好", { sender: "me", delivery: "sent" });
  await app.row("服务器已收到消息：你好", { sender: "server" });
  expect(server.received).toEqual(["你好"]);
  await app.picture("spring-boot");
});

test("an address that cannot be used is refused in words before it is saved", async ({ open }) => {
  const app = await open();
  await app.click("add-server");
  await app.fillIn("account-url", "http://localhost:8080/ws");
  await app.see("form-fault");
  await app.click("account-save");
  expect(await app.sees("account-dialog")).toBe(true);
  expect((await app.sidebar()).accounts).toEqual([]);
  await app.picture("account-fault");
  await app.click("account-cancel");
  await app.gone("account-dialog");
});

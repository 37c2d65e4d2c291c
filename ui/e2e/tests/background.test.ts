/** The window goes and the core stays, or both go: closing, quitting, crashes, hangs, sleep. */
import { join } from "node:path";
import { expect } from "vitest";
import { textOf } from "../support/app";
import { APP, SCREENSHOTS } from "../support/places";
import { isAlive, pss, signal, webProcesses } from "../support/process";
import { Guest } from "../support/servers";
import type { Desk, Furniture, Running } from "../support/desk/desk";
import { type Fixtures, test } from "../support/test";
import { until } from "../support/wait";

/** What counts as at once on a machine that is busy; far less than the pause between two pings of a quiet session. */
const SOON_MS = 4_000;

/** Texts that the composer holds back until the draft is kept. */
const DRAFT = "half a thought";

test("with a tray the core goes on receiving when the window is closed, and the page's memory is free", async ({
  open,
  serve,
  desk,
}) => {
  const server = await serve("node");
  const place = await desk({ tray: true });
  const app = await open({ env: place.env });
  const { pid } = app.session;
  const account = await app.addAccount({ url: server.url, name: "Echo" });
  const conversation = await app.conversationOf(account);
  await app.online(account);
  await app.say("before");
  await app.row("before", { sender: "server" });
  await until("the icon", async () => (await place.icons()).length === 1);
  await until("the icon to tell of the account", async () => (await place.icon("ToolTip")).includes("Echo: connected"));
  await place.moveWindow(140, 90, 820, 560);
  await until("the window to be moved", async () => (await place.geometry())[2] === 820);
  const before = await place.geometry();
  await app.write(DRAFT);
  const whole = pss(pid);
  const page = webProcesses(pid);
  const share = page.map(pss).reduce((sum, each) => sum + each, 0);

  await place.closeWindow();
  await until("the window to be gone", async () => (await place.windows()).length === 0);
  await until("the page's process to end", () => page.every((each) => !isAlive(each)));
  expect(isAlive(pid)).toBe(true);
  const closed = pss(pid);
  console.log(`PSS: open ${whole} KiB, of which the page ${share} KiB; closed ${closed} KiB`);
  expect(whole - closed, "the page's share is free").toBeGreaterThan(share * 0.8);

  const guest = await Guest.connect(server.url);
  guest.say("while the window was closed");
  guest.leave();
  await until("the server to have it", () => server.received.includes("while the window was closed"));

  await place.clickIcon();
  await app.session.followWindow();
  await app.ready();
  await app.row("while the window was closed", { sender: "server" });
  expect(await app.composed(), "what was being written").toBe(DRAFT);
  expect(await place.geometry(), "where it was").toEqual(before);
  const rows = await app.stored(conversation);
  expect(rows.some(({ item }) => item.kind === "gap"), "it was connected all the time").toBe(false);
});

test("the icon's menu says what is true in the user's language, opens the window and ends the program", async ({
  open,
  serve,
  desk,
}) => {
  const server = await serve("node");
  const place = await desk({ tray: true });
  const app = await open({ env: place.env });
  await app.addAccount({ url: server.url, name: "Echo" });
  await until("the menu to tell of the account", async () => (await place.menu()).includes("Echo: connected"));
  await app.click("open-settings");
  await app.click("language", '[data-value="zh-CN"]');
  await until("the menu in Chinese", async () => (await place.menu()).includes("Echo：已连接"));
  await server.kill();
  await until("the icon to tell of the loss", async () => (await place.icon("ToolTip")).includes("未连接"));
  await place.closeWindow();
  await until("the window to be gone", async () => (await place.windows()).length === 0);
  await place.choose("打开 Whinchat");
  await app.session.followWindow();
  await app.ready();
  await place.choose("退出");
  await until("the program to end", () => !isAlive(app.session.pid));
});

test("with the setting to end, closing ends the program although there is a tray", async ({ open, desk }) => {
  const place = await desk({ tray: true });
  const app = await open({ env: place.env });
  await until("the icon", async () => (await place.icons()).length === 1);
  await app.session.invoke("set_settings", {
    txn: crypto.randomUUID(),
    settings: { language: "en", theme: "light", background: "quit" },
  });
  await until("the icon to go", async () => (await place.icons()).length === 0);
  await place.closeWindow();
  await until("the program to end", () => !isAlive(app.session.pid));
});

test("a window that is closed comes back when the tray goes", async ({ open, serve, desk }) => {
  const server = await serve("node");
  const place = await desk({ tray: true });
  const app = await open({ env: place.env });
  const account = await app.addAccount({ url: server.url });
  await app.online(account);
  await until("the icon", async () => (await place.icons()).length === 1);
  await place.closeWindow();
  await until("the window to be gone", async () => (await place.windows()).length === 0);
  await place.killPanel();
  await app.session.followWindow();
  await app.ready();
  expect(await place.windows()).toHaveLength(1);

  // Now closing would hide it for ever.
  await place.closeWindow();
  await until("the program to end", () => !isAlive(app.session.pid));
});

test("a second start shows the window of the first, and another home has its own", async ({ open, home, desk }) => {
  const place = await desk({ tray: true });
  const app = await open({ env: place.env });
  await until("the icon", async () => (await place.icons()).length === 1);
  await place.closeWindow();
  await until("the window to be gone", async () => (await place.windows()).length === 0);
  const second = place.run(APP, { WHINCHAT_HOME: home });
  expect(await second.code, "the second start ends at once").toBe(0);
  await app.session.followWindow();
  await app.ready();
  const elsewhere = place.run(APP, { WHINCHAT_HOME: `${home}/another` });
  await until("a window of its own", async () => (await place.windows()).length === 2);
  elsewhere.end();
  expect(await elsewhere.code, "ended when asked to").toBe(0);
});

test("without a tray closing ends the program, after what was on its way has arrived", async ({
  open,
  serve,
  home,
  desk,
}) => {
  const server = await serve("node");
  const place = await desk({});
  const app = await open({ env: place.env });
  const account = await app.addAccount({ url: server.url });
  const conversation = await app.conversationOf(account);
  await app.online(account);
  const count = 200;
  await app.session.run(
    (room, last) => {
      const page = window as unknown as {
        __TAURI_INTERNALS__: { invoke: (name: string, args: unknown) => Promise<unknown> };
      };
      for (let number = 1; number <= last; number += 1) {
        void page.__TAURI_INTERNALS__.invoke("send", { txn: `last-${number}`, conversation: room, text: `#${number}` });
      }
    },
    conversation,
    count,
  );
  await until("the last to be written", async () =>
    (await app.stored(conversation)).some((row) => textOf(row) === `#${count}`),
  );
  await place.closeWindow();
  await until("the program to end", () => !isAlive(app.session.pid));
  await until("its window to go", async () => (await place.windows()).length === 0);
  expect(server.received).toHaveLength(count);
  expect(server.output, "a farewell").toContain("closed 1001");

  // Started without a driver, the program's own parent hears its code.
  const again = place.run(APP, { WHINCHAT_HOME: home });
  await place.closeWindow();
  expect(await again.code).toBe(0);
});

test("what cannot be sent is asked about before the program ends, and goes out after the next start", async ({
  open,
  serve,
  desk,
}) => {
  const server = await serve("node");
  const place = await desk({});
  const app = await open({ env: place.env });
  const account = await app.addAccount({ url: server.url });
  await app.online(account);
  await server.kill();
  await app.status("waiting");
  await app.say("one");
  await app.say("two");
  await app.row("two", { delivery: "queued" });
  await place.closeWindow();
  const question = await until("the question", () =>
    app.session.run(() => document.querySelector<HTMLElement>('[data-test="parting-unsent"]')?.innerText ?? null),
  );
  expect(question).toBe("2 messages are not sent yet. They stay on this computer and go out at the next start.");
  await place.picture(join(SCREENSHOTS, "parting.png"));
  await app.click("parting-stay");
  await app.gone("parting");
  expect(isAlive(app.session.pid)).toBe(true);
  await place.closeWindow();
  await app.click("parting-anyway").catch(() => undefined);
  await until("the program to end", () => !isAlive(app.session.pid));

  await server.restart();
  const next = await open({ env: place.env });
  await next.row("two", { delivery: "sent" });
  expect(server.received).toEqual(["one", "two"]);
});

/** Pixels that may differ between two pictures of the same room: a caret, a clock, a round trip. */
const SAME = 1500;

/** How many looks in a row must agree: a busy machine shows a page that is half done for more than one. */
const STILL = 5;

/**
 * A room with something in it on a desktop, shown by a program without a driver, which would not outlive the page's
 * process. `stands` waits until the page has loaded for the nth time and the screen shows the room as it was: of a page
 * that has ended, the screen shows the last it drew until the next one draws.
 */
async function shownRoom(
  { open, serve, home, desk }: Pick<Fixtures, "open" | "serve" | "home" | "desk">,
  furniture: Furniture,
): Promise<{ place: Desk; app: Running; page: () => number | undefined; stands: (nth: number) => Promise<void> }> {
  const server = await serve("node");
  const place = await desk(furniture);
  const first = await open({ env: place.env });
  const account = await first.addAccount({ url: server.url, name: "Echo" });
  const conversation = await first.conversationOf(account);
  await first.online(account);
  for (let line = 1; line <= 12; line += 1) {
    const text = `${line} ${"the quick brown fox jumps over the lazy dog ".repeat(4)}`.trim();
    await first.session.invoke("send", { txn: `line-${line}`, conversation, text });
  }
  await until("the echoes", () => server.received.length === 12);
  await until("all to be sent", async () => (await first.sidebar()).conversations.every(({ waiting }) => waiting === 0));
  await first.quit();

  const pings = (): number => server.output.split("ping").length;
  const earlier = pings();
  const app = place.run(APP, { WHINCHAT_HOME: home, WHINCHAT_LOG: "whinchat::window=debug" });
  const loads = (): number => app.output().split("the page has loaded").length - 1;
  const picture = (name: string): string => join(home, `${name}.png`);
  const shot = async (name: string): Promise<string> => {
    await place.picture(picture(name));
    return picture(name);
  };
  await until("the window", async () => (await place.windows()).length === 1);
  const empty = await shot("empty");
  await until("the connection", () => pings() > earlier);
  // It stands when it has something in it and looks agree.
  let still = 0;
  const before = await until("the room", async () => {
    const last = await shot("last");
    const isFull = (await place.difference(empty, last)) > 10 * SAME;
    const isStill = isFull && (await place.difference(last, await shot("before"))) < SAME / 10;
    still = isStill ? still + 1 : 0;
    return still === STILL && picture("before");
  });
  return {
    place,
    app,
    page: () => webProcesses(app.pid).find(isAlive),
    stands: async (nth) => {
      await until(`load ${nth} of the page`, () => loads() === nth);
      await until("the room as it was", async () => (await place.difference(before, await shot("after"))) < SAME);
      expect(await place.windows()).toHaveLength(1);
    },
  };
}

test("a page whose process was killed comes back with everything", async ({ open, serve, home, desk }) => {
  const { app, page, stands } = await shownRoom({ open, serve, home, desk }, {});
  const old = page();
  signal(old ?? 0, "SIGKILL");
  await until("another process", () => page() !== undefined && page() !== old);
  await stands(2);
  app.end();
  expect(await app.code).toBe(0);
});

test("a page that hangs is started anew", async ({ open, serve, home, desk }) => {
  const { page, stands } = await shownRoom({ open, serve, home, desk }, {});
  const old = page();
  signal(old ?? 0, "SIGSTOP");
  await until("it to be gone", () => !isAlive(old ?? 0));
  await until("another process", () => page() !== undefined);
  await stands(2);
});

/** Kills the page once more than it is mended, each time when it stands. */
async function killFourTimes(page: () => number | undefined, stands: (nth: number) => Promise<void>): Promise<void> {
  for (let time = 1; time <= 4; time += 1) {
    await stands(time);
    const old = await until("the page's process", page);
    signal(old, "SIGKILL");
    await until("it to be gone", () => !isAlive(old));
  }
}

test("a page that fails again and again is given up, and the icon says so and opens it", async ({
  open,
  serve,
  home,
  desk,
}) => {
  const { place, app, page, stands } = await shownRoom({ open, serve, home, desk }, { tray: true });
  await killFourTimes(page, stands);
  await until("the window to be gone", async () => (await place.windows()).length === 0);
  expect(isAlive(app.pid)).toBe(true);
  await until("the icon to say so", async () => (await place.icon("ToolTip")).includes("failed several times"));
  await place.clickIcon();
  await until("the window", async () => (await place.windows()).length === 1);
});

test("a page that fails again and again without a tray ends the program with an error", async ({
  open,
  serve,
  home,
  desk,
}) => {
  const { app, page, stands } = await shownRoom({ open, serve, home, desk }, {});
  await killFourTimes(page, stands);
  expect(await app.code).toBe(1);
});

test("after sleep every connection is checked at once", async ({ open, serve, desk }) => {
  const server = await serve("node");
  const place = await desk({ logind: true });
  const app = await open({ env: place.env });
  const account = await app.addAccount({ url: server.url });
  await app.online(account);
  const pings = (): number => server.output.split("ping").length - 1;
  // The one with which a session begins; the next would come by itself after half a minute.
  await until("the first ping", () => pings() > 0);
  await place.sleep(true);
  const before = pings();
  await expect(until("a ping without a wake", () => pings() > before, SOON_MS)).rejects.toThrow(/waited/);
  await place.sleep(false);
  await until("the ping of the wake", () => pings() > before, SOON_MS);
});

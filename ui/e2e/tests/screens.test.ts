/** Every state of the window, in both languages, both themes and two sizes, each with its picture. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { App } from "../support/app";
import { KEY } from "../support/driver";
import { enter, Irc } from "../support/irc";
import { expectChinese, LOOKS, setLook } from "../support/looks";
import { SCREENSHOTS } from "../support/places";
import { Guest } from "../support/servers";
import { test } from "../support/test";
import { until } from "../support/wait";

const SIZES = [
  [800, 600],
  [1120, 700],
] as const;

/** Checks the state that is on the screen in every look, and takes its picture in each. */
async function survey(app: App, state: string): Promise<void> {
  for (const [width, height] of SIZES) {
    await app.session.resize(width, height);
    for (const [language, theme] of LOOKS) {
      await setLook(app, language, theme);
      const look = `${state}-${language}-${theme}-${width}x${height}`;
      const wide = await app.session.run(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wide, `${look} is wider than the window`).toBe(0);
      if (language === "zh-CN") {
        await expectChinese(app, look);
      }
      await app.picture(look);
    }
  }
}

/** Expects that in text of twice the size, in the smallest window, no part of the elements with this hook lies on another. */
async function expectRoomForLargeText(app: App, hook: string): Promise<void> {
  await app.session.resize(800, 600);
  await app.session.run(() => void (document.documentElement.style.fontSize = "200%"));
  for (const [language, theme] of LOOKS) {
    await setLook(app, language, theme);
    const cramped = await app.session.run(
      (name) =>
        [...document.querySelectorAll(`[data-test="${name}"] > *`)]
          .filter((part) => part.scrollWidth > part.clientWidth + 1)
          .map((part) => part.textContent),
      hook,
    );
    expect(cramped, `too wide for its place (${language})`).toEqual([]);
    expect(await app.session.run(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await app.picture(`${hook}-large-text-${language}-${theme}`);
  }
  await app.session.run(() => void document.documentElement.style.removeProperty("font-size"));
}

test("the welcome page and the dialogs that it opens", async ({ open }) => {
  const app = await open();
  await app.see("welcome");
  await survey(app, "welcome");
  await app.click("add-server");
  await app.fillIn("account-url", "htp://chat.example.org");
  await app.see("form-fault");
  await survey(app, "account-dialog");
});

test("the language and the theme can be chosen by hand, and stay", async ({ open }) => {
  const app = await open();
  await app.click("language", '[data-value="zh-CN"]');
  await until("Chinese", () => app.session.run(() => document.documentElement.lang === "zh-CN"));
  await app.click("join-lounge");
  await app.status("online");
  await app.click("open-settings");
  await app.see("settings");
  const before = await app.session.run(() => getComputedStyle(document.body).backgroundColor);
  await app.click("theme", '[data-value="dark"]');
  await until("dark", () =>
    app.session.run((light) => getComputedStyle(document.body).backgroundColor !== light, before),
  );
  await survey(app, "settings");
  await setLook(app, "zh-CN", "dark");
  await app.reload();
  expect(await app.session.run(() => document.documentElement.lang)).toBe("zh-CN");
  expect(await app.session.run(() => getComputedStyle(document.body).backgroundColor)).not.toBe(before);
});

test("a room, connected and not", async ({ open, serve }) => {
  const server = await serve("node");
  const app = await open();
  await app.click("join-lounge");
  await app.status("online");
  const account = await app.addAccount({ url: server.url, name: "Spring Boot" });
  await app.conversationOf(account);
  await app.online(account);

  const url = (await app.sidebar()).accounts.find((known) => known.lounge)?.config.url ?? "";
  const guest = await Guest.connect(url);
  for (const text of [
    "Good morning! Has anyone measured how a WebKit view behaves with a million rows?",
    "It stays quick as long as only a few hundred of them are in the page 🐦",
  ]) {
    guest.say(text);
    await app.row(text);
  }
  await app.say("Then that is how we do it. 谢谢！");
  await app.row("Then that is how we do it. 谢谢！", { sender: "server" });
  guest.say("断线的时候也可以写，恢复以后按顺序发出 👍");
  await app.row("断线的时候也可以写，恢复以后按顺序发出 👍");
  guest.leave();
  await survey(app, "room");
  copyFileSync(join(SCREENSHOTS, "room-en-light-1120x700.png"), join(SCREENSHOTS, "room.png"));

  // A menu closes when the window changes its size, so it is looked at in one.
  await app.click("account-menu");
  await app.see("account-remove");
  await expectChinese(app, "account-menu");
  await app.picture("account-menu");
  await app.click("account-edit");
  await survey(app, "account-edit");
  for (const part of ["account-log-in", "account-proxy", "account-trust", "account-details"]) {
    await app.click(part);
  }
  await app.click("log-in-kind", '[data-value="basic"]');
  await app.click("proxy-kind", '[data-value="socks5"]');
  await app.see("log-in-secret");
  await app.see("proxy-host");
  await survey(app, "account-parts");
  await app.fillIn("account-url", "wss://chat.example.org/ws?token=1");
  await app.click("add-fallback");
  await app.fillIn("account-fallback", "ws://second.example.org/ws");
  await app.click("add-header");
  await app.fillIn("header-name", "X-Id");
  await app.fillIn("header-value", "0123456789abcdef0123");
  await until("three hints", async () => (await app.session.findAll('[data-test="form-hint"]')).length === 3);
  await survey(app, "account-hints");
  await app.click("account-cancel");
  await app.gone("account-dialog");

  await app.click("open-truth");
  await app.see("step", '[data-state="done"]');
  await survey(app, "truth");
  await expectRoomForLargeText(app, "step");
  await app.click("tab-frames");
  await app.see("frame", '[data-direction="out"]');
  await app.click("frame");
  await app.see("frame-detail");
  await app.click("raw-open");
  await survey(app, "frames");
  await app.click("truth-close");
  await app.gone("truth-panel");

  const conversation = await app.conversationOf(account);
  await app.click("conversation", `[data-id="${conversation}"]`);
  await server.kill();
  await app.status("waiting");
  await app.say("written while the server is away");
  await app.row("written while the server is away", { delivery: "queued" });
  await survey(app, "server-away");
  await app.click("open-truth");
  await app.see("step", '[data-state="failed"]');
  await survey(app, "truth-away");
  await app.click("truth-close");
  await app.click("message-menu");
  await app.click("message-edit");
  await app.see("amending");
  await survey(app, "amending");
});

test("a room on IRC, with its people, an answer in the making and the commands", async ({ open }) => {
  const irc = await Irc.start();
  const app = await open();
  await enter(app, irc);
  const asked = irc.say("ann", "alice: 绿茶还是红茶？");
  irc.react("ann", asked, "🍵");
  await app.shows("reaction", "🍵 1");
  for (const name of ["bob", "carl", "dora"]) irc.join(name);
  await app.shows("happenings", "bob, carl and dora joined");
  irc.say("bob", "红茶，谢谢。", `+draft/reply=${asked}`);
  await app.shows("quote", "绿茶还是红茶？");
  irc.say("carl", "\u0001ACTION 倒茶\u0001");
  await app.row("倒茶");
  await app.session.click(await app.see("row", '[data-mention="true"]'));
  await app.click("tool-reply");
  await app.see("answering");
  await survey(app, "irc-room");

  await app.click("toggle-members");
  await app.shows("member", "dora");
  await survey(app, "irc-members");
  await expectRoomForLargeText(app, "member");
  await app.click("members-close");
  await app.gone("members");

  await app.write("/to");
  await app.see("slash-hint");
  await survey(app, "irc-commands");
  await expectRoomForLargeText(app, "slash-hint");
  await app.session.type(await app.see("composer"), KEY.backspace.repeat(3));

  await app.write("@a");
  await app.see("word-hint");
  await survey(app, "irc-names");
  await app.session.type(await app.see("composer"), KEY.backspace.repeat(2));
  await app.click("emoji-open");
  await app.see("emoji");
  await survey(app, "irc-emoji");
  await expectRoomForLargeText(app, "emoji");
  irc.cut();
});

/** Arranging the sidebar, going through it, and being told of what is unread, by keys, on a real desktop. */
import { expect } from "vitest";
import { en } from "../../src/i18n/en";
import type { App } from "../support/app";
import { KEY } from "../support/driver";
import { Irc } from "../support/irc";
import { press, tabTo } from "../support/keys";
import { expectChinese, expectReadable, LOOKS, setLook } from "../support/looks";
import { test } from "../support/test";
import { until } from "../support/wait";

const SIZES = [
  [1120, 700],
  [800, 600],
] as const;

/** The names in the sidebar, from the top. */
function names(app: App): Promise<string[]> {
  return app.session.run(() =>
    [...document.querySelectorAll('[data-test="conversation"] .name')].map((name) => name.textContent ?? ""),
  );
}

function selected(app: App): Promise<string> {
  return app.session.run(
    () => document.querySelector('[data-test="conversation"][data-selected="true"] .name')?.textContent ?? "",
  );
}

/** The hook of what has the focus, with its id. */
function focus(app: App): Promise<string> {
  return app.session.run(() => {
    const { test: hook = "", id = "" } = (document.activeElement as HTMLElement | null)?.dataset ?? {};
    return `${hook} ${id}`;
  });
}

/** On an IRC network as alice, in #tea, with three more rooms known by their names alone. */
async function enter(app: App, irc: Irc): Promise<void> {
  await app.click("add-server");
  await app.click("account-protocol", '[data-value="irc"]');
  await app.fillIn("account-url", irc.url);
  await app.fillIn("account-name", "TeaNet");
  await app.fillIn("field-nick", "alice");
  await app.click("account-save");
  await app.gone("account-dialog");
  await app.status("online");
  await app.click("join-room");
  await app.fillIn("join-name", "#tea");
  await app.click("join-go");
  await app.gone("join-dialog");
  await app.shows("topic", irc.topic);
  for (const name of ["bob", "carl"]) await app.say(`/query ${name}`);
  await until("all conversations", async () => (await names(app)).length === 4);
}

test("conversations are muted, moved and folded by keys, and stay so; what is unread stands in title and tray", async ({
  open,
  desk,
}) => {
  const irc = await Irc.start();
  const place = await desk({ tray: true, notifications: true });
  const app = await open({ env: place.env });
  await enter(app, irc);
  expect((await names(app)).slice(1)).toEqual(["tea", "bob", "carl"]);

  await app.write(`${KEY.control}k${KEY.release}`);
  await app.see("switcher-query");
  await press(app, `carl${KEY.enter}`);
  await until("carl", async () => (await selected(app)) === "carl");
  const called = irc.say("ann", "alice: the kettle is on");
  expect(called).not.toBe("");
  await app.shows("mentions", "@1");
  await until("the title", async () => (await place.windows())[0] === "(@1) Whinchat");
  await until("the icon", async () => (await place.icon("ToolTip")).includes("1 mention, 1 unread message"));
  await press(app, `${KEY.alt}${KEY.shift}${KEY.up}${KEY.release}`);
  await until("the unread one", async () => (await selected(app)) === "tea");
  await until("the title without a count", async () => (await place.windows())[0] === "Whinchat");

  await tabTo(app, "conversation");
  await press(app, `${KEY.control}${KEY.shift}${KEY.down}${KEY.release}`);
  await until("another order", async () => (await names(app)).slice(1).join(" ") === "bob tea carl");
  await until("the focus to go along", async () => (await focus(app)).startsWith("conversation"));
  await press(app, `${KEY.shift}${KEY.f10}${KEY.release}`);
  await app.see("conversation-mute");
  await app.picture("sidebar-menu");
  await press(app, `${KEY.down}${KEY.down}${KEY.enter}`);
  await until("it to be muted", async () => app.sees("conversation", '[data-muted="true"]'));
  await press(app, `${KEY.control}4${KEY.release}`);
  await until("the fourth", async () => (await selected(app)) === "carl");
  irc.say("ann", "alice: and again");
  await app.shows("unread", "1");
  expect(await app.sees("mentions")).toBe(false);
  expect((await app.sidebar()).count).toEqual({ unread: 0, mentions: 0 });

  await app.reload();
  await until("the order after a reload", async () => (await names(app)).slice(1).join(" ") === "bob tea carl");
  expect(await app.sees("conversation", '[data-muted="true"]')).toBe(true);
  await tabTo(app, "account-fold");
  await press(app, KEY.left);
  await until("the account to be folded", async () => (await names(app)).length === 1);
  await app.reload();
  await until("it to be folded after a reload", async () => (await names(app)).length === 1);
  irc.cut();
});

test("a click on a notification leads to its message, in a window that was closed too, and quiet hours are quiet", async ({
  open,
  desk,
}) => {
  const irc = await Irc.start();
  const place = await desk({ tray: true, notifications: true });
  const app = await open({ env: place.env });
  await enter(app, irc);
  await press(app, `${KEY.control}4${KEY.release}`);
  // Before the eyes is what the window has read last.
  await until("carl", async () => (await app.texts("timeline")).join().includes(en.timeline.empty));
  irc.say("ann", "alice: this one");
  await app.shows("mentions", "@1");
  for (let line = 0; line < 60; line += 1) irc.say("ann", `line ${line}`);
  await app.shows("unread", "61");
  await until("the message", async () => {
    await place.clickNotification();
    return app.session.run(() => (document.activeElement as HTMLElement | null)?.textContent?.includes("this one") ?? false);
  });
  await app.picture("notification-leads-here");

  await until("the icon", async () => (await place.icons()).length === 1);
  await press(app, `${KEY.control}4${KEY.release}`);
  await place.closeWindow();
  await until("the window to be gone", async () => (await place.windows()).length === 0);
  irc.say("ann", "alice: and that one");
  await until("the notification", async () => (await place.notified()).includes("and that one"));
  irc.cut();
});

test("the switcher, the menus, the settings and the keys in each language and theme", async ({ open }) => {
  const irc = await Irc.start();
  const app = await open();
  await enter(app, irc);
  await press(app, `${KEY.control}4${KEY.release}`);
  irc.say("ann", "alice: look");
  await app.shows("mentions", "@1");
  for (const [width, height] of SIZES) {
    await app.session.resize(width, height);
    for (const [language, theme] of [...LOOKS, ["en", "contrast"] as const]) {
      await setLook(app, language, theme);
      const look = `${language}-${theme}-${width}x${height}`;
      for (const [key, hook] of [["k", "switcher"], [",", "settings"], ["/", "help-dialog"]] as const) {
        await press(app, `${KEY.control}${key}${KEY.release}`);
        await app.see(hook);
        expect(await app.session.run((name) => document.querySelector(`[data-test="${name}"]`)?.scrollTop, hook)).toBe(0);
        await expectReadable(app, hook, `${hook}, ${look}`);
        if (language === "zh-CN") await expectChinese(app, hook);
        await app.picture(`around-${hook}-${look}`);
        await press(app, KEY.escape);
        await app.gone(hook);
      }
      await expectReadable(app, "sidebar", `sidebar, ${look}`);
    }
  }
  await app.session.resize(800, 600);
  for (let step = 0; step < 5; step += 1) await press(app, `${KEY.control}+${KEY.release}`);
  await until("200 %", async () => (await app.session.invoke<{ zoom: number }>("settings")).zoom === 200);
  await until("half the room", () => app.session.run(() => Math.abs(innerWidth - 400) < 2));
  await app.picture("around-200-percent");
  await press(app, `${KEY.control},${KEY.release}`);
  await app.see("settings");
  await app.picture("around-200-percent-settings");
  await press(app, KEY.escape);
  await press(app, `${KEY.control}0${KEY.release}`);
  await until("100 %", async () => (await app.session.invoke<{ zoom: number }>("settings")).zoom === 100);
  irc.cut();
});

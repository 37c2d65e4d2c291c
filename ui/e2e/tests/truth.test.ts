/**
 * The truth panel and the frame console, in the real window against real servers: what failed and where, in words of
 * both languages, in both themes, on the keyboard.
 */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Language, Settings, Theme } from "../../src/bridge/generated";
import type { App } from "../support/app";
import { type Element, KEY } from "../support/driver";
import { Stage } from "../support/stage";
import { test } from "../support/test";
import { until } from "../support/wait";

type Urls = Record<"good" | "silent" | "expired" | "unauthorized" | "busy" | "port" | "host", string>;

interface Case {
  readonly url: keyof Urls;
  /** What the panel calls the reason. */
  readonly reason: string;
  /** The step that failed; `null`: the session was established, and ended. */
  readonly step: string | null;
  readonly status: "waiting" | "stopped";
  readonly en: RegExp;
  readonly zh: RegExp;
}

const CASES: readonly Case[] = [
  { url: "host", reason: "dns", step: "dns", status: "waiting", en: /nobody\.invalid/, zh: /nobody\.invalid/ },
  { url: "port", reason: "refused", step: "tcp", status: "waiting", en: /127\.0\.0\.1/, zh: /127\.0\.0\.1/ },
  { url: "expired", reason: "tls", step: "tls", status: "stopped", en: /expired/i, zh: /过期/ },
  { url: "unauthorized", reason: "status", step: "upgrade", status: "stopped", en: /401|log in/i, zh: /401|登录/ },
  { url: "busy", reason: "status", step: "upgrade", status: "waiting", en: /503|later|busy/i, zh: /503|稍后|忙/ },
  { url: "silent", reason: "silent", step: null, status: "waiting", en: /answer|silent|heard/i, zh: /[一-鿿]/ },
];

/** As WebDriver names it (W3C WebDriver §17.4.2). */
const BACKSPACE = "\uE003";
const RIGHT = "\uE014";

const LOOKS: readonly (readonly [Language, Theme])[] = [
  ["en", "light"],
  ["en", "dark"],
  ["zh-CN", "light"],
  ["zh-CN", "dark"],
];

async function setLook(app: App, language: Language, theme: Theme): Promise<void> {
  const settings = await app.session.invoke<Settings>("settings");
  await app.session.invoke("set_settings", { txn: crypto.randomUUID(), settings: { ...settings, language, theme } });
  await until(`the window in ${language}, ${theme}`, () =>
    app.session.run((wanted) => document.documentElement.lang === wanted, language),
  );
}

/** Presses keys where the focus is. */
async function press(app: App, keys: string): Promise<void> {
  const focused = (await app.session.find(":focus")) ?? (await app.session.find("body"));
  await app.session.type(focused as Element, keys);
}

/** Goes on with Tab until the focus is on the element with this hook. */
async function tabTo(app: App, name: string): Promise<void> {
  for (let tries = 0; tries < 80; tries += 1) {
    const at = await app.session.run(() => (document.activeElement as HTMLElement | null)?.dataset["test"] ?? "");
    if (at === name) {
      return;
    }
    await press(app, KEY.tab);
  }
  throw new Error(`Tab never comes to ${name}`);
}

function textOf(app: App, name: string): Promise<string> {
  return app.session.run(
    (hook) => document.querySelector<HTMLElement>(`[data-test="${hook}"]`)?.innerText ?? "",
    name,
  );
}

test("the panel says which step failed, why and what comes next, in both languages and themes", async ({ open }) => {
  const stage = await Stage.start<Urls>("faults");
  try {
    const app = await open();
    // Wide enough for the panel beside the room.
    await app.session.resize(1200, 800);
    await app.addServer(stage.said.good, "good");
    await app.status("online");
    for (const each of CASES) {
      await app.addServer(stage.said[each.url], each.url);
      await app.status(each.status);
      // On the keyboard: from wherever the focus is, to the status line, and into the panel.
      await tabTo(app, "open-truth");
      await press(app, KEY.enter);
      await app.see("truth-panel");
      const reason = await until(`the reason of ${each.url}`, () =>
        app.session.run(
          (wanted) =>
            document.querySelector<HTMLElement>(`[data-test="truth-reason"][data-reason="${wanted}"]`)?.innerText ?? null,
          each.reason,
        ),
      );
      expect(reason).not.toBe("");
      const steps = await app.session.run(() =>
        [...document.querySelectorAll<HTMLElement>('[data-test="step"]')].map((step) => ({
          phase: step.dataset["phase"],
          state: step.dataset["state"],
        })),
      );
      const failed = steps.filter((step) => step.state === "failed").map((step) => step.phase);
      expect(failed, `${each.url}: ${JSON.stringify(steps)}`).toEqual(each.step === null ? [] : [each.step]);
      const outcomes = await app.session.run(() =>
        [...document.querySelectorAll<HTMLElement>('[data-test="attempt"]')].map((one) => one.dataset["reason"]),
      );
      expect(outcomes).toContain(each.reason);
      // Also where there is none by itself, it is said.
      expect(await textOf(app, "next-try")).not.toBe("");
      for (const [language, theme] of LOOKS) {
        await setLook(app, language, theme);
        const words = await until(`words in ${language}`, async () => {
          const said = await textOf(app, "truth-reason");
          return (language === "en" ? each.en : each.zh).test(said) && said;
        });
        expect(/[一-鿿]/.test(words), `${each.url} in ${language}: ${words}`).toBe(language === "zh-CN");
        await app.picture(`truth-${each.url}-${language}-${theme}`);
      }
      await setLook(app, "en", "light");
      await tabTo(app, "truth-close");
      await press(app, KEY.enter);
      await app.gone("truth-panel");
    }
  } finally {
    await stage.end();
  }
}, 600_000);

/** How many lines the console lists. */
function listed(app: App): Promise<number> {
  return app.session.run(() => Number(document.querySelector<HTMLElement>('[data-test="frame-list"]')?.dataset["count"] ?? 0));
}

/** Direction, kind and text of each frame in sight. */
function frames(app: App): Promise<string[]> {
  return app.session.run(() =>
    [...document.querySelectorAll<HTMLElement>('[data-test="frame"]')].map(
      (frame) =>
        `${frame.dataset["direction"]} ${frame.dataset["kind"]} ${frame.querySelector('[data-test="frame-payload"]')?.textContent ?? ""}`,
    ),
  );
}

test("the console lists, filters, pauses, sends, exports and imports frames, on the keyboard", async ({ open }) => {
  const stage = await Stage.start<Urls>("faults");
  try {
    const app = await open();
    await app.session.resize(1200, 800);
    await app.addServer(stage.said.good, "good");
    await app.status("online");
    await tabTo(app, "open-truth");
    await press(app, KEY.enter);
    await tabTo(app, "tab-line");
    await press(app, RIGHT);
    await until("the frames", () => app.session.run(() => document.querySelector('[data-test="truth-panel"][data-tab="frames"]') !== null));

    await app.say("hello there");
    await app.row("hello there", { sender: "server" });
    await until("both frames", async () => {
      const all = await frames(app);
      return all.includes("out text hello there") && all.includes("in text hello there");
    });

    await tabTo(app, "frames-filter");
    await press(app, "hello");
    await until("only what fits", async () => (await listed(app)) === 2);
    await press(app, BACKSPACE.repeat("hello".length));
    await until("all again", async () => (await listed(app)) > 2);

    await tabTo(app, "frames-pause");
    await press(app, " ");
    await until("the pause", async () => (await app.session.find('[data-test="frames-pause"][aria-pressed="true"]')) !== null);
    const paused = await listed(app);
    await app.say("while paused");
    await app.row("while paused", { sender: "server" });
    expect(await listed(app)).toBe(paused);
    await app.click("frames-pause");
    await until("what came meanwhile", async () => (await frames(app)).includes("in text while paused"));

    await tabTo(app, "raw-open");
    await press(app, KEY.enter);
    await tabTo(app, "raw-payload");
    await press(app, "a raw frame");
    await tabTo(app, "raw-send");
    await press(app, KEY.enter);
    await until("the raw frame to leave and to come back", async () => {
      const all = await frames(app);
      return all.includes("out text a raw frame") && all.includes("in text a raw frame");
    });
    await app.row("a raw frame", { sender: "server" });

    // A chosen frame, as bytes.
    await tabTo(app, "frame-list");
    await press(app, KEY.end);
    await app.click("frame-as-hex");
    expect(await textOf(app, "frame-payload-hex")).toMatch(/[0-9a-f]{2} [0-9a-f]{2}/);

    await tabTo(app, "frames-export");
    await press(app, KEY.enter);
    const told = await until("the file", async () => /(\/\S+\.txt|\/\S+)/.exec(await textOf(app, "frames-told"))?.[0]);
    const transcript = readFileSync(told.replace(/[.。]$/, ""), "utf8");
    expect(transcript).toMatch(/^> .*hello there/m);
    expect(transcript).toMatch(/^< .*hello there/m);

    await app.session.type(await app.see("frames-file"), told.replace(/[.。]$/, ""));
    await app.see("frames-imported");
    await until("the imported frames", async () => (await frames(app)).some((frame) => frame.endsWith("hello there")));
    await app.click("frames-live");
    await app.gone("frames-imported");
    for (const [language, theme] of LOOKS) {
      await setLook(app, language, theme);
      await app.picture(`console-${language}-${theme}`);
    }
  } finally {
    await stage.end();
  }
}, 300_000);

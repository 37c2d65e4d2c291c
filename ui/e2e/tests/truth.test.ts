/**
 * The truth panel, in the real window against real servers: what failed and where, in words of both languages, readable
 * in both themes, and all of it by keys alone.
 */
import { expect } from "vitest";
import type { Sidebar, Truth } from "../../src/bridge/generated";
import { durationWords, say, type TruthTongue } from "../../src/i18n/truth";
import { wordsOf, type Words } from "../../src/i18n/words";
import type { App } from "../support/app";
import { KEY } from "../support/driver";
import { pasted, press, tabTo, textOf } from "../support/keys";
import { expectChinese, expectReadable, LOOKS, setLook } from "../support/looks";
import { type Faults, Stage } from "../support/stage";
import { test } from "../support/test";
import { until } from "../support/wait";

interface Case {
  readonly url: keyof Faults;
  /** What the panel calls the reason. */
  readonly reason: "dns" | "refused" | "tls" | "status" | "silent";
  /** The step that failed; `null`: the session was established, and ended. */
  readonly step: "dns" | "tcp" | "tls" | "upgrade" | null;
  readonly status: "waiting" | "stopped";
  /** The very sentence. */
  readonly says: (tongue: TruthTongue, url: string) => string;
  /** What stands beside it. */
  readonly advises: (advice: Words["truth"]["advice"]) => string;
}

/** How long the busy server asks to be left alone. */
const PAUSE_S = 90;

/** The silence after which a line is given up (`link/src/timing.rs`). */
const SILENCE_S = 20;

const CASES: readonly Case[] = [
  { url: "host", reason: "dns", step: "dns", status: "waiting", says: (tongue, url) => say(tongue, "reason.dns", { host: new URL(url).hostname }), advises: (advice) => advice.dns },
  { url: "port", reason: "refused", step: "tcp", status: "waiting", says: (tongue, url) => say(tongue, "reason.refused", { address: new URL(url).host }), advises: (advice) => advice.refused },
  { url: "expired", reason: "tls", step: "tls", status: "stopped", says: (tongue) => say(tongue, "tls.expired"), advises: (advice) => advice.tls.unverified },
  { url: "unauthorized", reason: "status", step: "upgrade", status: "stopped", says: (tongue) => say(tongue, "refusal.unauthorized", { status: 401 }), advises: (advice) => advice.status.unauthorized },
  {
    url: "busy",
    reason: "status",
    step: "upgrade",
    status: "waiting",
    says: (tongue) => say(tongue, "refusal.tooManyAfter", { status: 503, duration: durationWords(tongue, PAUSE_S) }),
    advises: (advice) => advice.status.tooMany,
  },
  { url: "silent", reason: "silent", step: null, status: "waiting", says: (tongue) => say(tongue, "reason.silent", { seconds: SILENCE_S }), advises: (advice) => advice.silent },
];

/** A look at the panel, taken at once: an account that tries again changes it from one moment to the next. */
interface Look {
  readonly reason: string;
  readonly next: string;
  readonly steps: readonly { readonly phase: string; readonly state: string; readonly text: string }[];
  readonly attempts: readonly string[];
}

/** The panel as it says why there is no connection and when the next try is. */
function told(app: App, reason: string): Promise<Look> {
  return until(`the reason ${reason} and the next try`, () =>
    app.session.run((wanted) => {
      const why = document.querySelector<HTMLElement>(`[data-test="truth-reason"][data-reason="${wanted}"]`);
      const next = document.querySelector<HTMLElement>('[data-test="next-try"]');
      if (why === null || next === null) return null;
      const all = (hook: string) => [...document.querySelectorAll<HTMLElement>(`[data-test="${hook}"]`)];
      return {
        reason: why.innerText,
        next: next.innerText,
        steps: all("step").map((step) => ({
          phase: step.dataset["phase"] ?? "",
          state: step.dataset["state"] ?? "",
          text: step.innerText,
        })),
        attempts: all("attempt").map((one) => `${one.dataset["reason"]} ${one.innerText}`),
      };
    }, reason),
  );
}

/** A clause as a sentence of its own. */
function sentence(tongue: TruthTongue, clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}${tongue === "en" ? "." : "。"}`;
}

/** When the next try is, as the panel says it. */
function expectNext(tongue: TruthTongue, each: Case, next: string): void {
  const words = wordsOf(tongue).truth;
  if (each.status === "stopped") {
    expect(next).toBe(words.nextNever);
  } else if (each.url === "busy") {
    expect(next).toContain(words.nextAsked(durationWords(tongue, PAUSE_S)));
    // It counts down; some of the pause has passed, and a few seconds may have been added.
    const left = Array.from({ length: PAUSE_S }, (_, passed) => durationWords(tongue, PAUSE_S + 5 - passed));
    const [before = "", after = ""] = words.nextIn("|", "|", 2).split("|", 2);
    expect(left.some((span) => next.startsWith(before + span + after)), next).toBe(true);
  } else {
    expect(next).toContain(words.nextWhy);
  }
}

/** How long after its try the account will try again, in milliseconds, as the core says it. */
async function pause(app: App, url: string): Promise<number> {
  const { accounts } = await app.session.invoke<Sidebar>("sidebar");
  const account = accounts.find(({ config }) => config.url === url);
  const truth = await app.session.invoke<Truth>("truth", { account: account?.id });
  const at = truth.attempts[0]?.at ?? 0;
  return account?.status.kind === "waiting" ? account.status.until - at : Number.NaN;
}

/** What the frame console says of a line: each frame as it is read out, or that there is none. */
function framesTold(app: App): Promise<readonly string[]> {
  return app.session.run(() => {
    const rows = [...document.querySelectorAll<HTMLElement>('[data-test="frame"]')];
    if (rows.length > 0) return rows.map((row) => `${row.dataset["direction"]} ${row.dataset["kind"]} ${row.getAttribute("aria-label")}`);
    return [...document.querySelectorAll<HTMLElement>('[data-test="truth-panel"] .empty')].map((empty) => empty.innerText);
  });
}

/** From the tab of the panel to its frames and back, by keys: what passed before it failed, or that nothing did. */
async function expectFrames(app: App, each: Case): Promise<void> {
  await tabTo(app, "tab-line");
  await press(app, KEY.right);
  await app.see("frames-filter");
  const grounds = new Map<string, readonly string[]>();
  for (const [language, theme] of LOOKS) {
    const state = `frames, ${each.url}, ${language}, ${theme}`;
    await setLook(app, language, theme);
    const { frames } = wordsOf(language);
    if (each.step === null) {
      // It let us in, and answered nothing: what passed is our question.
      const told = await until("the ping", async () => {
        const rows = await framesTold(app);
        return rows.some((row) => row.startsWith("out ping ")) ? rows : null;
      });
      for (const row of told) expect(row, state).toMatch(/^out /);
      for (const row of told.filter((one) => one.startsWith("out ping "))) {
        expect(row.slice("out ping ".length).startsWith(frames.row(frames.direction.out, frames.kinds.ping, "|", "").split("|", 1)[0] ?? "|"), row).toBe(true);
      }
    } else {
      expect(await framesTold(app), state).toEqual([frames.empty]);
    }
    if (language === "zh-CN") await expectChinese(app, state);
    grounds.set(theme, await expectReadable(app, "truth-panel", state));
    await app.picture(`truth-frames-${each.url}-${language}-${theme}`);
  }
  for (const colour of grounds.get("light") ?? []) expect(grounds.get("dark"), "the themes differ").not.toContain(colour);
  await tabTo(app, "tab-frames");
  await press(app, KEY.right);
  await app.gone("frames-filter");
}

test("the panel says which step failed, why and what comes next, in both languages and themes", async ({ open }) => {
  const stage = await Stage.start<Faults>("faults");
  try {
    const app = await open();
    // Wide enough for the panel beside the room.
    await app.session.resize(1200, 800);
    await app.addServer(stage.said.good);
    await app.status("online");
    for (const each of CASES) {
      const url = stage.said[each.url];
      await app.addServer(url);
      await app.status(each.status);
      if (each.url === "busy") {
        const ms = await pause(app, url);
        expect(ms, "what was asked for, and at most a second and the try itself").toBeGreaterThanOrEqual(PAUSE_S * 1000);
        expect(ms).toBeLessThan(PAUSE_S * 1000 + 5000);
      }
      // On the keyboard: from wherever the focus is, to the status line, and into the panel.
      await tabTo(app, "open-truth");
      await press(app, KEY.enter);
      await app.see("truth-panel");
      const grounds = new Map<string, readonly string[]>();
      for (const [language, theme] of LOOKS) {
        const state = `${each.url}, ${language}, ${theme}`;
        await setLook(app, language, theme);
        const look = await told(app, each.reason);
        const clause = each.says(language, url);
        expect(look.reason, state).toContain(sentence(language, clause));
        expect(look.reason, state).toContain(each.advises(wordsOf(language).truth.advice));
        expectNext(language, each, look.next);
        for (const step of look.steps) expect(step.text, state).toContain(say(language, `step.${step.phase as "dns"}`));
        const failed = look.steps.filter((step) => step.state === "failed");
        expect(failed.map((step) => step.phase), `${state}: ${JSON.stringify(look.steps)}`).toEqual(each.step === null ? [] : [each.step]);
        for (const step of failed) expect(step.text, state).toContain(clause);
        expect(look.attempts.some((one) => one.startsWith(each.reason) && one.includes(clause)), state).toBe(true);
        if (language === "zh-CN") await expectChinese(app, state);
        grounds.set(theme, await expectReadable(app, "truth-panel", state));
        await app.picture(`truth-${each.url}-${language}-${theme}`);
      }
      for (const colour of grounds.get("light") ?? []) expect(grounds.get("dark"), "the themes differ").not.toContain(colour);
      await expectFrames(app, each);
      await setLook(app, "en", "light");
      await press(app, KEY.escape);
      await app.gone("truth-panel");
    }
  } finally {
    await stage.end();
  }
}, 600_000);

/** How many points the graph of round trips has. */
function points(app: App): Promise<number> {
  return app.session.run(() => {
    const graph = document.querySelector('[data-test="round-trips"]');
    const lines = [...(graph?.querySelectorAll("polyline") ?? [])];
    return lines.reduce((sum, line) => sum + line.points.numberOfItems, graph?.querySelectorAll(".dot").length ?? 0);
  });
}

/** Far less than the server asked for, and than any pause before a next try by itself. */
const AT_ONCE_MS = 20_000;

test("by keys alone: into the panel, connected now, the report copied, a frame sent and found, and out", async ({ open }) => {
  const stage = await Stage.start<Faults>("faults");
  try {
    const app = await open();
    await app.session.resize(1200, 800);
    await app.addServer(stage.said.returning);
    await app.status("waiting");
    await tabTo(app, "open-truth");
    await press(app, KEY.enter);
    await app.see("truth-panel");
    await tabTo(app, "truth-connect");
    const asked = performance.now();
    await press(app, KEY.enter);
    await app.status("online");
    expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
    await until("the second try", async () => (await app.session.findAll('[data-test="attempt"]')).length === 2);

    // The graph lives: each message brings a round trip.
    await tabTo(app, "composer");
    await press(app, `a private word${KEY.enter}`);
    await app.row("a private word", { sender: "server" });
    const before = await until("a round trip", () => points(app));
    await press(app, `another one${KEY.enter}`);
    await until("one more in the graph", async () => (await points(app)) > before);
    expect(await textOf(app, "round-trip-words")).toMatch(/ms/);
    await app.picture("truth-online");

    await tabTo(app, "copy-report");
    await press(app, KEY.enter);
    await until("the copy to be told of", async () => (await textOf(app, "copy-outcome")) === wordsOf("en").truth.copied);
    const report = await pasted(app);
    const { report: words } = wordsOf("en").truth;
    for (const part of [words.title, words.leftOut, stage.said.returning, "HTTP 503", say("en", "step.upgrade")]) {
      expect(report).toContain(part);
    }
    expect(report).not.toMatch(/private|another one|back after lunch/);

    await tabTo(app, "tab-line");
    await press(app, KEY.right);
    await app.see("frames-filter");
    await tabTo(app, "raw-open");
    await press(app, KEY.enter);
    await tabTo(app, "raw-payload");
    await press(app, "by hand");
    await tabTo(app, "raw-send");
    await press(app, KEY.enter);
    await app.row("by hand", { sender: "server" });
    await tabTo(app, "frames-filter");
    await press(app, "by hand");
    await until("both ways of it", async () => (await app.session.findAll('[data-test="frame"]')).length === 2);
    await press(app, KEY.escape);
    await app.gone("truth-panel");
  } finally {
    await stage.end();
  }
}, 300_000);

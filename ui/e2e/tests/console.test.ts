/** The frame console, in the real window against a real server, on the keyboard. */
import { expect } from "vitest";
import type { App } from "../support/app";
import { KEY } from "../support/driver";
import { pasted, press, tabTo, textOf } from "../support/keys";
import { expectReadable, LOOKS, setLook } from "../support/looks";
import { type Faults, Stage } from "../support/stage";
import { test } from "../support/test";
import { until } from "../support/wait";

/** What a shell would trip over. */
const RAW = "it’s raw, isn't it";

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
  const stage = await Stage.start<Faults>("faults");
  try {
    const app = await open();
    await app.session.resize(1200, 800);
    await app.addServer(stage.said.good, "good");
    await app.status("online");
    await tabTo(app, "open-truth");
    await press(app, KEY.enter);
    await tabTo(app, "tab-line");
    await press(app, KEY.right);
    await until("the frames", () => app.session.run(() => document.querySelector('[data-test="truth-panel"][data-tab="frames"]') !== null));

    await app.say("hello there");
    await app.row("hello there", { sender: "server" });
    await until("both frames", async () => {
      const all = await frames(app);
      return all.includes("out text hello there") && all.includes("in text hello there");
    });
    const [payload, list] = await app.session.run(() =>
      ["frame-payload", "frame-list"].map((name) => document.querySelector(`[data-test="${name}"]`)?.clientWidth ?? 0),
    );
    expect(payload, `of ${list} pixels of the list`).toBeGreaterThan(0.9 * (list ?? Infinity));

    await tabTo(app, "frames-filter");
    await press(app, "hello");
    await until("only what fits", async () => (await listed(app)) === 2);
    await press(app, KEY.backspace.repeat("hello".length));
    await until("all again", async () => (await listed(app)) > 2);

    await tabTo(app, "frames-pause");
    await press(app, " ");
    await until("the pause", async () => (await app.session.find('[data-test="frames-pause"][aria-pressed="true"]')) !== null);
    const paused = await listed(app);
    await app.say("while paused");
    await app.row("while paused", { sender: "server" });
    expect(await listed(app)).toBe(paused);
    await tabTo(app, "frames-pause");
    await press(app, " ");
    await until("what came meanwhile", async () => (await frames(app)).includes("in text while paused"));

    await tabTo(app, "raw-open");
    await press(app, KEY.enter);
    await tabTo(app, "raw-payload");
    await press(app, RAW);
    await tabTo(app, "raw-send");
    await press(app, KEY.enter);
    await until("the raw frame to leave and to come back", async () => {
      const all = await frames(app);
      return all.includes(`out text ${RAW}`) && all.includes(`in text ${RAW}`);
    });
    await app.row(RAW, { sender: "server" });

    // A chosen frame, as bytes.
    await tabTo(app, "frame-list");
    await press(app, KEY.end);
    await tabTo(app, "frame-as-hex");
    await press(app, " ");
    expect(await textOf(app, "frame-payload-hex")).toMatch(/[0-9a-f]{2} [0-9a-f]{2}/);

    // The frame of our own, as the command that does the same.
    await tabTo(app, "frames-filter");
    await press(app, "it’s raw");
    await until("ours and the one that came back", async () => (await listed(app)) === 2);
    await tabTo(app, "frame-list");
    await press(app, KEY.home);
    await tabTo(app, "copy-websocat");
    await press(app, KEY.enter);
    await until("the copy to be told of", async () => (await textOf(app, "frame-copied")).includes("SECRET"));
    expect(await pasted(app)).toBe(
      `printf '%s' 'it’s raw, isn'\\''t it' | websocat --text --no-line --no-close '${stage.said.good}'`,
    );

    await tabTo(app, "frames-filter");
    await press(app, KEY.backspace.repeat("it’s raw".length));

    await tabTo(app, "frames-export");
    await press(app, KEY.enter);
    const told = await until("the file", async () => /\/\S+[^.。\s]/.exec(await textOf(app, "frames-told"))?.[0]);
    // What the console has written the core reads, and an adapter makes of it what it made of the session.
    const replay = await Stage.start<{ played: string }>("replay", told);
    await replay.end();
    const { played } = replay.said;
    const said = ["hello there", "while paused", RAW];
    expect([...played.matchAll(/^< (.*)$/gm)].map(([, text]) => text)).toEqual(said);
    const messages = [...played.matchAll(/^! (.*)$/gm)].map(([, event]) => event ?? "").filter((event) => event.includes('"text"'));
    expect(messages).toHaveLength(said.length);
    for (const [at, text] of said.entries()) expect(messages[at]).toContain(text);

    await app.session.type(await app.see("frames-file"), told);
    await app.see("frames-imported");
    await until("the imported frames", async () => (await frames(app)).some((frame) => frame.endsWith("hello there")));
    await tabTo(app, "frames-live");
    await press(app, KEY.enter);
    await app.gone("frames-imported");
    for (const [language, theme] of LOOKS) {
      await setLook(app, language, theme);
      await expectReadable(app, "truth-panel", `console, ${language}, ${theme}`);
      await app.picture(`console-${language}-${theme}`);
    }
  } finally {
    await stage.end();
  }
}, 300_000);

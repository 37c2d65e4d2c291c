/** A server sends ten thousand messages a second for half a minute: the window stays one that a person can use. */
import { expect } from "vitest";
import { KEY } from "../support/driver";
import { pss } from "../support/process";
import { Stage } from "../support/stage";
import { test } from "../support/test";
import { until } from "../support/wait";

const RATE = 10_000;
const SECONDS = 30;

/** The longest time without a frame: far less than the flood lasts. Generous, since software rendering, the debug build
 * and whatever else the machine does take their share. */
const LONGEST_GAP_MS = 15_000;

/** What typing a word may take until it stands in the composer. */
const ECHO_MS = 15_000;

/** What the program and its pages may grow by, whatever comes: the window holds some hundred rows, the queues are
 * bounded, and the page cache of the history is the database's. */
const MAX_GROWTH_MIB = 300;

/** The window holds at most 300 rows (`ui/src/model/window.ts`), and lines between them. */
const MAX_ROWS = 300;

test("while a server floods, typing echoes, scrolling scrolls, and memory is bounded", async ({ open }) => {
  const flood = await Stage.start<{ url: string }>("flood", String(RATE), String(SECONDS));
  try {
    const app = await open();
    await app.addServer(flood.said.url, "Flood");
    await app.status("online");
    const before = pss(app.session.pid);
    await app.session.run(() => {
      const page = window as unknown as { frames: { count: number; longest: number } };
      const frames = { count: 0, longest: 0 };
      page.frames = frames;
      let last = performance.now();
      const tick = (now: number) => {
        frames.count += 1;
        frames.longest = Math.max(frames.longest, now - last);
        last = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    });
    await app.say("go");
    await app.row("99", { sender: "server" }).catch(() => undefined);

    let written = "";
    let typed = 0;
    let scrolled = 0;
    let most = 0;
    const account = (await app.sidebar()).accounts[0]?.id ?? 0;
    const conversation = await app.conversationOf(account);
    const isOver = () =>
      app.session
        .invoke<{ rows: { item: { kind: string; body?: { spans: { text?: string }[] } } }[] }>("latest", {
          conversation,
          count: 1,
        })
        .then(({ rows }) => rows.some(({ item }) => item.body?.spans.some((span) => span.text === "the flood is over")));
    while (!(await isOver())) {
      const word = `word${typed} `;
      const begin = performance.now();
      await app.write(word);
      written += word;
      await until("the word to stand in the composer", async () => (await app.composed()) === written, ECHO_MS);
      expect(performance.now() - begin).toBeLessThan(ECHO_MS);
      typed += 1;
      // Up, away from the newest: the page stays where the reader put it, however much comes.
      const kept = await app.session.runAsync(async () => {
        const list = document.querySelector<HTMLElement>('[data-test="timeline"]');
        if (list === null) return false;
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        list.scrollTop = Math.max(0, list.scrollHeight - list.clientHeight * 2);
        list.dispatchEvent(new WheelEvent("wheel", { deltaY: -200, bubbles: true }));
        await frame();
        await frame();
        return list.scrollHeight - list.scrollTop - list.clientHeight > 1;
      });
      scrolled += kept ? 1 : 0;
      most = Math.max(most, (await app.rows()).length);
      const newest = await app.session.find('[data-test="jump-newest"]');
      if (newest !== null) {
        await app.session.click(newest).catch(() => undefined);
      }
    }
    const { count, longest } = await app.session.run(
      () => (window as unknown as { frames: { count: number; longest: number } }).frames,
    );
    const after = pss(app.session.pid);
    console.log(
      `${typed} words typed, ${scrolled} times scrolled, ${count} frames, the longest gap ${Math.round(longest)} ms; ` +
        `${Math.round(before / 1024)} MiB before, ${Math.round(after / 1024)} MiB after; at most ${most} rows`,
    );
    expect(typed, "words typed while the flood ran").toBeGreaterThan(2);
    expect(scrolled, "times that the page stayed where it was put").toBeGreaterThan(0);
    expect(longest).toBeLessThan(LONGEST_GAP_MS);
    expect(most).toBeLessThanOrEqual(MAX_ROWS);
    expect((after - before) / 1024).toBeLessThan(MAX_GROWTH_MIB);

    // Usable to the end, and nothing lost: the words go out, and each number of the flood is there, in order.
    await app.write(KEY.enter);
    await until("what was typed to be sent", async () =>
      (await app.rows()).some((row) => row.sender === "me" && row.delivery === "sent" && row.text.trim() === written.trim()),
    );
    const found = await app.session.runAsync(async (room) => {
      const page = window as unknown as {
        __TAURI_INTERNALS__: { invoke: (name: string, args: unknown) => Promise<unknown> };
      };
      type Rows = { rows: { place: unknown; item: { kind: string; sender?: { kind: string }; body?: { spans: { text?: string }[] } } }[]; hasOlder: boolean };
      const ask = (name: string, args: object) =>
        page.__TAURI_INTERNALS__.invoke(name, { conversation: room, count: 500, ...args }) as Promise<Rows>;
      let next: number | null = null;
      let count = 0;
      let broken = 0;
      let rows = await ask("latest", {});
      for (;;) {
        for (const { item } of rows.rows.slice().reverse()) {
          const text = item.kind === "message" && item.sender?.kind === "server" ? item.body?.spans[0]?.text : undefined;
          if (text === undefined || !/^\d+$/.test(text)) continue;
          count += 1;
          // A wave counts from 0 to one below its size.
          const number = Number(text);
          if (next !== null && number !== next) broken += 1;
          next = number === 0 ? null : number - 1;
        }
        const first = rows.rows[0];
        if (!rows.hasOlder || first === undefined) return { count, broken };
        rows = await ask("before", { place: first.place });
      }
    }, conversation);
    expect(found).toEqual({ count: RATE * SECONDS, broken: 0 });
  } finally {
    await flood.end();
  }
}, 600_000);

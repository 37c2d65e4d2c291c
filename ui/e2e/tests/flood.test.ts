/** A server sends ten thousand messages a second for half a minute: the window stays one that a person can use. */
import { expect } from "vitest";
import type { Page } from "../../src/bridge/generated";
import { textOf } from "../support/app";
import { KEY } from "../support/driver";
import { pss } from "../support/process";
import { Stage } from "../support/stage";
import { test } from "../support/test";
import { until } from "../support/wait";

const RATE = 10_000;
const SECONDS = 30;

/** The server makes up for what is late, so that less than this means that its bytes were not taken. */
const LEAST_RATE = 9_500;

/** The longest time without a frame, and from a key to its character: it is felt, but nobody takes the window for dead.
 * Software draws it here, on what the flood leaves of two cores. */
const LONGEST_GAP_MS = 4_000;

/** The same for the key in the middle: half of all keys are shown sooner. */
const ECHO_MS = 500;

/** The driver types a word in a second or two, and between two words the page is scrolled. */
const LEAST_WORDS = 5;

/** What is read of it a second, by the times that rows carry: what is not read yet waits in the system's buffers. A debug
 * build beside the server and the page on two cores, with other work on them. */
const LEAST_RECEIVED = 3_000;

/** What the page notes while it is flooded. */
interface Seen {
  frames: number;
  longest: number;
  readonly echoes: number[];
}

/** The server's last word. */
const OVER = /^the flood is over after (\d+) ms$/;

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
      const seen: Seen = { frames: 0, longest: 0, echoes: [] };
      (window as unknown as { seen: Seen }).seen = seen;
      let last = performance.now();
      const tick = (now: number) => {
        seen.frames += 1;
        seen.longest = Math.max(seen.longest, now - last);
        last = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      // From the key to the frame that shows its character.
      addEventListener("input", ({ timeStamp }) => {
        requestAnimationFrame(() => void seen.echoes.push(performance.now() - timeStamp));
      }, true);
    });
    await app.say("go");
    await until("the flood", async () => (await app.rows()).some(({ text }) => /^\d+$/.test(text)));

    let written = "";
    let words = 0;
    let scrolled = 0;
    let most = 0;
    const account = (await app.sidebar()).accounts[0]?.id ?? 0;
    const conversation = await app.conversationOf(account);
    /** How long the server took, in milliseconds; `null`: it has not said its last word yet. */
    const over = async (): Promise<number | null> => {
      const { rows } = await app.session.invoke<Page>("latest", { conversation, count: 1 });
      const last = rows.map(textOf).find((text) => text !== null && OVER.test(text));
      return Number(OVER.exec(last ?? "")?.[1] ?? Number.NaN) || null;
    };
    let took = await over();
    for (; took === null; took = await over()) {
      const word = `word${words} `;
      await app.write(word);
      written += word;
      await until("the word to stand in the composer", async () => (await app.composed()) === written);
      words += 1;
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
    const { frames, longest, echoes } = await app.session.run(() => (window as unknown as { seen: Seen }).seen);
    const after = pss(app.session.pid);
    const rate = Math.round((RATE * SECONDS * 1000) / took);
    const middle = echoes.sort((a, b) => a - b)[echoes.length >> 1] ?? Number.NaN;
    console.log(
      `${rate} messages a second sent; ${words} words typed, a key shown after ${Math.round(middle)} ms, at most ` +
        `${Math.round(echoes.at(-1) ?? 0)} ms; ${scrolled} times scrolled; ${frames} frames, the longest gap ${Math.round(longest)} ms; ` +
        `${Math.round(before / 1024)} MiB before, ${Math.round(after / 1024)} MiB after; at most ${most} rows`,
    );
    expect(rate, "what the server sent").toBeGreaterThanOrEqual(LEAST_RATE);
    expect(words, "words typed while the flood ran").toBeGreaterThanOrEqual(LEAST_WORDS);
    expect(echoes.length).toBeGreaterThanOrEqual(written.length);
    expect(middle, "from a key to its character").toBeLessThan(ECHO_MS);
    expect(echoes.at(-1)).toBeLessThan(LONGEST_GAP_MS);
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
      type Rows = { rows: { place: { sort: number }; item: { kind: string; sender?: { kind: string }; body?: { spans: { text?: string }[] } } }[]; hasOlder: boolean };
      const ask = (name: string, args: object) =>
        page.__TAURI_INTERNALS__.invoke(name, { conversation: room, count: 500, ...args }) as Promise<Rows>;
      let next: number | null = null;
      let [newest, count, broken, last, first] = [0, 0, 0, 0, 0];
      let rows = await ask("latest", {});
      for (;;) {
        for (const { item, place } of rows.rows.slice().reverse()) {
          const text = item.kind === "message" && item.sender?.kind === "server" ? item.body?.spans[0]?.text : undefined;
          if (text === undefined || !/^\d+$/.test(text)) continue;
          const number = Number(text);
          if (next === null) [newest, last] = [number, place.sort];
          else if (number !== next) broken += 1;
          next = number - 1;
          first = place.sort;
          count += 1;
        }
        const oldest = rows.rows[0];
        if (!rows.hasOlder || oldest === undefined) return { newest, count, broken, ms: last - first };
        rows = await ask("before", { place: oldest.place });
      }
    }, conversation);
    const { ms, ...numbers } = found;
    const received = Math.round((RATE * SECONDS * 1000) / ms);
    console.log(`${received} messages a second received`);
    expect(received, "what was received").toBeGreaterThanOrEqual(LEAST_RECEIVED);
    expect(numbers, "each number once, in order").toEqual({ newest: RATE * SECONDS - 1, count: RATE * SECONDS, broken: 0 });
  } finally {
    await flood.end();
  }
}, 600_000);

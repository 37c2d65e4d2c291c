/** A hundred thousand rows: the page holds a window on them, however far one scrolls. */
import { expect } from "vitest";
import type { App } from "../support/app";
import { fill } from "../support/fill";
import { test } from "../support/test";

const MESSAGES = 100_000;

/** What the page may hold at any time. */
const MOST_ROWS = 400;

/** How long one visit to the page scrolls before it reports. */
const STRETCH_MS = 5_000;

interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly most: number;
  readonly done: boolean;
}

/** Scrolls towards an end, a screen at a time, until the row with the number `goal` is in the page. */
function scroll(app: App, step: 1 | -1, goal: number): Promise<Stretch> {
  return app.session.runAsync(
    async (direction, wanted, limit) => {
      const list = document.querySelector<HTMLElement>('[data-test="timeline"]');
      if (list === null) {
        throw new Error("no timeline");
      }
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const numbers = () =>
        [...list.querySelectorAll('[data-test="row-text"]')].map((row) => Number.parseInt(row.textContent ?? "", 10));
      const end = performance.now() + limit;
      let most = 0;
      let shown = numbers();
      while (performance.now() < end && !shown.includes(wanted)) {
        list.scrollTop = direction < 0 ? 0 : list.scrollHeight;
        await frame();
        shown = numbers();
        most = Math.max(most, shown.length);
      }
      return { first: shown[0] ?? 0, last: shown.at(-1) ?? 0, most, done: shown.includes(wanted) };
    },
    step,
    goal,
    STRETCH_MS,
  );
}

async function travel(app: App, step: 1 | -1, goal: number): Promise<number> {
  let most = 0;
  let before = Number.NaN;
  for (;;) {
    const stretch = await scroll(app, step, goal);
    most = Math.max(most, stretch.most);
    expect(stretch.most).toBeLessThan(MOST_ROWS);
    if (stretch.done) {
      return most;
    }
    expect(stretch.first, "scrolling goes on").not.toBe(before);
    before = stretch.first;
  }
}

test("with 100,000 rows one can scroll to the top and back, and the page stays small", async ({ home, open }) => {
  fill(home, MESSAGES);
  const app = await open();
  await app.see("row");
  await app.picture("long-history");
  const newest = await app.rows();
  expect(newest.at(-1)?.text.startsWith(`${MESSAGES}.`)).toBe(true);

  await travel(app, -1, 1);
  await app.picture("long-history-top");
  const top = await app.rows();
  const numbers = top.map((row) => Number.parseInt(row.text, 10));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));

  // A good way down by scrolling, the rest by the button that is there for it.
  await travel(app, 1, 2_000);
  await app.click("jump-newest");
  const back = await app.row(newest.at(-1)?.text ?? "");
  expect(back).toEqual(newest.at(-1));
  expect((await app.rows()).length).toBeLessThan(MOST_ROWS);
}, 1_200_000);

test("older rows that come in above do not move what is being read", async ({ home, open }) => {
  fill(home, 5_000);
  const app = await open();
  await app.see("row");
  const jumps = await app.session.runAsync(async () => {
    const list = document.querySelector<HTMLElement>('[data-test="timeline"]');
    if (list === null) {
      throw new Error("no timeline");
    }
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const top = (row: Element) => row.getBoundingClientRect().top;
    const jumps: string[] = [];
    for (let turn = 0; turn < 120; turn += 1) {
      // As a wheel does, between frames: the scroll is known before the frame lays anything out.
      await new Promise((resolve) => setTimeout(resolve));
      const middle = list.getBoundingClientRect().top + list.clientHeight / 2;
      const held = [...list.querySelectorAll('[data-test="row"]')].find((row) => top(row) >= middle);
      if (held === undefined) {
        throw new Error("no row in the middle");
      }
      const place = top(held);
      const from = list.scrollTop;
      list.scrollTop -= 150;
      const moved = from - list.scrollTop;
      await frame();
      await frame();
      if (held.isConnected) {
        const jump = top(held) - (place + moved);
        if (Math.abs(jump) > 2) {
          jumps.push(`turn ${turn}: ${jump} px`);
        }
      }
    }
    return jumps;
  });
  expect(jumps).toEqual([]);
});

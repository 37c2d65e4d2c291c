/** Searching by the keyboard alone, in a long history: two characters of Chinese, the beginning of a word, there and back. */
import { expect } from "vitest";
import type { App } from "../support/app";
import { KEY } from "../support/driver";
import { fill } from "../support/fill";
import { press } from "../support/keys";
import { expectChinese, expectReadable, LOOKS, setLook } from "../support/looks";
import { test } from "../support/test";
import { until } from "../support/wait";

const MESSAGES = 20_000;

/** Puts the caret into the field, and types over what stands there. */
async function ask(app: App, query: string, everywhere = false): Promise<void> {
  await press(app, `${KEY.control}${everywhere ? KEY.shift : ""}f${KEY.release}`);
  await until("the field", () => app.session.run(() => (document.activeElement as HTMLElement | null)?.dataset["test"] === "search-field"));
  // The driver loses letters that it is given along with a key that was let go of.
  await press(app, `${KEY.control}a${KEY.release}`);
  await press(app, query);
  await until("an answer", async () => {
    const [said] = await app.texts("search-said");
    return said !== undefined && said !== "" && !/Searching|正在搜索/.test(said);
  });
}

/** What is marked in each excerpt. */
function marks(app: App): Promise<string[][]> {
  return app.session.run(() =>
    [...document.querySelectorAll('[data-test="search-excerpt"]')].map((excerpt) =>
      [...excerpt.querySelectorAll("mark")].map((mark) => mark.textContent ?? ""),
    ),
  );
}

/** The row that the reader was taken to, in the middle of the timeline. */
function sought(app: App): Promise<{ id: number; text: string; distance: number; focused: boolean } | null> {
  return app.session.run(() => {
    const list = document.querySelector('[data-test="timeline"]')?.getBoundingClientRect();
    const row = document.querySelector<HTMLElement>('[data-test="row"].sought');
    if (row === null || list === undefined) {
      return null;
    }
    const place = row.getBoundingClientRect();
    return {
      id: Number(row.dataset["id"]),
      text: row.querySelector('[data-test="row-text"]')?.textContent ?? "",
      distance: Math.abs((place.top + place.bottom) / 2 - (list.top + list.bottom) / 2),
      focused: row === document.activeElement,
    };
  });
}

test("what was said long ago is found by two characters or a beginning, and one comes there and back by keys", async ({ home, open }) => {
  fill(home, MESSAGES);
  const app = await open();
  await app.see("row");
  const newest = (await app.rows()).at(-1);

  await press(app, `${KEY.control}f${KEY.release}`);
  await app.see("search-how");
  await app.picture("search-how");
  await ask(app, "天气");
  const chinese = await marks(app);
  expect(chinese.length).toBeGreaterThan(20);
  expect(chinese.every((found) => found.length > 0 && found.every((mark) => mark === "天气"))).toBe(true);
  await ask(app, "CERTIF friday");
  expect((await marks(app)).every((found) => found.join(" ").startsWith("certif"))).toBe(true);

  // One message of twenty thousand, by its number.
  await ask(app, "1234");
  const excerpt = (await app.texts("search-excerpt")).at(-1) ?? "";
  expect(excerpt).toMatch(/^1234\./);
  const hits = (await marks(app)).length;
  expect(hits).toBe(11);
  await press(app, KEY.down.repeat(hits));
  await press(app, KEY.enter);
  const found = await until("the message", () => sought(app));
  expect(found.text).toMatch(/^1234\./);
  expect(found.focused).toBe(true);
  const rows = (await app.rows()).map((row) => Number.parseInt(row.text, 10));
  expect(rows).toContain(1233);
  expect(rows).toContain(1235);
  const height = await app.session.run(() => document.querySelector('[data-test="timeline"]')?.clientHeight ?? 0);
  expect(found.distance).toBeLessThan(height / 4);
  await app.picture("search-found");

  // Back to the newest, with what was found still there.
  await press(app, KEY.end);
  await until("the newest row", async () => (await app.rows()).at(-1)?.id === newest?.id);
  expect((await marks(app)).length).toBe(hits);
  await press(app, KEY.escape);
  await app.gone("search-panel");

  await ask(app, "天气 has:legs", true);
  await app.shows("search-said", "legs");
  await ask(app, "nowhereatall", true);
  await app.shows("search-said", "No message");
  await ask(app, "from:mei \"runs out\"", true);
  for (const [language, theme] of LOOKS) {
    await setLook(app, language, theme);
    await expectReadable(app, "search-panel", `search ${language} ${theme}`);
    await app.picture(`search-${language}-${theme}`);
  }
  await expectChineseWords(app);
}, 600_000);

/** The panel says nothing in English but what was typed and found. */
async function expectChineseWords(app: App): Promise<void> {
  await ask(app, "没有这样的话");
  await app.gone("search-hit");
  await expectChinese(app, "search", "search-panel");
}

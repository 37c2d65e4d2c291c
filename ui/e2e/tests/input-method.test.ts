/**
 * Writing Chinese with a real input method: what is composed stands in the field, and its keys are its own. The window is
 * opened without a driver, since WebKit leaves the input method out of a window that a driver steers.
 */
import { join } from "node:path";
import { expect } from "vitest";
import { APP, SCREENSHOTS } from "../support/places";
import { test } from "../support/test";
import { until } from "../support/wait";

/** More pixels than a caret has, and fewer than letters in the place of the words that invite to write. */
const LETTERS_PX = 60;

/** How many looks in a row must agree. */
const STILL = 5;

test("Pinyin is composed in the field, Enter takes it without sending, and then sends", async ({ open, serve, desk, home }) => {
  const server = await serve("node");
  const place = await desk({ pinyin: true });
  const first = await open({ env: place.env });
  await first.addServer(server.url);
  await first.status("online");
  await first.quit();

  const app = place.run(APP, { WHINCHAT_HOME: home });
  await until("the window", async () => (await place.windows()).length === 1);
  // What is typed before the page stands is lost, and before the input method has it in hand, it is letters.
  await until("the field to take keys", async () => {
    await place.type("1", "Return");
    return server.received.length > 0;
  });
  const said = async (...keys: readonly string[]): Promise<string | undefined> => {
    const before = server.received.length;
    await place.type(...keys, "Return");
    await until("the server to have one more", () => server.received.length > before);
    return server.received.at(-1);
  };
  await until("the server to have it all", async () => (await said("2")) === "2");
  await until("the input method", async () => (await said("n", "i", "h", "a", "o", "space")) === "你好");

  const field = async (name: string): Promise<string> => {
    const file = join(home, `${name}.png`);
    await place.picture(file, await place.bottom(72, 32));
    return file;
  };
  const differs = async (one: string, other: string): Promise<boolean> => (await place.difference(one, other)) > LETTERS_PX;
  /** A busy machine draws late, so the field stands when looks agree. */
  const stands = async (name: string): Promise<string> => {
    let alike = 0;
    await until("the field to stand", async () => {
      const isAlike = !(await differs(await field(`${name} before`), await field(name)));
      alike = isAlike ? alike + 1 : 0;
      return alike === STILL;
    });
    return field(name);
  };
  const empty = await stands("empty");
  await place.type("n", "i", "h", "a", "o");
  await until("what is composed to be seen", async () => differs(empty, await stands("composed")));
  await place.picture(join(SCREENSHOTS, "input-method.png"));
  // The first Enter takes the letters as they are, and is no Enter to the window.
  expect(await said("Return", "1")).toBe("nihao1");
  app.end();
  expect(await app.code).toBe(0);
});

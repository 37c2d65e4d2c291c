/** Addresses in what is said open in the browser of the system, and nowhere else. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { KEY } from "../support/driver";
import { press } from "../support/keys";
import { test } from "../support/test";
import { until } from "../support/wait";

/** A browser that notes what it was to open, the system's own for what starts with these schemes. */
function browser(home: string, schemes: readonly string[]): { env: Record<string, string>; opened: () => string[] } {
  const [data, notes, program] = [join(home, "data"), join(home, "opened"), join(home, "browser")];
  mkdirSync(join(data, "applications"), { recursive: true });
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$#" "$@" >> '${notes}'\n`);
  chmodSync(program, 0o755);
  writeFileSync(
    join(data, "applications/browser.desktop"),
    `[Desktop Entry]\nType=Application\nName=Browser\nExec=${program} %u\n`,
  );
  const defaults = schemes.map((scheme) => `x-scheme-handler/${scheme}=browser.desktop\n`).join("");
  writeFileSync(join(data, "applications/mimeapps.list"), `[Default Applications]\n${defaults}`);
  return {
    env: { XDG_DATA_HOME: data, XDG_CONFIG_HOME: join(home, "config"), XDG_DATA_DIRS: "/usr/share" },
    opened: () => (existsSync(notes) ? readFileSync(notes, "utf8").trimEnd().split("\n") : []),
  };
}

test("an address in a message opens in the browser, by mouse and by key, and the window stays", async ({
  open,
  serve,
  home,
}) => {
  const server = await serve("node");
  const { env, opened } = browser(home, ["https"]);
  const app = await open({ env });
  await app.addServer(server.url);
  await app.status("online");
  const page = await app.session.run(() => location.href);
  const said =
    "看这里：https://example.org/路径?a=1&b='$(id)'&c。 javascript:alert(1) file:///etc/passwd mailto:a@example.org";
  await app.say(said);
  await app.row(said, { sender: "server" });
  const links = await app.session.run(() =>
    [...document.querySelectorAll('[data-test="row"]:last-of-type [data-test="link"]')].map((link) => link.textContent),
  );
  expect(links).toEqual(["https://example.org/路径?a=1&b='$(id)'&c", "mailto:a@example.org"]);

  await app.click("link");
  await until("the browser", () => opened().length === 2);
  // One argument, and in it the address with everything that a shell would take for its own.
  expect(opened()).toEqual(["1", "https://example.org/%E8%B7%AF%E5%BE%84?a=1&b=%27$(id)%27&c"]);
  await press(app, KEY.enter);
  await until("the browser", () => opened().length === 4);
  expect(opened().slice(2)).toEqual(opened().slice(0, 2));
  expect(await app.session.run(() => location.href)).toBe(page);
  await app.picture("links");
});

/** The server is hostile: what it sends is text, whatever it looks like. */
import { expect } from "vitest";
import { test } from "../support/test";

const ATTACKS = [
  '<img src=x onerror="document.title=`owned`">',
  "<script>document.title='owned'</script>",
  '<a href="javascript:document.title=1">click</a>',
  '<svg onload="document.title=1"><style>*{display:none}</style></svg>',
  "&lt;b&gt; &amp;amp; {@html x} ${document.title=1}",
];

test("markup from a server stays text", async ({ open, serve }) => {
  const server = await serve("node");
  const app = await open();
  await app.addServer(server.url);
  await app.status("online");
  const title = await app.session.run(() => document.title);
  for (const attack of ATTACKS) {
    await app.say(attack);
    await app.row(attack, { sender: "server" });
  }
  const found = await app.session.run(() => ({
    title: document.title,
    foreign: document.querySelectorAll(
      '[data-test="row-text"] :is(img, script, a[href^="javascript" i], svg, style, iframe, b)',
    ).length,
  }));
  expect(found).toEqual({ title, foreign: 0 });
  await app.picture("markup-is-text");
});

test("the page can neither run text as code nor reach another origin", async ({ open, serve }) => {
  const server = await serve("node");
  const app = await open();
  const outcome = await app.session.runAsync(async (url) => {
    const tries: Record<string, string> = {};
    const attempt = async (name: string, run: () => unknown) => {
      try {
        await run();
        tries[name] = "done";
      } catch {
        tries[name] = "refused";
      }
    };
    await attempt("fetch", () => fetch(url.replace(/^ws/, "http")));
    await attempt(
      "socket",
      () =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(url);
          socket.onopen = resolve;
          socket.onerror = reject;
        }),
    );
    const script = document.createElement("script");
    script.textContent = "document.title = 'owned'";
    document.head.append(script);
    tries["script"] = document.title === "owned" ? "done" : "refused";
    return tries;
  }, server.url);
  expect(outcome).toEqual({ fetch: "refused", socket: "refused", script: "refused" });
  // A request for the WebSocket's port must not have arrived either.
  expect(server.received).toEqual([]);
});

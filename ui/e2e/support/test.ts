/** `test` with a fresh data folder, and with windows and servers that end with it. */
import { test as base } from "vitest";
import { App } from "./app";
import type { Start } from "./driver";
import { Home } from "./places";
import { type Kind, Server } from "./servers";

export interface Fixtures {
  home: string;
  open: (start?: Partial<Start>) => Promise<App>;
  serve: (kind: Kind) => Promise<Server>;
}

export const test = base.extend<Fixtures>({
  // The first argument must be a destructuring: vitest reads from it what a fixture needs.
  home: async ({}, use) => {
    const home = new Home();
    await use(home.path);
    home.drop();
  },
  // After `serve`, so that a window is closed, and in a failure pictured, while its servers still run.
  open: async ({ home, serve: _, task }, use) => {
    const opened: App[] = [];
    await use(async (start) => {
      const app = await App.open({ home, ...start });
      opened.push(app);
      return app;
    });
    for (const app of opened) {
      if (task.result?.state === "fail") {
        await app.picture(`failed-${task.name.replaceAll(/\W+/g, "-")}`).catch(() => undefined);
        console.error(app.session.output);
      }
      await app.quit();
    }
  },
  serve: async ({}, use) => {
    const started: Server[] = [];
    await use(async (kind) => {
      const server = await Server.start(kind);
      started.push(server);
      return server;
    });
    for (const server of started) {
      await server.drop();
    }
  },
});

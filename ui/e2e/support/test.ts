/** `test` with a fresh data folder, and with windows and servers that end with it. */
import { join } from "node:path";
import { test as base } from "vitest";
import { App } from "./app";
import { Desk, type Furniture } from "./desk/desk";
import type { Start } from "./driver";
import { Home, SCREENSHOTS } from "./places";
import { type Kind, Server } from "./servers";

export interface Fixtures {
  home: string;
  open: (start?: Partial<Start>) => Promise<App>;
  serve: (kind: Kind) => Promise<Server>;
  /** A desktop of the test's own; windows are opened on it with its `env`. */
  desk: (furniture: Furniture) => Promise<Desk>;
}

export const test = base.extend<Fixtures>({
  // The first argument must be a destructuring: vitest reads from it what a fixture needs.
  home: async ({}, use) => {
    const home = new Home();
    await use(home.path);
    home.drop();
  },
  desk: async ({ task }, use) => {
    const started: [Desk, Home][] = [];
    await use(async (furniture) => {
      const folder = new Home();
      const desk = await Desk.start(folder.path, furniture);
      started.push([desk, folder]);
      return desk;
    });
    for (const [desk, folder] of started) {
      if (task.result?.state === "fail") {
        await desk.picture(failure(task.name)).catch(() => undefined);
      }
      await desk.end();
      folder.drop();
    }
  },
  // After `serve` and `desk`, so that a window is closed, and in a failure pictured, while these still run.
  open: async ({ home, serve: _, desk: __, task }, use) => {
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

/** Where a failed test leaves the picture of its desktop. */
function failure(test: string): string {
  return join(SCREENSHOTS, `failed-desk-${test.replaceAll(/\W+/g, "-")}.png`);
}

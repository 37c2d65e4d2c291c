/**
 * The W3C WebDriver protocol, as far as it is needed, straight to WebKitWebDriver. One driver process per session,
 * since the window's environment is the driver's.
 */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inject } from "vitest";
import { APP } from "./places";
import { endGroup, freePort, isAlive, launch, signal, tree } from "./process";
import { until } from "./wait";

/** A reference to an element of the page. */
export type Element = string;

/** The key under which WebDriver wraps an element (W3C WebDriver §12.2). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Scripts that scroll through a long history take their time. */
const SCRIPT_LIMIT_MS = 240_000;

/** Keys as WebDriver names them (W3C WebDriver §17.4.2). */
export const KEY = {
  /** Lets go of Shift, Control and Alt. */
  release: "\uE000",
  backspace: "\uE003",
  tab: "\uE004",
  enter: "\uE007",
  shift: "\uE008",
  control: "\uE009",
  escape: "\uE00C",
  end: "\uE010",
  home: "\uE011",
  left: "\uE012",
  up: "\uE013",
  right: "\uE014",
  down: "\uE015",
  alt: "\uE00A",
  f10: "\uE03A",
} as const;

export interface Start {
  /** WHINCHAT_HOME. */
  readonly home: string;
  /** The program, if not the one under test. */
  readonly app?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The page threw, or the driver refused. */
export class DriverError extends Error {}

export class Session {
  readonly #driver: ChildProcess;
  readonly #url: string;
  /** The app's process. */
  readonly pid: number;
  readonly #log: string;

  private constructor(driver: ChildProcess, url: string, pid: number, log: string) {
    this.#driver = driver;
    this.#url = url;
    this.pid = pid;
    this.#log = log;
  }

  /** Starts a driver and through it the app; returns when the window's page is there. */
  static async start(start: Start): Promise<Session> {
    const app = start.app ?? APP;
    const port = await freePort();
    const log = join(start.home, "e2e.log");
    const driver = launch("WebKitWebDriver", ["--host=127.0.0.1", `--port=${port}`], {
      log,
      env: {
        DISPLAY: inject("display"),
        GDK_BACKEND: "x11",
        WAYLAND_DISPLAY: "",
        LANG: "C.UTF-8",
        LC_ALL: "C.UTF-8",
        NO_AT_BRIDGE: "1",
        TAURI_WEBVIEW_AUTOMATION: "true",
        WHINCHAT_HOME: start.home,
        ...start.env,
      },
    });
    const base = `http://127.0.0.1:${port}`;
    try {
      await until("the driver", async () => (await fetch(`${base}/status`)).ok);
      const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: app, args: [] } } };
      const session = await request<{ sessionId: string }>("POST", `${base}/session`, { capabilities });
      const pid = await until("the app's process", () => find(driver, app));
      const opened = new Session(driver, `${base}/session/${session.sessionId}`, pid, log);
      await opened.#call("POST", "/timeouts", { script: SCRIPT_LIMIT_MS });
      return opened;
    } catch (error) {
      await endGroup(driver);
      throw new Error(`${app} does not open: ${String(error)}\n${readFileSync(log, "utf8")}`);
    }
  }

  /** What the driver and the app have written. */
  get output(): string {
    return readFileSync(this.#log, "utf8");
  }

  async find(css: string): Promise<Element | null> {
    const [first] = await this.findAll(css);
    return first ?? null;
  }

  async findAll(css: string): Promise<Element[]> {
    const found = await this.#call<Record<string, string>[]>("POST", "/elements", {
      using: "css selector",
      value: css,
    });
    return found.map((element) => element[ELEMENT] ?? "");
  }

  async click(element: Element): Promise<void> {
    await this.#call("POST", `/element/${element}/click`, {});
  }

  async type(element: Element, text: string): Promise<void> {
    await this.#call("POST", `/element/${element}/value`, { text });
  }

  async clear(element: Element): Promise<void> {
    await this.#call("POST", `/element/${element}/clear`, {});
  }

  async reload(): Promise<void> {
    await this.#call("POST", "/refresh", {});
  }

  /** Makes the window's content this large. */
  async resize(width: number, height: number): Promise<void> {
    await this.#call("POST", "/window/rect", { width, height });
    await until(`a window of ${width}×${height}`, () =>
      this.run((w, h) => Math.abs(innerWidth - w) < 2 && Math.abs(innerHeight - h) < 60, width, height),
    );
  }

  /** Runs a function in the page. It is sent as text, so it may use nothing but its arguments and the page. */
  run<T, A extends readonly unknown[]>(script: (...args: A) => T, ...args: A): Promise<T> {
    return this.#call<T>("POST", "/execute/sync", { script: `return (${script.toString()})(...arguments);`, args });
  }

  /**
   * As `run`, for a function that returns a promise; what it rejects with is thrown here. WebKit's driver never answers
   * when `undefined` is within the value.
   */
  async runAsync<T, A extends readonly unknown[]>(script: (...args: A) => Promise<T>, ...args: A): Promise<T> {
    const answer = await this.#call<{ value?: T; error?: string }>("POST", "/execute/async", {
      script: `const done = arguments[arguments.length - 1];
        const args = Array.prototype.slice.call(arguments, 0, -1);
        (${script.toString()})(...args).then(
          (value) => done({ value: value ?? null }),
          (error) => done({ error: error instanceof Error ? String(error) : JSON.stringify(error) }),
        );`,
      args,
    });
    if (answer.error !== undefined) {
      throw new DriverError(answer.error);
    }
    return answer.value as T;
  }

  /** Calls a command of the core, as the window does. */
  invoke<T>(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
    return this.runAsync(
      (name, given) => {
        const page = window as unknown as {
          __TAURI_INTERNALS__: { invoke: (name: string, args: unknown) => Promise<T> };
        };
        return page.__TAURI_INTERNALS__.invoke(name, given);
      },
      command,
      args,
    );
  }

  /** Turns to the window that was opened after the old one was closed, once there is one. */
  async followWindow(): Promise<void> {
    await until("the new window", async () => {
      const handles = await this.#call<string[]>("GET", "/window/handles");
      const newest = handles.at(-1);
      if (newest === undefined) {
        return false;
      }
      await this.#call("POST", "/window", { handle: newest });
      return this.run(() => document.readyState === "complete");
    });
  }

  /** Writes what the window shows to `file`. WebKit paints nothing for it when its DMABUF renderer is switched off. */
  async screenshot(file: string): Promise<void> {
    const picture = await this.#call<string>("GET", "/screenshot");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(picture, "base64"));
  }

  /** Ends the session and the app with it. */
  async quit(): Promise<void> {
    await this.#call("DELETE", "").catch(() => undefined);
    // The driver asks the app to end; it is given the time to close its history.
    await until("the app to end", () => !isAlive(this.pid), 5_000).catch(() => signal(this.pid, "SIGTERM"));
    await until("the app to end", () => !isAlive(this.pid), 10_000).catch(() => signal(this.pid, "SIGKILL"));
    await endGroup(this.#driver);
  }

  /** Kills the app as a power cut would, and the driver, which is of no use without it. */
  async kill(): Promise<void> {
    signal(this.pid, "SIGKILL");
    await until("the app to be dead", () => !isAlive(this.pid));
    await endGroup(this.#driver);
  }

  #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return request<T>(method, `${this.#url}${path}`, body);
  }
}

async function request<T>(method: string, url: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  const response = await fetch(url, init);
  const answer = (await response.json()) as { value: unknown };
  if (!response.ok) {
    const { error, message } = answer.value as { error: string; message: string };
    throw new DriverError(`${method} ${new URL(url).pathname}: ${error}: ${message}`);
  }
  return answer.value as T;
}

/** The app's process, below the driver. */
function find(driver: ChildProcess, app: string): number | undefined {
  return tree(driver.pid ?? 0).find((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/exe`) === app;
    } catch {
      return false;
    }
  });
}

/**
 * A small real desktop for one test: a screen, a session bus, a window manager, and at will a panel whose tray shows
 * icons, a keyring, and a system bus on which the computer goes to sleep and wakes up.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { endGroup, launch } from "../process";
import { until } from "../wait";

const HERE = dirname(fileURLToPath(import.meta.url));
const SCREEN = "1280x800x24";
const run = promisify(execFile);

export interface Furniture {
  /** A panel with a tray. */
  readonly tray?: boolean;
  /** A keyring; it asks for a password that nobody knows, or is open. */
  readonly keyring?: "open" | "locked";
  /** A system bus with somebody who tells of sleep. */
  readonly logind?: boolean;
  /** Somebody who shows notifications. */
  readonly notifications?: boolean;
  /** An input method for Pinyin, which is on. */
  readonly pinyin?: boolean;
}

/** A program that was started. */
export interface Running {
  /** What it ended with; `null`: by a signal. */
  readonly code: Promise<number | null>;
  readonly pid: number;
  /** What it has written. */
  readonly output: () => string;
  /** Asks it to end. */
  readonly end: () => void;
}

export class Desk {
  /** What a program on this desktop has in its environment. */
  readonly env: Record<string, string>;
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];
  #panel: ChildProcess | null = null;
  #logind: ChildProcess | null = null;
  #told = "";

  private constructor(folder: string) {
    this.#folder = folder;
    const config = join(folder, "config");
    const channels = join(config, "xfce4/xfconf/xfce-perchannel-xml");
    mkdirSync(channels, { recursive: true });
    copyFileSync(join(HERE, "xfce4-panel.xml"), join(channels, "xfce4-panel.xml"));
    const runtime = join(folder, "run");
    mkdirSync(runtime);
    chmodSync(runtime, 0o700);
    this.env = {
      HOME: folder,
      XDG_CONFIG_HOME: config,
      XDG_DATA_HOME: join(folder, "data"),
      XDG_CACHE_HOME: join(folder, "cache"),
      XDG_RUNTIME_DIR: runtime,
      XDG_CURRENT_DESKTOP: "XFCE",
      NO_AT_BRIDGE: "1",
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
    };
  }

  static async start(folder: string, furniture: Furniture): Promise<Desk> {
    const desk = new Desk(folder);
    try {
      await desk.#furnish(furniture);
      return desk;
    } catch (error) {
      await desk.end();
      throw error;
    }
  }

  async #furnish({ tray, keyring, logind, notifications, pinyin }: Furniture): Promise<void> {
    const screen = await this.#says("Xvfb", ["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
    this.env["DISPLAY"] = `:${screen}`;
    this.env["DBUS_SESSION_BUS_ADDRESS"] = await this.#says("dbus-daemon", [
      "--session",
      "--nofork",
      "--print-address=1",
    ]);
    this.#launch("openbox", []);
    await until("the window manager", async () => (await this.#ask("wmctrl", ["-m"])) !== "");
    if (keyring === "open") {
      await this.unlock();
    }
    if (logind === true) {
      this.env["DBUS_SYSTEM_BUS_ADDRESS"] = await this.#says("dbus-daemon", [
        `--config-file=${join(HERE, "system-bus.conf")}`,
        "--nofork",
        "--print-address=1",
      ]);
      this.#logind = this.#spawn("/usr/bin/python3", [join(HERE, "logind.py")]);
      this.#logind.stdout?.on("data", (text: Buffer) => (this.#told += text.toString()));
      await until("somebody who tells of sleep", () => this.#told.startsWith("ready"));
    }
    if (tray === true) {
      await this.showPanel();
    }
    if (pinyin === true) {
      Object.assign(this.env, { GTK_IM_MODULE: "ibus", XMODIFIERS: "@im=ibus" });
      this.#launch("ibus-daemon", ["--xim", "--panel", "disable"]);
      await until("the input method", async () => {
        await this.#ask("ibus", ["engine", "libpinyin"]).catch(() => "");
        return (await this.#ask("ibus", ["engine"]).catch(() => "")).includes("libpinyin");
      });
    }
    if (notifications === true) {
      this.#launch("dunst", []);
      await until("notifications", () => this.#owned("org.freedesktop.Notifications"));
    }
  }

  /** Starts the panel; returns when its tray shows icons. */
  async showPanel(): Promise<void> {
    this.#panel = this.#launch("xfce4-panel", ["--disable-wm-check"]);
    await until("the tray", async () => (await this.#watcher("IsStatusNotifierHostRegistered")).includes("true"));
  }

  /** Kills the panel, as a crash would. */
  async killPanel(): Promise<void> {
    if (this.#panel !== null) {
      await endGroup(this.#panel);
      this.#panel = null;
    }
  }

  /** Opens the keyring: its first password is set, or typed. */
  async unlock(): Promise<void> {
    const keyring = this.#spawn("gnome-keyring-daemon", ["--foreground", "--unlock", "--replace", "--components=secrets"]);
    keyring.stdin?.end("test\n");
    await until("the keyring", () => this.#owned("org.freedesktop.secrets"));
  }

  /** What was notified so far, as text; closes what is still shown. */
  async notified(): Promise<string> {
    const dunst = (method: string) =>
      this.call("org.freedesktop.Notifications", "/org/freedesktop/Notifications", `org.dunstproject.cmd0.${method}`, []);
    await dunst("NotificationCloseAll");
    return dunst("NotificationListHistory");
  }

  /** Clicks the notification that is shown. */
  async clickNotification(): Promise<void> {
    await this.call("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.dunstproject.cmd0.NotificationAction", ["0"]);
  }

  async #owned(name: string): Promise<boolean> {
    const asked = "org.freedesktop.DBus.NameHasOwner";
    return (await this.call("org.freedesktop.DBus", "/org/freedesktop/DBus", asked, [name])).includes("true");
  }

  /** Starts a program here, without a driver. */
  run(program: string, env: Readonly<Record<string, string>>): Running {
    const log = join(this.#folder, "run.log");
    const child = launch(program, [], { env: { ...this.env, ...env }, log });
    this.#children.push(child);
    const code = new Promise<number | null>((resolve) => child.on("exit", resolve));
    return {
      code,
      pid: child.pid ?? 0,
      output: () => readFileSync(log, "utf8"),
      end: () => void child.kill("SIGTERM"),
    };
  }

  /** The computer goes to sleep, or has woken up. */
  async sleep(start: boolean): Promise<void> {
    const before = this.#told.length;
    this.#logind?.stdin?.write(`${start}\n`);
    await until("sleep to be told of", () => this.#told.length > before);
  }

  /** Titles of the windows, without the desktop's own. */
  async windows(): Promise<string[]> {
    return (await this.#listed([])).map((line) => line.split(/\s+/).slice(3).join(" "));
  }

  /** Closes the window as its close button does. */
  async closeWindow(): Promise<void> {
    await until("a window to close", async () => (await this.windows()).length > 0);
    await this.#ask("wmctrl", ["-i", "-c", await this.#ours()]);
  }

  /** Types on the keyboard of the desktop, into the window, which has the focus then. */
  async type(...keys: readonly string[]): Promise<void> {
    await this.#ask("wmctrl", ["-F", "-a", "Whinchat"]);
    await this.#ask("xdotool", ["key", "--delay", "60", "--clearmodifiers", ...keys]);
  }

  /** Left, top, width and height of the window. */
  async geometry(): Promise<readonly number[]> {
    const [line] = await this.#listed(["-G"]);
    return line?.split(/\s+/).slice(2, 6).map(Number) ?? [];
  }

  /** A strip of the window that begins `above` pixels above its lower edge, as a part of the screen. */
  async bottom(above: number, high: number): Promise<readonly [number, number, number, number]> {
    const told = await this.#ask("xdotool", ["search", "--onlyvisible", "--name", "^Whinchat$", "getwindowgeometry", "--shell"]);
    const of = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(told)?.[1]);
    return [of("X"), of("Y") + of("HEIGHT") - above, of("WIDTH"), high];
  }

  async moveWindow(left: number, top: number, width: number, height: number): Promise<void> {
    await this.#ask("wmctrl", ["-i", "-r", await this.#ours(), "-e", `0,${left},${top},${width},${height}`]);
  }

  /** The names on the bus of the icons in the tray. */
  async icons(): Promise<string[]> {
    const items = await this.#watcher("RegisteredStatusNotifierItems");
    return [...items.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? "");
  }

  /** A property of our icon, as text. */
  async icon(property: string): Promise<string> {
    const [name, path] = await this.#ourIcon();
    return this.call(name, path, "org.freedesktop.DBus.Properties.Get", ["org.kde.StatusNotifierItem", property]);
  }

  /** The labels in our icon's menu. */
  async menu(): Promise<string> {
    const [name] = await this.#ourIcon();
    return this.call(name, "/MenuBar", "com.canonical.dbusmenu.GetLayout", ["0", "-1", "[]"]);
  }

  /** Chooses the entry of our icon's menu with this label. */
  async choose(label: string): Promise<void> {
    const [name] = await this.#ourIcon();
    const menu = await this.menu();
    const id = new RegExp(`\\((\\d+), \\{[^}]*'label': <'${label}'>`).exec(menu)?.[1];
    if (id === undefined) {
      throw new Error(`no entry ${label} in ${menu}`);
    }
    await this.call(name, "/MenuBar", "com.canonical.dbusmenu.Event", [id, "clicked", "<''>", "0"]);
  }

  /** Clicks our icon. */
  async clickIcon(): Promise<void> {
    const [name, path] = await this.#ourIcon();
    await this.call(name, path, "org.kde.StatusNotifierItem.Activate", ["0", "0"]);
  }

  /** Writes what the screen shows, or a part of it: left, top, width and height. */
  async picture(file: string, part?: readonly [number, number, number, number]): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    const [left, top, width, height] = part ?? [0, 0, 0, 0];
    const cut = part === undefined ? [] : ["-crop", `${width}x${height}+${left}+${top}`, "+repage"];
    await this.#ask("import", ["-window", "root", ...cut, file]);
  }

  /** How many of the screen's pixels differ between two pictures. */
  async difference(one: string, other: string): Promise<number> {
    // Its answer is on standard error, and its code says that there is a difference.
    const said = await run("compare", ["-metric", "AE", "-fuzz", "10%", one, other, "null:"]).catch(
      (error: unknown) => error as { stderr: string },
    );
    return Number(said.stderr.trim());
  }

  /** Calls a method on the session bus, and gives its answer as text. */
  async call(name: string, path: string, method: string, args: readonly string[]): Promise<string> {
    return this.#ask("gdbus", ["call", "--session", "-d", name, "-o", path, "-m", method, "--", ...args]);
  }

  /** Ends it with all that it started. */
  async end(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) {
      await endGroup(child);
    }
  }

  /** What the window manager tells of our windows. Before the name stands how much is unread. */
  async #listed(more: readonly string[]): Promise<string[]> {
    const list = await this.#ask("wmctrl", ["-l", ...more]);
    return list.split("\n").filter((line) => / (\([^)]*\) )?Whinchat$/.test(line));
  }

  /** The window manager's number for our window. */
  async #ours(): Promise<string> {
    return (await this.#listed([]))[0]?.split(" ")[0] ?? "";
  }

  async #ourIcon(): Promise<[string, string]> {
    const name = await until("our icon", async () => (await this.icons())[0]);
    const slash = name.indexOf("/");
    return slash > 0 ? [name.slice(0, slash), name.slice(slash)] : [name, "/StatusNotifierItem"];
  }

  #watcher(property: string): Promise<string> {
    return this.call("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.freedesktop.DBus.Properties.Get", [
      "org.kde.StatusNotifierWatcher",
      property,
    ]).catch(() => "");
  }

  async #ask(program: string, args: readonly string[]): Promise<string> {
    const { stdout } = await run(program, [...args], { env: { ...process.env, ...this.env }, timeout: 10_000 });
    return stdout;
  }

  #launch(program: string, args: readonly string[]): ChildProcess {
    const child = launch(program, args, { env: this.env, log: join(this.#folder, "desk.log") });
    this.#children.push(child);
    return child;
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, [...args], {
      detached: true,
      env: { ...process.env, ...this.env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#children.push(child);
    return child;
  }

  /** Starts a program and returns the first line that it writes. */
  #says(program: string, args: readonly string[]): Promise<string> {
    const child = this.#spawn(program, args);
    return new Promise((resolve, reject) => {
      let said = "";
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
      child.stdout?.on("data", (text: Buffer) => {
        said += text.toString();
        const end = said.indexOf("\n");
        if (end >= 0) {
          resolve(said.slice(0, end).trim());
        }
      });
    });
  }
}

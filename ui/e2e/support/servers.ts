/** The testkit's real servers, started from the same table as the Rust tests start them. */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { INTEROP, SERVERS } from "./places";
import { endGroup, freePort, launch } from "./process";
import { until } from "./wait";

export type Kind = "spring-boot" | "node" | "python" | "websocketd" | "inspircd" | "inspircd-atheme";

interface Recipe {
  readonly path: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export class Server {
  readonly url: string;
  readonly #folder: string;
  readonly #recipe: Recipe;
  #child: ChildProcess | null = null;

  private constructor(kind: Kind, port: number) {
    this.#folder = mkdtempSync(join(tmpdir(), "whinchat-server-"));
    const all = JSON.parse(readFileSync(join(SERVERS, "servers.json"), "utf8")) as Record<Kind, Recipe>;
    const fill = (text: string) =>
      text
        .replaceAll("{servers}", SERVERS)
        .replaceAll("{interop}", INTEROP)
        .replaceAll("{port}", String(port))
        .replaceAll("{received}", this.#record);
    const { path, command, env } = all[kind];
    this.#recipe = {
      path,
      command: command.map(fill),
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
    };
    this.url = `ws://127.0.0.1:${port}${path}`;
  }

  /** Starts one on a free port; ready when it answers an upgrade. */
  static async start(kind: Kind): Promise<Server> {
    const server = new Server(kind, await freePort());
    await server.restart();
    return server;
  }

  /** Starts it again on the same port. */
  async restart(): Promise<void> {
    await this.kill();
    const [program, ...args] = this.#recipe.command;
    if (program === undefined) {
      throw new Error("servers.json: an empty command");
    }
    this.#child = launch(program, args, { env: { ...this.#recipe.env }, log: this.#output });
    await until(`${this.url} to accept`, () => upgrades(this.url)).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${readFileSync(this.#output, "utf8")}`);
    });
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    if (this.#child !== null) {
      await endGroup(this.#child);
      this.#child = null;
    }
  }

  /** Every text that it has received, over all restarts, oldest first. */
  get received(): string[] {
    if (!existsSync(this.#record)) {
      return [];
    }
    const text = readFileSync(this.#record, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as string);
  }

  /** What it has written: npm `ws` tells of each Ping, and of the code of each close. */
  get output(): string {
    return readFileSync(this.#output, "utf8");
  }

  /** Ends it for good. */
  async drop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #record(): string {
    return join(this.#folder, "received");
  }

  get #output(): string {
    return join(this.#folder, "output");
  }
}

function upgrades(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const handshake = request(url.replace(/^ws/, "http"), {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        // InspIRCd lets nobody in without one.
        Origin: "http://127.0.0.1",
      },
    });
    handshake.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve(true);
    });
    handshake.on("response", (response) => {
      response.resume();
      resolve(false);
    });
    handshake.on("error", () => resolve(false));
    handshake.end();
  });
}

/** What is used of npm `ws`' client. */
export interface Socket {
  on(event: "open" | "error", heard: (error?: Error) => void): void;
  on(event: "message", heard: (data: Buffer) => void): void;
  send(text: string): void;
  close(): void;
}

/** A socket of npm `ws`. */
export function socketTo(url: string, subprotocols: readonly string[] = []): Promise<Socket> {
  const load = createRequire(join(INTEROP, "node/node_modules/"));
  const { WebSocket: Client } = load("ws") as {
    WebSocket: new (url: string, subprotocols: readonly string[], options: { origin: string }) => Socket;
  };
  return new Promise((resolve, reject) => {
    const socket = new Client(url, subprotocols, { origin: "http://127.0.0.1" });
    socket.on("open", () => resolve(socket));
    socket.on("error", (error) => reject(error ?? new Error(`no connection to ${url}`)));
  });
}

/** Another person on a server: says things as one who uses another client. */
export class Guest {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(url: string): Promise<Guest> {
    return new Guest(await socketTo(url));
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  leave(): void {
    this.#socket.close();
  }
}

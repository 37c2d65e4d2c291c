/**
 * A small IRC network over WebSocket, in this process: rooms with a history, people that tests play, tags, reactions,
 * redaction and CHATHISTORY, as modern servers have them.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { App } from "./app";
import { INTEROP } from "./places";
import { freePort } from "./process";

interface Socket {
  on(event: "message" | "close", run: (data: { toString(): string }) => void): void;
  send(text: string): void;
  terminate(): void;
}
interface Listener {
  on(event: "connection", run: (socket: Socket) => void): void;
  on(event: "listening", run: () => void): void;
  close(): void;
}

/** A line that the network has delivered. */
interface Said {
  readonly id: string;
  readonly at: string;
  readonly from: string;
  readonly tags: string;
  readonly line: string;
}

/** Makes an account on the network as alice, and goes into its room. */
export async function enter(app: App, irc: Irc): Promise<void> {
  await app.click("add-server");
  await app.click("account-protocol", '[data-value="irc"]');
  await app.fillIn("account-url", irc.url);
  await app.fillIn("field-nick", "alice");
  await app.click("account-save");
  await app.gone("account-dialog");
  await app.status("online");
  await app.click("join-room");
  await app.fillIn("join-name", "#tea");
  await app.click("join-go");
  await app.gone("join-dialog");
  await app.shows("topic", irc.topic);
}

const CAPS = "batch draft/chathistory draft/message-redaction echo-message labeled-response message-tags server-time";

export class Irc {
  readonly port: number;
  readonly url: string;
  readonly topic = "Tea, and what goes with it";
  /** Who is in the room besides clients. */
  readonly #puppets = new Map<string, string>([["ann", "@"]]);
  readonly #history: Said[] = [];
  readonly #clients = new Map<Socket, { nick: string; room: string | null }>();
  /** Every line that clients sent. */
  readonly received: string[] = [];
  #listener: Listener | null = null;
  #ids = 0;

  private constructor(port: number) {
    this.port = port;
    this.url = `ws://127.0.0.1:${port}/`;
  }

  static async start(): Promise<Irc> {
    const irc = new Irc(await freePort());
    await irc.listen();
    return irc;
  }

  async listen(): Promise<void> {
    const load = createRequire(join(INTEROP, "node/node_modules/"));
    const { WebSocketServer } = load("ws") as { WebSocketServer: new (options: object) => Listener };
    const options = { host: "127.0.0.1", port: this.port, handleProtocols: (names: Set<string>) => [...names][0] ?? false };
    const listener = new WebSocketServer(options);
    await new Promise<void>((resolve) => listener.on("listening", resolve));
    listener.on("connection", (socket) => {
      this.#clients.set(socket, { nick: "*", room: null });
      socket.on("message", (data) => this.#heard(socket, data.toString()));
      socket.on("close", () => void this.#clients.delete(socket));
    });
    this.#listener = listener;
  }

  /** Ends every connection, as a crash would, and takes no more. */
  cut(): void {
    this.#listener?.close();
    this.#listener = null;
    for (const socket of this.#clients.keys()) socket.terminate();
    this.#clients.clear();
  }

  /** Somebody comes into the room. */
  join(nick: string, badge = ""): void {
    this.#puppets.set(nick, badge);
    this.#all(`:${nick}!u@h JOIN #tea`);
  }

  /** Somebody says something in the room; the name of the message. */
  say(nick: string, text: string, tags = ""): string {
    return this.#deliver(nick, `PRIVMSG #tea :${text}`, tags);
  }

  react(nick: string, to: string, emoji: string): void {
    this.#deliver(nick, "TAGMSG #tea", `+draft/react=${emoji};+draft/reply=${to}`);
  }

  typing(nick: string): void {
    this.#all(`@+typing=active :${nick}!u@h TAGMSG #tea`);
  }

  /** What lies in the history before anybody listens. */
  recall(nick: string, count: number): void {
    for (let at = 0; at < count; at += 1) this.say(nick, `before ${at}`);
  }

  #deliver(nick: string, line: string, tags: string, sender: Socket | null = null, label = ""): string {
    this.#ids += 1;
    const said: Said = { id: `m${this.#ids}`, at: new Date().toISOString(), from: nick, tags, line };
    this.#history.push(said);
    for (const [socket, { room }] of this.#clients) {
      if (room !== null) socket.send(this.#wire(said, socket === sender && label !== "" ? `label=${label};` : ""));
    }
    return said.id;
  }

  #wire(said: Said, more = ""): string {
    return `@${more}msgid=${said.id};time=${said.at}${said.tags === "" ? "" : `;${said.tags}`} :${said.from}!u@h ${said.line}`;
  }

  #all(line: string): void {
    for (const [socket, { room }] of this.#clients) if (room !== null) socket.send(line);
  }

  #heard(socket: Socket, line: string): void {
    this.received.push(line);
    const client = this.#clients.get(socket);
    const [, tags = "", command = "", rest = ""] = /^(?:@(\S+) +)?(\S+) ?(.*)$/.exec(line) ?? [];
    if (client === undefined) return;
    const label = /(?:^|;)label=([^;]*)/.exec(tags)?.[1] ?? "";
    const kept = tags.split(";").filter((tag) => tag.startsWith("+")).join(";");
    const words = rest.split(" ");
    switch (command.toUpperCase()) {
      case "CAP":
        if (words[0] === "LS") socket.send(`:irc.test CAP * LS :${CAPS}`);
        if (words[0] === "REQ") socket.send(`:irc.test CAP ${client.nick} ACK ${rest.slice(4)}`);
        if (words[0] === "END") this.#welcome(socket, client.nick);
        return;
      case "NICK":
        client.nick = words[0]?.replace(":", "") ?? "";
        return;
      case "PING":
        return socket.send(`:irc.test PONG irc.test ${rest}`);
      case "JOIN": {
        client.room = "#tea";
        this.#all(`:${client.nick}!u@h JOIN #tea`);
        socket.send(`:irc.test 332 ${client.nick} #tea :${this.topic}`);
        const names = [...this.#puppets].map(([nick, badge]) => badge + nick);
        socket.send(`:irc.test 353 ${client.nick} = #tea :${[client.nick, ...names].join(" ")}`);
        return socket.send(`:irc.test 366 ${client.nick} #tea :End`);
      }
      case "PRIVMSG":
      case "NOTICE":
      case "TAGMSG":
        // What is said to a person reaches nobody else here.
        if (words[0] === "#tea") this.#deliver(client.nick, `${command} ${rest}`, kept, socket, label);
        return;
      case "REDACT":
        return this.#all(`:${client.nick}!u@h REDACT ${rest}`);
      case "CHATHISTORY":
        return this.#recalled(socket, words, label);
      default:
        return;
    }
  }

  /** Nobody is welcome before what the client asks for is agreed on. */
  #welcome(socket: Socket, nick: string): void {
    socket.send(`:irc.test 001 ${nick} :Welcome`);
    socket.send(`:irc.test 005 ${nick} CHANTYPES=# PREFIX=(ov)@+ CHATHISTORY=50 MSGREFTYPES=msgid,timestamp NETWORK=TeaNet :are supported`);
    socket.send(`:irc.test 422 ${nick} :No MOTD`);
  }

  #recalled(socket: Socket, [way = "", , reference = "*", limit = "50"]: readonly string[], label: string): void {
    if (way === "TARGETS") {
      socket.send(`${label === "" ? "" : `@label=${label} `}:irc.test BATCH +t draft/chathistory-targets`);
      return socket.send(":irc.test BATCH -t");
    }
    const [kind, value = ""] = reference.split("=");
    const placed = kind === "msgid" ? this.#history.findIndex(({ id }) => id === value) : this.#history.findIndex(({ at }) => at >= value);
    const at = placed < 0 ? this.#history.length : placed;
    const most = Math.min(Number(limit), 50);
    const around = placed < 0 ? [] : this.#history.slice(Math.max(0, placed - 1), placed + 2);
    const back = (way === "LATEST" ? this.#history : this.#history.slice(0, at)).slice(-most);
    const page = way === "AROUND" ? around : way === "AFTER" ? this.#history.slice(at + 1, at + 1 + most) : back;
    socket.send(`${label === "" ? "" : `@label=${label} `}:irc.test BATCH +h chathistory #tea`);
    for (const said of page) socket.send(this.#wire(said, "batch=h;"));
    socket.send(":irc.test BATCH -h");
  }
}

/** Another person on an IRC network, who uses a client that we did not write: lines on a socket of npm `ws`. */
import { type Socket, socketTo } from "./servers";
import { until } from "./wait";

/** What the person's client asks the server for. */
const CAPABILITIES = "message-tags server-time echo-message batch away-notify";

export class Chatter {
  readonly nick: string;
  readonly #socket: Socket;
  /** Every line that came, oldest first. */
  readonly lines: string[] = [];

  private constructor(nick: string, socket: Socket) {
    this.nick = nick;
    this.#socket = socket;
    socket.on("message", (data) => {
      const line = data.toString();
      this.lines.push(line);
      if (line.startsWith("PING ")) {
        socket.send(line.replace("PING", "PONG"));
      }
    });
  }

  /** Comes onto the network. */
  static async connect(url: string, nick: string): Promise<Chatter> {
    const chatter = new Chatter(nick, await socketTo(url, ["text.ircv3.net", "text.inspircd.org"]));
    for (const line of ["CAP LS 302", `NICK ${nick}`, `USER ${nick} 0 * :${nick}`, `CAP REQ :${CAPABILITIES}`, "CAP END"]) {
      chatter.send(line);
    }
    await chatter.line(/ (376|422) /);
    return chatter;
  }

  send(line: string): void {
    this.#socket.send(line);
  }

  say(target: string, text: string, tags = ""): void {
    this.send(`${tags === "" ? "" : `@${tags} `}PRIVMSG ${target} :${text}`);
  }

  /** A line that came or comes, which looks so. */
  line(looks: RegExp): Promise<string> {
    return until(`${this.nick} to get ${looks}`, () => this.lines.find((line) => looks.test(line)));
  }

  /** The server's name for a message of this text. */
  async idOf(text: string): Promise<string> {
    const line = await until(`${this.nick} to get ${text}`, () => this.lines.find((each) => each.endsWith(` :${text}`)));
    return /(?:^@|;)msgid=([^; ]+)/.exec(line)?.[1] ?? "";
  }

  leave(): void {
    this.send("QUIT :bye");
    this.#socket.close();
  }
}

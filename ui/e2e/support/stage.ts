/** The testkit's `stage`: servers and lines that go wrong on demand, in a process of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { STAGE } from "./places";

/** What `stage faults` says: the addresses of its servers, and the token that one of them wants. */
export type Faults = Readonly<
  Record<
    | "good"
    | "silent"
    | "expired"
    | "selfSigned"
    | "unauthorized"
    | "guarded"
    | "busy"
    | "returning"
    | "port"
    | "host"
    | "token",
    string
  >
>;

export class Stage<Said> {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  /** The first line that it printed. */
  readonly said: Said;

  private constructor(child: ChildProcess, reader: Interface, lines: AsyncIterator<string>, said: Said) {
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
    this.said = said;
  }

  static async start<Said>(...words: string[]): Promise<Stage<Said>> {
    const child = spawn(STAGE, words, { stdio: ["pipe", "pipe", "inherit"] });
    if (child.stdout === null) {
      throw new Error("the stage has no output");
    }
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) {
      throw new Error(`stage ${words.join(" ")} says nothing`);
    }
    return new Stage<Said>(child, reader, lines, JSON.parse(first.value) as Said);
  }

  /** Tells it a word, and waits until it is done. */
  async tell(word: string): Promise<void> {
    this.#child.stdin?.write(`${word}\n`);
    const answer = await this.#lines.next();
    if (answer.value !== word) {
      throw new Error(`the stage answered ${String(answer.value)} to ${word}`);
    }
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#reader.close();
    this.#child.stdin?.end();
    await gone;
  }
}

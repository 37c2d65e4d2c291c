/** Writing again what was said before: each step up goes one message back, each step down one forward. */
import { messageOf, plainText } from "./actions";
import type { Row } from "../bridge/generated";

/** More than these nobody steps back through. */
const MOST = 50;

/** What we said among `rows`, the newest first, each text once. */
export function saidIn(rows: readonly Row[]): readonly string[] {
  const said = rows.flatMap(({ item }) => {
    const message = messageOf(item);
    // Of a long text the row holds the beginning alone.
    return message?.sender.kind === "me" && message.whole === null ? [plainText(message.body.spans)] : [];
  });
  return [...new Set(said.reverse().filter((text) => text !== ""))].slice(0, MOST);
}

/** Where the user is among the texts; any other change of the text ends it. */
export class Recall {
  #texts: readonly string[] = [];
  #at = -1;

  /** The text that a step leads to; `null`: the key is for something else. Begins in an empty text, and ends in one. */
  step(step: 1 | -1, text: string, said: () => readonly string[]): string | null {
    const goes = this.#at >= 0 && text === this.#texts[this.#at];
    if (!goes) {
      if (text !== "" || step === 1) return null;
      this.#texts = said();
      this.#at = -1;
    }
    const at = this.#at - step;
    if (at >= this.#texts.length) return goes ? text : null;
    this.#at = at;
    return this.#texts[at] ?? "";
  }
}

/** The list over the composer: what is offered for what is typed, and what keys do to it. */
import type { CommandView } from "../bridge/generated";
import { isComposing, sends, type Key } from "./composer";
import type { Typed } from "./completion";
import { hintsFor, put, tokenAt, type Hint, type Known, type Token } from "./hints";
import { fitting, slashOf, type Slash } from "./slash";

/** Commands behind a slash, or what a word may become. */
export type Offer =
  | { readonly kind: "commands"; readonly slash: Slash; readonly commands: readonly CommandView[] }
  | { readonly kind: "words"; readonly token: Token; readonly hints: readonly Hint[] };

/** What is offered for a text; `null`: nothing is. Behind the name of a command its arguments are shown alone. */
export function offerFor(text: string, caret: number, table: readonly CommandView[], known: () => Known): Offer | null {
  const slash = table.length === 0 ? null : slashOf(text);
  const token = slash?.argument === null ? null : tokenAt(text, caret);
  const hints = token === null ? [] : hintsFor(token, known());
  if (token !== null && hints.length > 0) return { kind: "words", token, hints };
  const commands = slash === null ? [] : fitting(table, slash);
  return slash === null || commands.length === 0 ? null : { kind: "commands", slash, commands };
}

/** Which of them is chosen, when `wanted` is the reader's choice; -1: none can be. */
export function chosenIn(offer: Offer | null, wanted: number): number {
  switch (offer?.kind) {
    case undefined:
      return -1;
    case "commands":
      return offer.slash.argument === null ? Math.min(wanted, offer.commands.length - 1) : -1;
    case "words":
      return Math.min(wanted, offer.hints.length - 1);
  }
}

/** What a key does to the list: puts it away, chooses another, takes the chosen one; `null`: nothing. */
export function offerKeyOf(key: Key, offer: Offer, at: number): "hide" | "take" | { readonly choose: number } | null {
  if (isComposing(key)) return null;
  if (key.key === "Escape") return "hide";
  if (at < 0) return null;
  const count = offer.kind === "commands" ? offer.commands.length : offer.hints.length;
  if (key.key === "ArrowDown") return { choose: (at + 1) % count };
  if (key.key === "ArrowUp") return { choose: (at + count - 1) % count };
  if (!sends(key)) return null;
  // A command that is typed whole is sent.
  return offer.kind === "commands" && offer.commands[at]?.name === offer.slash.name ? null : "take";
}

/** The text with what was taken in it; `null`: there is no such. */
export function taken(offer: Offer, at: number, { text, caret }: Typed): Typed | null {
  if (offer.kind === "words") {
    const hint = offer.hints[at];
    return hint === undefined ? null : put(text, caret, offer.token, hint);
  }
  const command = offer.commands[at];
  if (command === undefined) return null;
  const line = `/${command.name} `;
  return { text: line, caret: line.length };
}

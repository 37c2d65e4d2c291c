/** What is offered while a word is typed: emoji behind a colon, people behind `@`, rooms behind `#`. */
import type { Typed } from "./completion";
import { findEmoji, type Emoji } from "./emoji";

/** The word at the caret that asks for something. */
export interface Token {
  readonly kind: "emoji" | "person" | "room";
  /** What stands behind the sign. */
  readonly word: string;
  /** Where the sign stands in the text. */
  readonly start: number;
}

/** Something to put in the place of a token. */
export interface Hint {
  /** What is put there. */
  readonly text: string;
  /** What is drawn before the name; empty: nothing. */
  readonly sign: string;
  readonly name: string;
}

/** So many hints are shown: what is further down is found by one more letter. */
export const MAX_HINTS = 8;

/** Fewer letters behind a colon are a face of the old kind, `:D` or `:p`. */
const FEWEST_LETTERS = 2;

/** The token that ends at the caret; `null`: there is none. Signs within a word, an address or a time of day ask for nothing. */
export function tokenAt(text: string, caret: number): Token | null {
  const found = /(^|[^\p{Script=Latin}\p{N}:/@#_])([:@#])([\p{L}\p{M}\p{N}_+-]*)$/u.exec(text.slice(0, caret));
  if (found === null) return null;
  const [whole, before = "", sign = "", word = ""] = found;
  const start = found.index + whole.length - sign.length - word.length;
  if (sign === ":" && [...word].length < (HAN.test(word) ? 1 : FEWEST_LETTERS)) return null;
  // A `#` or `@` alone, in the middle of a sentence, is one.
  if (sign !== ":" && word === "") return before === "" || /\s/u.test(before) ? { kind: kindOf(sign), word, start } : null;
  return { kind: kindOf(sign), word, start };
}

const HAN = /^\p{Script=Han}/u;

function kindOf(sign: string): Token["kind"] {
  if (sign === ":") return "emoji";
  return sign === "@" ? "person" : "room";
}

/** Whom and what a token may mean. */
export interface Known {
  readonly emoji: readonly Emoji[];
  readonly people: readonly string[];
  readonly rooms: readonly string[];
}

/** What is offered for a token, the likeliest first. */
export function hintsFor(token: Token, known: Known): readonly Hint[] {
  switch (token.kind) {
    case "emoji":
      return findEmoji(known.emoji, token.word, MAX_HINTS).map(({ text, label, codes }) => {
        const code = codes.find((one) => one.startsWith(token.word.toLowerCase())) ?? codes[0];
        return { text, sign: text, name: code === undefined ? label : `${label} :${code}:` };
      });
    case "person":
      // Who is named first is addressed.
      return named(known.people, token.word, token.start === 0 ? ": " : " ");
    case "room":
      return named(known.rooms, token.word, " ");
  }
}

function named(names: readonly string[], word: string, behind: string): readonly Hint[] {
  const wanted = word.toLowerCase();
  const fits = names.filter((name) => name.toLowerCase().replace(/^[#&]+/, "").startsWith(wanted));
  return fits.slice(0, MAX_HINTS).map((name) => ({ text: name + behind, sign: "", name }));
}

/** The text with a hint in its token's place, and where the caret is then. */
export function put(text: string, caret: number, token: Token, hint: Hint): Typed {
  const before = text.slice(0, token.start) + hint.text;
  return { text: before + text.slice(caret).replace(/^ /, hint.text.endsWith(" ") ? "" : " "), caret: before.length };
}

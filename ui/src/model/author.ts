/** How an author is shown: name, initial, colour. */
import type { Flair, Sender } from "../bridge/generated";
import type { Words } from "../i18n/words";

/** How many colours names have; the tokens `--name-0` and on, each readable in both themes. */
export const NAME_COLOURS = 6;

/** What is shown of an author. */
export interface Author {
  readonly name: string;
  readonly initial: string;
  /** `me`, or the number of a name colour. */
  readonly colour: "me" | number;
}

/** How `sender` is shown; `server` is what the server itself is called. */
export function authorOf(words: Words, server: string, sender: Sender): Author {
  switch (sender.kind) {
    case "me":
      return { name: words.you, initial: initialOf(words.you), colour: "me" };
    case "server":
      return { name: server, initial: initialOf(server), colour: 1 };
    case "person":
      return { name: sender.name, initial: initialOf(sender.name), colour: colourOf(sender.name) };
  }
}

/** What somebody is by what the server says, in the reader's words where there are any; empty: nothing. */
export function titlesOf(words: Words, flair: Flair | null): string {
  const titles: Readonly<Record<string, string>> = words.message.titles;
  return (flair?.titles ?? []).map((title) => titles[title] ?? title).join(words.message.titleGap);
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The first character of a name as people count characters, in capitals. */
export function initialOf(name: string): string {
  for (const { segment } of graphemes.segment(name.trim())) return segment.toLocaleUpperCase();
  return "?";
}

/** A colour that a name keeps. */
export function colourOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % NAME_COLOURS;
}

/** What happened in a conversation, in words: one by one, and many quiet ones together. */
import type { Change, Item, MessageId } from "../bridge/generated";
import type { Words } from "../i18n/words";
import { authorOf } from "./author";

/** A row that tells of something that happened. */
export type Happening = Extract<Item, { kind: "happening" }>;

/** A happening and its row. */
export interface Told {
  readonly id: MessageId;
  readonly happening: Happening;
}

/** Names that a line spells out; of more, it counts the rest. */
const SPELT = 2;

/** Whether it is told together with its neighbours: people who come and go, and what follows from that. */
export function isQuiet(change: Change): boolean {
  switch (change.kind) {
    case "joined":
    case "left":
    case "quit":
    case "split":
    case "rejoined":
    case "renamed":
    case "mode":
      return true;
    case "kicked":
    case "topic":
    case "retitled":
      return false;
  }
}

/** One happening. `server` is what the server itself is called. */
export function happeningSentence(words: Words, server: string, { who, change }: Happening): string {
  const said = words.happening;
  const { name } = authorOf(words, server, who);
  const because = (why: string | null): string => (why === null || why === "" ? "" : said.why(why));
  switch (change.kind) {
    case "joined":
      return said.joined(name);
    case "left":
      return said.left(name) + because(change.why);
    case "quit":
      return said.quit(name) + because(change.why);
    case "kicked":
      return (who.kind === "me" ? said.kickedMe(change.by) : said.kicked(name, change.by)) + because(change.why);
    case "renamed":
      return who.kind === "me" ? said.renamedMe(change.to) : said.renamed(name, change.to);
    case "topic":
      return change.text === null || change.text === "" ? said.topicGone(name) : said.topic(name, change.text);
    case "mode":
      return said.mode(name, change.text);
    case "retitled":
      return said.retitled(change.to);
    case "split":
      return said.split(namesInWords(words, change.names));
    case "rejoined":
      return said.rejoined(namesInWords(words, change.names));
  }
}

/** Several happenings in one line: who came and who went on the whole, and how much else there was. */
export function happeningsSentence(words: Words, server: string, told: readonly Told[]): string {
  const said = words.happening;
  const moves = new Map<string, { first: Move; last: Move }>();
  const renames: string[] = [];
  const modes: string[] = [];
  const move = (name: string, way: Move): void => {
    moves.set(name, { first: moves.get(name)?.first ?? way, last: way });
  };
  for (const { happening } of told) {
    const { who, change } = happening;
    const { name } = authorOf(words, server, who);
    switch (change.kind) {
      case "joined":
        move(name, "in");
        break;
      case "left":
      case "quit":
      case "kicked":
        move(name, "out");
        break;
      case "split":
        for (const one of change.names) move(one, "out");
        break;
      case "rejoined":
        for (const one of change.names) move(one, "in");
        break;
      case "renamed":
        renames.push(happeningSentence(words, server, happening));
        break;
      case "mode":
      case "topic":
      case "retitled":
        modes.push(happeningSentence(words, server, happening));
        break;
    }
  }
  const groups = new Map<`${Move} ${Move}`, string[]>();
  for (const [name, { first, last }] of moves) {
    const way = `${first} ${last}` as const;
    const group = groups.get(way);
    if (group === undefined) groups.set(way, [name]);
    else group.push(name);
  }
  const parts = [...groups].map(([way, names]) => said.ways[way](namesInWords(words, names)));
  parts.push(...(renames.length > SPELT ? [said.renames(renames.length)] : renames));
  parts.push(...(modes.length > 1 ? [said.modes(modes.length)] : modes));
  return parts.join(said.between);
}

type Move = "in" | "out";

/** A list of names, of which one that is longer than `spelt` by more than one is cut. */
export function namesInWords(words: Words, names: readonly string[], spelt = SPELT): string {
  return names.length <= spelt + 1
    ? words.happening.names(names)
    : words.happening.namesMore(names.slice(0, spelt), names.length - spelt);
}

/** Emoji: their names, finding them by name, and whether a text is nothing but emoji. The names come from Unicode's CLDR. */
import type { Tongue } from "../i18n/words";

/** An emoji and what it is called. */
export interface Emoji {
  readonly text: string;
  /** Its name in the reader's language. */
  readonly label: string;
  /** Further words by which it is found, in lower case: of the reader's language and of English. */
  readonly words: readonly string[];
  /** What stands between colons elsewhere, the most usual one first. */
  readonly codes: readonly string[];
  readonly group: Group;
}

/** Unicode's groups of emoji, in its order. Its number 2 holds parts of emoji, which nobody writes. */
export const GROUPS = {
  0: "smileys",
  1: "people",
  3: "nature",
  4: "food",
  5: "travel",
  6: "activities",
  7: "objects",
  8: "symbols",
  9: "flags",
} as const;

/** One of them. */
export type Group = (typeof GROUPS)[keyof typeof GROUPS];

/** What the tables of names hold of one emoji. */
interface Named {
  readonly hexcode: string;
  readonly unicode: string;
  readonly label: string;
  readonly tags?: readonly string[];
  readonly group?: number;
}

/** The codes of GitHub, which nearly every other program knows, too. */
type Codes = Readonly<Record<string, string | readonly string[]>>;

const read = new Map<Tongue, Promise<readonly Emoji[]>>();

/** All emoji. Their tables are large, so they are read when they are wanted first. */
export function readEmoji(tongue: Tongue): Promise<readonly Emoji[]> {
  const known = read.get(tongue) ?? readTables(tongue);
  read.set(tongue, known);
  return known;
}

async function readTables(tongue: Tongue): Promise<readonly Emoji[]> {
  const [english, { default: codes }, { default: versions }] = await Promise.all([
    import("emojibase-data/en/compact.json"),
    import("emojibase-data/en/shortcodes/github.json"),
    import("emojibase-data/versions/emoji.json"),
  ]);
  const own = tongue === "en" ? english : await import("emojibase-data/zh/compact.json");
  const young = new Set(Object.entries(versions).flatMap(([version, codes]) => (Number(version) > NEWEST ? codes : [])));
  return emojiOf(own.default, english.default, codes, young);
}

/** The newest version of Emoji that is offered: younger ones are a blank in the faces of many systems in use. */
const NEWEST = 15.1;

/** The emoji of a table without the young ones; they may also be found by their English names. */
function emojiOf(
  table: readonly Named[],
  english: readonly Named[],
  codes: Codes,
  young: ReadonlySet<string>,
): readonly Emoji[] {
  const others = new Map(table === english ? [] : english.map((one) => [one.hexcode, one]));
  return table.flatMap((one) => {
    const group = groupOf(one.group);
    if (group === null || young.has(one.hexcode)) return [];
    const other = others.get(one.hexcode);
    const words = [one.label, ...(one.tags ?? []), ...(other === undefined ? [] : [other.label, ...(other.tags ?? [])])];
    return [{ text: one.unicode, label: one.label, words: [...new Set(words.map(fold))], codes: [codes[one.hexcode] ?? []].flat(), group }];
  });
}

function groupOf(number: number | undefined): Group | null {
  const groups: Readonly<Record<number, Group>> = GROUPS;
  return number === undefined ? null : (groups[number] ?? null);
}

function fold(text: string): string {
  return text.toLowerCase();
}

/** The emoji that are called so: by their code first, then by how their names begin, then by any word that begins so. */
export function findEmoji(all: readonly Emoji[], wanted: string, most: number): readonly Emoji[] {
  const word = fold(wanted.trim());
  if (word === "") return all.slice(0, most);
  const ranked = all.map((emoji) => ({ emoji, rank: rankOf(emoji, word) })).filter(({ rank }) => rank < NONE);
  // The order of equals is that of the table.
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, most).map(({ emoji }) => emoji);
}

const NONE = 6;

function rankOf({ codes, words }: Emoji, word: string): number {
  if (codes.includes(word)) return 0;
  const [label = "", ...others] = words;
  if (label === word) return 1;
  if (codes.some((code) => code.startsWith(word))) return 2;
  if (label.startsWith(word)) return 3;
  if (words.some((one) => one.startsWith(word) || one.includes(` ${word}`))) return 4;
  // Chinese names have no blanks between their words.
  if (HAN.test(word) && (label.includes(word) || others.some((one) => one.includes(word)))) return 5;
  return NONE;
}

const HAN = /\p{Script=Han}/u;

/** So many emoji alone are drawn large: more of them would be a wall. */
const MOST_LARGE = 6;

/** Longer texts are not looked at: a family with skin tones takes 35 characters. */
const LONGEST_LARGE = MOST_LARGE * 36;

const EMOJI = /^(?:\p{RI}{2}|[#*0-9]\uFE0F?\u20E3|(?!\p{RI})\p{Emoji}(?:\p{EMod}|\uFE0F|[\u{E0020}-\u{E007E}]+\u{E007F})?(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)?)*)$/u;
const PICTURE = /\p{Emoji_Presentation}|\uFE0F|\u20E3/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Whether a text is a few emoji and nothing else, blanks between them aside. */
export function isOnlyEmoji(text: string): boolean {
  if (text.length > LONGEST_LARGE) return false;
  const bare = text.replace(/\s+/gu, "");
  const signs = Array.from(graphemes.segment(bare), ({ segment }) => segment);
  // A digit is an emoji to Unicode, and so is ©: only what asks to be a picture is one.
  return signs.length > 0 && signs.length <= MOST_LARGE && signs.every((sign) => EMOJI.test(sign) && PICTURE.test(sign));
}

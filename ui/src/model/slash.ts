/** Commands that are typed behind a slash: which ones fit, and which argument is being typed. */
import type { CommandView } from "../bridge/generated";
import type { Words } from "../i18n/words";

/** A text that begins a command. */
export interface Slash {
  /** What stands behind the slash, up to the first blank, in lower case. */
  readonly name: string;
  /** Which argument is being typed, from 0; `null`: still the name. */
  readonly argument: number | null;
}

/** What a text begins; `null`: it is said. Two slashes say one. */
export function slashOf(text: string): Slash | null {
  const found = /^\/(?!\/)(\S*)(\s[^]*)?$/.exec(text);
  if (found === null) return null;
  const rest = found[2];
  const argument = rest === undefined ? null : Math.max(0, rest.split(/\s+/).length - 2);
  return { name: (found[1] ?? "").toLowerCase(), argument };
}

/** The commands to show for a text: those that begin so; behind the name, the one that is meant. */
export function fitting(commands: readonly CommandView[], slash: Slash): readonly CommandView[] {
  return commands.filter(({ name }) => (slash.argument === null ? name.startsWith(slash.name) : name === slash.name));
}

/** An argument of a command, as it is written in the table. */
export interface Argument {
  readonly text: string;
  /** It is the one that is being typed. */
  readonly current: boolean;
}

/** The arguments of a command; the last one that takes the rest of the line stays current. */
export function argumentsOf(words: Words, protocol: string, command: CommandView, slash: Slash): readonly Argument[] {
  const all = command.arguments.split(/\s+(?=[<[])/).filter((text) => text !== "");
  const at = slash.argument === null ? -1 : Math.min(slash.argument, all.length - 1);
  const named = (text: string): string =>
    text.replace(/^([<[])(.*?)(…?[>\]])$/, (_, open: string, name: string, close: string) => {
      return open + (words.commands.arguments[`${protocol}.${name}`] ?? name) + close;
    });
  return all.map((text, index) => ({ text: named(text), current: index === at }));
}

/** What a command does, in the reader's words where there are any. */
export function helpOf(words: Words, protocol: string, command: CommandView): string {
  return words.commands.help[`${protocol}.${command.name}`] ?? command.help;
}

/** A stretch of a command's help: words, or what is typed just so. */
export interface HelpPiece {
  readonly text: string;
  readonly code: boolean;
}

/** A help in pieces: what stands between two backticks is typed just so; a single backtick is itself. */
export function helpPieces(help: string): readonly HelpPiece[] {
  return help
    .split(/(`[^`]+`)/)
    .filter((text) => text !== "")
    .map((text) => (/^`[^`]+`$/.test(text) ? { text: text.slice(1, -1), code: true } : { text, code: false }));
}

/** Completing names of people and rooms while a message is typed. Pressed again, the key goes on to the next name. */

import type { AccountId, Sidebar } from "../bridge/generated";
import type { Room } from "./room-acts";

/** A text and where the caret stands in it. */
export interface Typed {
  readonly text: string;
  readonly caret: number;
}

/** Names that fit are offered one after the other; more than these nobody steps through. */
const MAX_CANDIDATES = 50;

/** The names that begin like `word`, whatever their case, in the given order and each once. */
export function candidatesFor(word: string, names: readonly string[]): readonly string[] {
  const wanted = word.toLowerCase();
  if (wanted === "") return [];
  const fit = names.filter((name) => name.toLowerCase().startsWith(wanted));
  return [...new Set(fit)].slice(0, MAX_CANDIDATES);
}

/** Names of people, those first who spoke last, and of the account's rooms. */
export function namesToComplete(
  { timeline, crowd }: Room,
  sidebar: Sidebar | null,
  account: AccountId,
): { readonly people: readonly string[]; readonly rooms: readonly string[] } {
  const here = new Set(crowd.people.value?.members.map(({ name }) => name));
  const spoke: string[] = [];
  for (const { item } of [...(timeline.window.value?.rows ?? [])].reverse()) {
    if (item.kind !== "message" || item.sender.kind !== "person") continue;
    // Where the server tells who is here, whoever is gone is not addressed.
    if (here.size === 0 || here.has(item.sender.name)) spoke.push(item.sender.name);
  }
  const rooms = sidebar?.conversations.filter((one) => one.account === account && one.kind === "room") ?? [];
  return {
    people: [...new Set([...spoke, ...here])],
    rooms: rooms.flatMap(({ title }) => (title === null ? [] : [title])),
  };
}

/** Completes the word before the caret, and steps on while nothing else is typed. */
export class Completer {
  #last: { after: Typed; start: number; end: string; candidates: readonly string[]; at: number } | null = null;

  /** The text with the next name in the word's place; `null`: no name fits. `isPerson` tells who can be addressed. */
  next(typed: Typed, names: () => readonly string[], isPerson: (name: string) => boolean): Typed | null {
    const last = this.#last;
    if (last !== null && last.after.text === typed.text && last.after.caret === typed.caret) {
      return this.#put(typed.text.slice(0, last.start), last.end, last.candidates, last.at + 1, isPerson);
    }
    const before = typed.text.slice(0, typed.caret);
    const word = /\S+$/.exec(before)?.[0] ?? "";
    const candidates = candidatesFor(word, names());
    if (candidates.length === 0) {
      this.#last = null;
      return null;
    }
    return this.#put(before.slice(0, before.length - word.length), typed.text.slice(typed.caret), candidates, 0, isPerson);
  }

  #put(start: string, end: string, candidates: readonly string[], step: number, isPerson: (name: string) => boolean): Typed | null {
    const at = step % candidates.length;
    const name = candidates[at];
    if (name === undefined) return null;
    // Who is named first is addressed.
    const written = start + name + (start === "" && isPerson(name) ? ": " : " ");
    const after = { text: written + end.replace(/^ /, ""), caret: written.length };
    this.#last = { after, start: start.length, end, candidates, at };
    return after;
  }
}

/** Which keys do what anywhere in the window. */
import type { ActionName } from "./actions";
import type { Key } from "./composer";
import { isComposing } from "./composer";

/** What a key asks for. */
export type Shortcut = Bound | "escape" | "type";

/** What the table below has a key for. */
export type Bound =
  | "switch"
  | "search"
  | "searchAll"
  | "previous"
  | "next"
  | "previousUnread"
  | "nextUnread"
  | "nth"
  | "add"
  | "join"
  | "members"
  | "truth"
  | "settings"
  | "help"
  | "larger"
  | "smaller"
  | "natural";

/** The keys that are held with another one. On a key that writes a sign, Shift is how the sign is written. */
type Held = "ctrl" | "ctrl+shift" | "alt" | "alt+shift";

/** A key of the window's own: what it does, with what it is pressed, and how both are shown. */
interface Binding {
  readonly does: Bound;
  readonly held: Held;
  /** As events name it, in lower case; any of these. */
  readonly keys: readonly string[];
  /** The caps that stand in the list of keys, without those that are held. */
  readonly caps: string;
}

/** Keys that work anywhere in the window. */
export const BINDINGS: readonly Binding[] = [
  { does: "switch", held: "ctrl", keys: ["k"], caps: "K" },
  { does: "search", held: "ctrl", keys: ["f"], caps: "F" },
  { does: "searchAll", held: "ctrl+shift", keys: ["f"], caps: "F" },
  { does: "previous", held: "alt", keys: ["arrowup"], caps: "↑" },
  { does: "next", held: "alt", keys: ["arrowdown"], caps: "↓" },
  { does: "previousUnread", held: "alt+shift", keys: ["arrowup"], caps: "↑" },
  { does: "nextUnread", held: "alt+shift", keys: ["arrowdown"], caps: "↓" },
  { does: "nth", held: "ctrl", keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], caps: "1 … 9" },
  { does: "join", held: "ctrl", keys: ["j"], caps: "J" },
  { does: "members", held: "ctrl", keys: ["m"], caps: "M" },
  { does: "truth", held: "ctrl", keys: ["i"], caps: "I" },
  { does: "add", held: "ctrl", keys: ["n"], caps: "N" },
  { does: "settings", held: "ctrl", keys: [","], caps: "," },
  { does: "larger", held: "ctrl", keys: ["+", "="], caps: "+" },
  { does: "smaller", held: "ctrl", keys: ["-", "_"], caps: "−" },
  { does: "natural", held: "ctrl", keys: ["0"], caps: "0" },
  { does: "help", held: "ctrl", keys: ["/", "?"], caps: "/" },
];

/** Keys of a part of the window, as they are shown; each part reads its own with the functions below. */
export type PartKey = "send" | "breakLine" | "amend" | "complete" | "hints" | "emoji" | "scroll" | "newest" | "rows" | "rowMenu" | "sidebar" | "arrange" | "menu" | "escape";

/** A line in the list of keys. */
export interface KeyLine {
  readonly name: Bound | PartKey;
  readonly caps: readonly string[];
}

const line = (name: PartKey, ...caps: readonly string[]): KeyLine => ({ name, caps });

/** The list of keys: a part with its lines, in order. */
export const KEYS: readonly { readonly part: "going" | "message" | "sidebar" | "window"; readonly lines: readonly KeyLine[] }[] = [
  { part: "going", lines: bound("switch", "search", "searchAll", "previous", "next", "previousUnread", "nextUnread", "nth") },
  {
    part: "message",
    lines: [
      line("send", "Enter"),
      line("breakLine", "Shift", "Enter"),
      line("amend", "↑"),
      line("complete", "Tab"),
      line("hints", ":", "@", "#"),
      line("emoji", "Ctrl", "E"),
      line("scroll", "Page Up", "Page Down"),
      line("newest", "End"),
      line("rows", "↑ ↓"),
      line("rowMenu", "Enter", "R", "+", "Del"),
    ],
  },
  {
    part: "sidebar",
    lines: [line("sidebar", "↑ ↓"), line("arrange", "Ctrl", "Shift", "↑ ↓"), line("menu", "Shift", "F10")],
  },
  {
    part: "window",
    lines: [
      ...bound("join", "members", "truth", "add", "settings", "larger", "smaller", "natural", "help"),
      line("escape", "Esc"),
    ],
  },
];

function bound(...names: readonly Bound[]): KeyLine[] {
  const held: Readonly<Record<Held, readonly string[]>> = { ctrl: ["Ctrl"], "ctrl+shift": ["Ctrl", "Shift"], alt: ["Alt"], "alt+shift": ["Alt", "Shift"] };
  return BINDINGS.filter(({ does }) => names.includes(does)).map(({ does, held: with_, caps }) => ({
    name: does,
    caps: [...held[with_], caps],
  }));
}

/** Where the key was pressed: a text field, a button or the like, or neither. */
export type Spot = "field" | "control" | "elsewhere";

/** Whether a key asks for the newest message; in the composer only while that has no text to move in. */
export function goesToNewest(key: Key): boolean {
  return key.key === "End" && !key.altKey && !key.metaKey && !key.shiftKey && !isComposing(key);
}

/** Whether a key in the composer asks for the emoji. */
export function opensEmoji(key: Key): boolean {
  return (key.key === "e" || key.key === "E") && (key.ctrlKey || key.metaKey) && !key.altKey && !key.shiftKey && !isComposing(key);
}

/** Whether a key in the composer completes what stands before the caret. */
export function completes(key: Key): boolean {
  return key.key === "Tab" && !key.shiftKey && !key.ctrlKey && !key.altKey && !key.metaKey && !isComposing(key);
}

/** Which way an arrow key goes from message to message; `null`: it is no such key. */
export function stepOf(key: Key): 1 | -1 | null {
  if (key.ctrlKey || key.altKey || key.metaKey || key.shiftKey) return null;
  if (key.key === "ArrowUp") return -1;
  return key.key === "ArrowDown" ? 1 : null;
}

/** What a key asks of the message that has the focus: an action, or its menu; `null`: nothing. */
export function rowActionOf(key: Key): ActionName | "menu" | null {
  if (isComposing(key) || key.altKey) return null;
  const command = key.ctrlKey || key.metaKey;
  switch (key.key) {
    case "Enter":
      return command || key.shiftKey ? null : "menu";
    case "r":
    case "R":
      return command ? null : "reply";
    case "+":
      return command ? null : "react";
    case "c":
    case "C":
      return command ? "copy" : null;
    case "Delete":
      return command ? null : "retract";
    default:
      return null;
  }
}

/** What a key in the field of the search asks for: a hit further on or back, or to go to the one it is at. */
export function searchStep(key: Key): 1 | -1 | "go" | null {
  if (isComposing(key) || key.altKey || key.metaKey || key.ctrlKey || key.shiftKey) return null;
  if (key.key === "ArrowDown") return 1;
  if (key.key === "ArrowUp") return -1;
  return key.key === "Enter" ? "go" : null;
}

/** What a key asks of the sidebar that has the focus. */
export type SidebarKey = "up" | "down" | "first" | "last" | "moveUp" | "moveDown" | "fold" | "unfold" | "menu";

/** What a key asks of the sidebar; `null`: nothing. */
export function sidebarKeyOf(key: Key): SidebarKey | null {
  if (isComposing(key) || key.altKey || key.metaKey) return null;
  if (key.key === "ContextMenu" || (key.key === "F10" && key.shiftKey && !key.ctrlKey)) return "menu";
  if (key.ctrlKey && key.shiftKey) {
    if (key.key === "ArrowUp") return "moveUp";
    return key.key === "ArrowDown" ? "moveDown" : null;
  }
  if (key.ctrlKey || key.shiftKey) return null;
  const plain: Readonly<Record<string, SidebarKey>> = {
    ArrowUp: "up",
    ArrowDown: "down",
    Home: "first",
    End: "last",
    ArrowLeft: "fold",
    ArrowRight: "unfold",
  };
  return plain[key.key] ?? null;
}

/** What `key` asks for at `spot`; `null`: nothing of the window's own. */
export function shortcutOf(key: Key, spot: Spot): Shortcut | null {
  if (isComposing(key)) return spot === "elsewhere" ? "type" : null;
  const name = key.key.toLowerCase();
  const binding = BINDINGS.find(({ held, keys }) => keys.includes(name) && isHeld(key, held));
  if (binding !== undefined) return binding.does;
  if (key.key === "Escape") return "escape";
  // A key that writes goes to the composer; a space on a control presses it.
  const writes = [...key.key].length === 1 && !key.ctrlKey && !key.metaKey && !key.altKey;
  if (writes && (spot === "elsewhere" || (spot === "control" && key.key !== " "))) return "type";
  return null;
}

/** Whether it makes the window's things larger or smaller, which it does whatever lies over them. */
export function scales(shortcut: Shortcut): boolean {
  return shortcut === "larger" || shortcut === "smaller" || shortcut === "natural";
}

function isHeld(key: Key, held: Held): boolean {
  const command = key.ctrlKey || key.metaKey;
  const isSign = /^[^\p{L}]$/u.test(key.key);
  switch (held) {
    case "ctrl":
      return command && !key.altKey && (isSign || !key.shiftKey);
    case "ctrl+shift":
      return command && !key.altKey && key.shiftKey;
    case "alt":
      return key.altKey && !command && !key.shiftKey;
    case "alt+shift":
      return key.altKey && !command && key.shiftKey;
  }
}

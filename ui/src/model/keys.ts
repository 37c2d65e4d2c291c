/** Which keys do what anywhere in the window. */
import type { ActionName } from "./actions";
import type { Key } from "./composer";
import { isComposing } from "./composer";

/** What a key asks for. */
export type Shortcut = "add" | "settings" | "help" | "truth" | "members" | "search" | "searchAll" | "join" | "previous" | "next" | "escape" | "type";

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

/** What `key` asks for at `spot`; `null`: nothing of the window's own. */
export function shortcutOf(key: Key, spot: Spot): Shortcut | null {
  const command = (key.ctrlKey || key.metaKey) && !key.altKey && !key.shiftKey;
  if (isComposing(key)) return spot === "elsewhere" ? "type" : null;
  if ((key.ctrlKey || key.metaKey) && !key.altKey && key.key.toLowerCase() === "f") return key.shiftKey ? "searchAll" : "search";
  if (command) {
    switch (key.key) {
      case "n":
      case "N":
        return "add";
      case ",":
        return "settings";
      case "/":
        return "help";
      case "i":
      case "I":
        return "truth";
      case "m":
      case "M":
        return "members";
      case "j":
      case "J":
        return "join";
      default:
        return null;
    }
  }
  if (key.altKey && !key.ctrlKey && !key.metaKey && !key.shiftKey) {
    if (key.key === "ArrowUp") return "previous";
    if (key.key === "ArrowDown") return "next";
    return null;
  }
  if (key.key === "Escape") return "escape";
  // A key that writes goes to the composer; a space on a control presses it.
  const writes = [...key.key].length === 1 && !key.ctrlKey && !key.metaKey && !key.altKey;
  if (writes && (spot === "elsewhere" || (spot === "control" && key.key !== " "))) return "type";
  return null;
}

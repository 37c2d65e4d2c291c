/** Where the keyboard is, in the model's terms. */
import type { Spot } from "../model/keys";

/** What sort of element a key was pressed on. */
export function spotOf(target: EventTarget | null): Spot {
  if (!(target instanceof HTMLElement)) return "elsewhere";
  if (target.closest("input, textarea, select, [contenteditable]") !== null) return "field";
  return target.closest("button, summary, a, [role='link'], [role^='menu']") === null ? "elsewhere" : "control";
}

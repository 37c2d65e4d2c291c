/** What the user is told once when a read or an intent has failed, in words. */
import { faultOf } from "../bridge/bridge";
import type { Code, Fault } from "../bridge/generated";
import type { Words } from "../i18n/words";

/** A failure of a read, which mends itself, or of an intent; `lost`: the core never answered. */
export type Trouble =
  | { readonly kind: "reading" }
  | { readonly kind: "doing"; readonly code: Code | "lost"; readonly text: string };

/** Whether it means that nothing can be done in this window. */
export function isUnusable(fault: Fault): boolean {
  return fault.code === "unusable" || fault.code === "inUse" || fault.code === "newer";
}

/** The trouble that a rejected intent makes. */
export function troubleOf(error: unknown): Extract<Trouble, { kind: "doing" }> {
  const fault = faultOf(error);
  return { kind: "doing", code: fault?.code ?? "lost", text: fault?.text ?? "" };
}

/** A trouble in words. */
export function troubleSentence(words: Words, trouble: Trouble): string {
  if (trouble.kind === "reading") return words.trouble.reading;
  switch (trouble.code) {
    case "disk":
      return words.trouble.disk;
    case "lost":
      return words.trouble.lost;
    case "gone":
      return words.trouble.gone;
    case "unopened":
      return words.trouble.unopened(trouble.text);
    case "offline":
      return words.trouble.offline;
    case "incapable":
      return words.trouble.incapable;
    case "unknownCommand":
    case "invalid":
    case "tooLong":
    case "unusable":
    case "inUse":
    case "newer":
    case "internal":
      return words.trouble.other(trouble.text);
  }
}

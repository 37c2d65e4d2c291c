/** What the user is told once when a read or an intent has failed, in words. */
import { faultOf } from "../bridge/bridge";
import type { Code, Fault } from "../bridge/generated";
import type { Words } from "../i18n/words";

/** Why an intent failed; `lost`: the core never answered. */
export type Failure = Code | "lost";

/** A failure of a read, which mends itself, or of an intent. */
export type Trouble =
  | { readonly kind: "reading" }
  | { readonly kind: "doing"; readonly code: Failure; readonly text: string };

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

/**
 * Why `text` was not sent, not changed or not done, and stands in the composer still. `amends`: it was to change a message
 * that waited, which is none any more where it is gone or cannot be changed.
 */
export function keptSentence(words: Words, why: Failure, text: string, amends: boolean): string {
  if (amends && (why === "gone" || why === "invalid")) return words.composer.onItsWay;
  switch (why) {
    case "tooLong":
      return words.composer.tooLong;
    case "lost":
      return words.composer.lost;
    case "offline":
      return words.room.offline;
    case "incapable":
      return words.room.incapable;
    case "invalid":
      return text.startsWith("/") ? words.room.invalid : words.composer.failed;
    case "gone":
    case "disk":
    case "unusable":
    case "inUse":
    case "newer":
    case "unopened":
    case "unknownCommand":
    case "internal":
      return words.composer.failed;
  }
}

/**
 * Reading a session that was written as text: `> frame sent`, `< frame received`, `! event`, `? command`, `+12s`,
 * `# what the driver said`. The format is that of the core's replays, which the frame console exports.
 */
import type { ConsoleFrame, FrameContent, Timestamp } from "../bridge/generated";
import { bytesOf, readHex } from "./bytes";

/** A line of a log of frames: a frame, or what a transcript says beside them. */
export type LogLine =
  | { readonly kind: "frame"; readonly n: number; readonly frame: ConsoleFrame }
  | { readonly kind: "note"; readonly n: number; readonly at: Timestamp; readonly sign: string; readonly text: string };

/** What is wrong with a transcript. */
export type TranscriptFault =
  | { readonly kind: "tooBig" }
  | { readonly kind: "line"; readonly line: number; readonly text: string };

/** The longest transcript that is read, in characters: ten thousand frames of a chat, shown at once. */
export const MAX_TRANSCRIPT = 8_000_000;

/** The most lines that are shown of one. */
export const MAX_LINES = 20_000;

/** The longest time that one line may let pass, as the core reads it: a year. */
const MAX_PASS_MS = 366 * 24 * 60 * 60 * 1000;

/** A transcript as lines. Time begins at 0, in milliseconds. */
export function readTranscript(text: string): readonly LogLine[] | TranscriptFault {
  if (text.length > MAX_TRANSCRIPT) return { kind: "tooBig" };
  const lines: LogLine[] = [];
  let at = 0;
  let former: Timestamp | null = null;
  for (const [index, line] of text.split(/\r?\n|\r$/).entries()) {
    if (line === "") continue;
    const fault: TranscriptFault = { kind: "line", line: index + 1, text: line.slice(0, 80) };
    const space = line.indexOf(" ");
    const sign = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? "" : line.slice(space + 1);
    const passed = /^\+(\d{1,12})(ms|s)$/.exec(line.trimEnd());
    const n = lines.length + 1;
    if (n > MAX_LINES) return { kind: "tooBig" };
    // A remark, such as a control frame, which a replay passes over.
    if (line.startsWith("//")) {
      lines.push({ kind: "note", n, at, sign: "//", text: line.slice(2).trim() });
      continue;
    }
    if (passed !== null) {
      const ms = Number(passed[1]) * (passed[2] === "s" ? 1000 : 1);
      if (ms > MAX_PASS_MS) return fault;
      at += ms;
    } else if (/^[<>]b?$/.test(sign)) {
      const content = sign.endsWith("b") ? binary(rest) : plain(rest);
      if (content === null) return fault;
      const size = content.kind === "binary" ? content.hex.length / 2 : bytesOf(content.text).length;
      const gapUs = former === null ? null : (at - former) * 1000;
      const direction = sign.startsWith("<") ? "in" : "out";
      lines.push({ kind: "frame", n, frame: { n, at, gapUs, direction, content, size, compressed: false } });
      former = at;
    } else if (/^[!?#~x]$/.test(sign)) {
      lines.push({ kind: "note", n, at, sign, text: rest });
    } else {
      return fault;
    }
  }
  return lines;
}

function binary(hex: string): Extract<FrameContent, { kind: "binary" }> | null {
  return readHex(hex) === null ? null : { kind: "binary", hex: hex.replace(/\s+/g, "").toLowerCase() };
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\", n: "\n", r: "\r", "0": "\0" };

function plain(escaped: string): Extract<FrameContent, { kind: "text" }> | null {
  let sound = true;
  const text = escaped.replace(/\\([\s\S]?)/g, (_, char: string) => {
    sound &&= char in ESCAPES;
    return ESCAPES[char] ?? "";
  });
  return sound ? { kind: "text", text } : null;
}

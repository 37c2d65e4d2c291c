/** The frame console: what passed on an account's line, as far as memory is given to it, and what of it is shown. */
import type { Bridge } from "../bridge/bridge";
import type { AccountId, ConsoleFrame, Direction, FrameContent } from "../bridge/generated";
import { bytesOf, hexLines, readHex } from "./bytes";
import { Cell } from "./cell";
import type { LogLine } from "./transcript";

/** The most frames that are kept: as many as the core keeps of an account. */
export const MAX_FRAMES = 2000;

/**
 * The most characters of text and hex that are kept: 2,000 frames may hold 64 KiB each, which as hex is 250 MiB of a
 * page's memory. It has room for what the core keeps of an account (2 MiB), binary as hex.
 */
export const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Frames that one pull asks for: more than pass in a second of a lively room. */
const PULL_FRAMES = 500;

/** The most rows that stand in the page, however many frames there are. */
export const MAX_DRAWN = 200;

/** The fewest: a list that is not measured yet has no height. */
const LEAST_DRAWN = 50;

/** The most bytes of one frame that are drawn as hexadecimal: what a reader looks through, not what a frame may hold. */
export const MAX_HEX = 4096;

/** Which frames are shown. */
export interface Filter {
  readonly text: string;
  readonly direction: Direction | "both";
  readonly kind: FrameContent["kind"] | "all";
}

/** Everything. */
export const NO_FILTER: Filter = { text: "", direction: "both", kind: "all" };

/** The frames of one account, read as they pass. */
export class FrameLog {
  readonly lines = new Cell<readonly LogLine[]>([]);
  /** How many frames are missing before the first, since nobody kept them. */
  readonly dropped = new Cell<number>(0);
  readonly paused = new Cell<boolean>(false);
  /** What of it is shown: kept here, so that looking at something else in between loses nothing. */
  readonly filter = new Cell<Filter>(NO_FILTER);

  readonly #bridge: Bridge;
  readonly #account: AccountId;
  #next = 0;
  #cleared = 0;

  constructor(bridge: Bridge, account: AccountId) {
    this.#bridge = bridge;
    this.#account = account;
  }

  /** Reads what has passed since, unless it is paused. */
  async pull(): Promise<void> {
    for (let rest = MAX_FRAMES; rest > 0 && !this.paused.value; rest -= PULL_FRAMES) {
      const page = await this.#bridge.frames(this.#account, this.#next, PULL_FRAMES);
      if (this.paused.value) return;
      const fresh = page.frames.filter(({ n }) => n > this.#cleared);
      const lines = fresh.map((frame): LogLine => ({ kind: "frame", n: frame.n, frame }));
      this.#next = page.next;
      if (page.dropped > 0) this.dropped.set(this.dropped.value + page.dropped);
      if (lines.length > 0) {
        const all = [...this.lines.value, ...lines];
        const first = firstKept(all);
        if (first > 0) this.dropped.set(this.dropped.value + first);
        this.lines.set(all.slice(first));
      }
      if (page.frames.length < PULL_FRAMES) return;
    }
  }

  /** Shows only what passes from now on. */
  clear(): void {
    this.#cleared = Math.max(this.#cleared, this.#next - 1);
    this.lines.set([]);
    this.dropped.set(0);
  }
}

/** Where what is kept begins: the newest, as far as memory is given to them. */
function firstKept(lines: readonly LogLine[]): number {
  let characters = 0;
  const tooOld = lines.findLastIndex((line, at) => {
    characters += line.kind === "frame" ? charactersOf(line.frame.content) : line.text.length;
    return lines.length - at > MAX_FRAMES || characters > MAX_CHARACTERS;
  });
  return tooOld + 1;
}

function charactersOf(content: FrameContent): number {
  switch (content.kind) {
    case "text":
    case "close":
      return content.text.length;
    case "binary":
    case "ping":
    case "pong":
      return content.hex.length;
    case "secret":
      return 0;
  }
}

/** The lines that `filter` lets through. */
export function filtered(lines: readonly LogLine[], filter: Filter): readonly LogLine[] {
  const { direction, kind } = filter;
  const wanted = filter.text.trim().toLowerCase();
  if (wanted === "" && direction === "both" && kind === "all") return lines;
  return lines.filter((line) => {
    if (line.kind === "note") {
      return direction === "both" && kind === "all" && line.text.toLowerCase().includes(wanted);
    }
    const { frame } = line;
    if (direction !== "both" && frame.direction !== direction) return false;
    if (kind !== "all" && frame.content.kind !== kind) return false;
    return wanted === "" || searched(frame.content).includes(wanted);
  });
}

function searched(content: FrameContent): string {
  switch (content.kind) {
    case "text":
      return content.text.toLowerCase();
    case "binary":
    case "ping":
    case "pong":
      return content.hex;
    case "close":
      return `${content.code ?? ""} ${content.text}`.toLowerCase();
    case "secret":
      return "";
  }
}

/** The rows to draw of a list of `count` rows of one height: those in sight and some around, never too many. */
export function rowsInSight(count: number, row: number, top: number, height: number): { first: number; last: number } {
  if (row <= 0 || count === 0) return { first: 0, last: Math.min(count, MAX_DRAWN) };
  // Before it was measured, some.
  const drawn = Math.min(MAX_DRAWN, Math.max(LEAST_DRAWN, Math.ceil(height / row) * 3));
  const middle = (top + height / 2) / row;
  const first = Math.max(0, Math.min(count - drawn, Math.floor(middle - drawn / 2)));
  return { first, last: Math.min(count, first + drawn) };
}

/** The row that a key leads to from `at`; `null`: the key moves nowhere. */
export function rowFor(key: string, at: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const within = (to: number): number => Math.max(0, Math.min(count - 1, to));
  switch (key) {
    case "ArrowDown":
      return within(at + 1);
    case "ArrowUp":
      return within(at < 0 ? count - 1 : at - 1);
    case "PageDown":
      return within(at + page);
    case "PageUp":
      return within(at < 0 ? count - 1 : at - page);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

/** The bytes of a frame, as far as they were kept and are drawn. */
export function hexOf({ content }: ConsoleFrame): ReturnType<typeof hexLines> {
  switch (content.kind) {
    case "text":
      return hexLines(bytesOf(content.text.slice(0, MAX_HEX)).slice(0, MAX_HEX));
    case "binary":
    case "ping":
    case "pong":
      return hexLines((readHex(content.hex.slice(0, 2 * MAX_HEX)) ?? []).slice(0, MAX_HEX));
    case "close": {
      const { code } = content;
      return code === null ? [] : hexLines([code >> 8, code & 0xff, ...bytesOf(content.text)]);
    }
    case "secret":
      return [];
  }
}

/** A frame's payload in one line. */
export function previewOf(content: FrameContent): string {
  switch (content.kind) {
    case "text":
      return content.text.slice(0, 300).replace(/\s+/g, " ");
    case "binary":
    case "ping":
    case "pong":
      return content.hex.slice(0, 96).replace(/../g, "$& ").trimEnd();
    case "close":
      return [content.code ?? "", content.text].join(" ").trim();
    case "secret":
      return "";
  }
}

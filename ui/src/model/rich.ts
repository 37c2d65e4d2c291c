/** What a body is drawn as: texts of runs and links, and binary frames. Nothing here is markup, and all words are text. */
import type { Span } from "../bridge/generated";
import { linksIn, MAX_LINKS, targetOf, type Target } from "./links";
import { lookOf, type Look } from "./style";

/** Characters of one look. */
export interface Run {
  readonly text: string;
  readonly look: Look | null;
}

/** A run; the name of a room; or a link: its runs are the address, as it was written. */
export type Piece =
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "room"; readonly run: Run }
  | ({ readonly kind: "link"; readonly runs: readonly Run[] } & Target);

/** Words alone, which nearly all messages are; a text with looks or links, which flows; or a binary frame. */
export type Part =
  | { readonly kind: "plain"; readonly text: string }
  | { readonly kind: "text"; readonly pieces: readonly Piece[] }
  | { readonly kind: "binary"; readonly size: number; readonly head: readonly number[] };

/**
 * The parts of a body, in reading order. Links beyond {@link MAX_LINKS} are words. `cut`: it is the beginning of a body,
 * so an address at its end may be half of one, and is words too.
 */
export function partsOf(spans: readonly Span[], cut = false): readonly Part[] {
  const parts: Part[] = [];
  let pieces: Piece[] = [];
  let runs: Run[] = [];
  let links = 0;
  const endRuns = (last = false): void => {
    const found = piecesOf(runs, MAX_LINKS - links, last && cut);
    links += found.filter((piece) => piece.kind === "link").length;
    pieces.push(...found);
    runs = [];
  };
  const endText = (last = false): void => {
    endRuns(last);
    const [only] = pieces;
    if (pieces.length === 1 && only?.kind === "run" && only.run.look === null) {
      parts.push({ kind: "plain", text: only.run.text });
    } else if (pieces.length > 0) {
      parts.push({ kind: "text", pieces });
    }
    pieces = [];
  };
  for (const span of spans) {
    switch (span.kind) {
      case "text":
        runs.push({ text: span.text, look: lookOf(span.style) });
        break;
      case "room":
        endRuns();
        pieces.push({ kind: "room", run: { text: span.text, look: lookOf(span.style) } });
        break;
      case "link":
        endRuns();
        pieces.push(...pointed(span.text, span.url, links < MAX_LINKS));
        links += 1;
        break;
      case "binary":
        endText();
        parts.push({ kind: "binary", size: span.size, head: span.head });
        break;
    }
  }
  endText(true);
  return parts;
}

/** Words that a server made a link: the link is the address, and other words stand before it. */
function pointed(text: string, url: string, room: boolean): Piece[] {
  const target = room ? targetOf(url) : null;
  const plain = (words: string): Piece => ({ kind: "run", run: { text: words, look: null } });
  const address: Piece = target === null ? plain(url) : { kind: "link", runs: [{ text: url, look: null }], ...target };
  return text === url ? [address] : [plain(`${text} (`), address, plain(")")];
}

/** Runs with the links that stand in them, also where a link changes its looks on the way. */
function piecesOf(runs: readonly Run[], most: number, cut: boolean): Piece[] {
  const pieces: Piece[] = [];
  const take = cutter(runs);
  const asRuns = (upto: number): void => void pieces.push(...take(upto).map((run) => ({ kind: "run" as const, run })));
  const text = runs.map((run) => run.text).join("");
  for (const { start, end, url, host } of linksIn(text, most)) {
    if (cut && !/\s/.test(text.slice(end))) break;
    asRuns(start);
    pieces.push({ kind: "link", runs: take(end), url, host });
  }
  asRuns(text.length);
  return pieces;
}

/** Gives what lies between the former place and the next one, of all runs laid end to end. */
function cutter(runs: readonly Run[]): (upto: number) => Run[] {
  let at = 0;
  let begins = 0;
  let done = 0;
  return (upto) => {
    const taken: Run[] = [];
    for (let run = runs[at]; run !== undefined; run = runs[at]) {
      const ends = begins + run.text.length;
      const text = run.text.slice(done - begins, Math.min(upto, ends) - begins);
      if (text !== "") taken.push({ text, look: run.look });
      done = Math.min(upto, ends);
      if (ends > upto) break;
      begins = ends;
      at += 1;
    }
    return taken;
  };
}

/**
 * Links in what was said: found in the text itself, so that every protocol has them, and every row that was stored
 * before there were any. What is shown is what was written; where it is opened is what a browser makes of that, and
 * where their hosts differ, the true one is shown too. The core checks each target once more before it opens anything.
 */
import type { Scheme } from "../bridge/generated";

/** Where a link leads behind its scheme: to a host after `//`, or to somebody's mailbox. */
const SCHEMES: Readonly<Record<Scheme, "host" | "mailbox">> = {
  https: "host",
  http: "host",
  mailto: "mailbox",
  xmpp: "mailbox",
  irc: "host",
  ircs: "host",
};

/** Links that one text may have: more than anybody follows, and each is a stop of the Tab key. The rest is words. */
export const MAX_LINKS = 200;

/** The longest target that the core opens (`domain::MAX_TARGET`). */
const MAX_TARGET = 8192;

/** Where a link leads. */
export interface Target {
  /** As it is opened: ASCII. */
  readonly url: string;
  /** The true host, where that is not what the address shows: in other letters, encoded, or a number. */
  readonly host: string | null;
}

/** A link in a text, from `start` to before `end`. */
export interface Found extends Target {
  readonly start: number;
  readonly end: number;
}

const NAMES = Object.keys(SCHEMES).join("|");
const BEGINNING = new RegExp(`(?:${NAMES}):`, "gi");
/** What ends an address: blanks, what cannot be seen, quotes, and the brackets and stops of Chinese and Japanese. */
const REST = /[^\s\p{C}\p{Z}"<>\\`“”„«»‹›\u3001-\u3003\u3008-\u3020\u3030\u303d\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]*/uy;
/** Between two addresses without a blank. */
const NEXT = new RegExp(`[,;|](?=(?:${NAMES}):)`, "i");
/** What may stand behind an address and belongs to the sentence: of ASCII these, of the rest all punctuation. */
const TAIL = /[.,;:!?'*|]|(?![\0-\x7f])\p{P}/u;
const CLOSING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const OPENING = Object.values(CLOSING).join("");

/** The first `most` links in `text`, in order. */
export function linksIn(text: string, most = MAX_LINKS): readonly Found[] {
  const found: Found[] = [];
  BEGINNING.lastIndex = 0;
  for (let match = BEGINNING.exec(text); match !== null && found.length < most; match = BEGINNING.exec(text)) {
    const start = match.index;
    if (start > 0 && /[\w+.-]/.test(text.charAt(start - 1))) continue;
    REST.lastIndex = start;
    const run = REST.exec(text)?.[0] ?? "";
    let at = start;
    for (const part of run.split(NEXT)) {
      const address = withoutTail(part);
      const target = found.length < most ? targetOf(address) : null;
      if (target !== null) found.push({ ...target, start: at, end: at + address.length });
      at += part.length + 1;
    }
    // What was read is not read again, however it begins.
    BEGINNING.lastIndex = Math.max(BEGINNING.lastIndex, start + run.length);
  }
  return found;
}

/** Where an address leads; `null`: nowhere that a link may. */
export function targetOf(address: string): Target | null {
  if (address.length > MAX_TARGET) return null;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.href.length > MAX_TARGET || !/^[!-~]+$/.test(url.href) || /["<>\\`]/.test(url.href)) return null;
  const scheme = url.protocol.slice(0, -1);
  if (!isScheme(scheme)) return null;
  if (SCHEMES[scheme] === "mailbox") return /[^/?#]@/.test(url.pathname) ? { url: url.href, host: null } : null;
  const written = /^\w+:\/\/([^/?#]+)/.exec(address)?.[1];
  // A name before the host looks like the host.
  if (written === undefined || url.username !== "" || url.password !== "" || !/^[\w.:[\]-]+$/.test(url.hostname)) return null;
  const shown = written.toLowerCase().replace(/:\d*$/, "");
  return { url: url.href, host: shown === url.hostname ? null : url.hostname };
}

function isScheme(word: string): word is Scheme {
  return Object.hasOwn(SCHEMES, word);
}

/** An address without the stops and brackets of the sentence that it stands in. */
function withoutTail(run: string): string {
  // No link, whatever is taken off; and nobody counts the brackets of a book.
  if (run.length > MAX_TARGET) return run;
  const spare = new Map<string, number>();
  for (const character of run) {
    if (character in CLOSING) spare.set(character, (spare.get(character) ?? 0) + 1);
    for (const [closing, opening] of Object.entries(CLOSING)) {
      if (character === opening) spare.set(closing, (spare.get(closing) ?? 0) - 1);
    }
  }
  let end = run.length;
  for (; end > 0; end -= 1) {
    const last = run.charAt(end - 1);
    const closes = spare.get(last) ?? 0;
    if (last in CLOSING) {
      if (closes <= 0) break;
      spare.set(last, closes - 1);
    } else if (!OPENING.includes(last) && !TAIL.test(last)) {
      break;
    }
  }
  return run.slice(0, end);
}

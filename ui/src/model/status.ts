/** The truth line: what is true of an account's connection, in words, with the one action that helps. */
import type { AccountView, Reason, Status, Timestamp } from "../bridge/generated";
import type { Format } from "../i18n/format";
import { durationWords } from "../i18n/truth";
import { phaseSentence, reasonDetail, reasonSentence } from "./reason";

/** The shape beside a state's word: it says the same without colour. */
export type Sign = "dot" | "ring" | "square" | "hollow";

/** What helps. */
export type Remedy = "connect" | "edit";

/** The truth line's parts. */
export interface StatusLine {
  readonly sign: Sign;
  readonly strong: string;
  readonly rest: string;
  /** Words of the system or of the server, for who wants to know more. */
  readonly detail: string;
  readonly remedy: Remedy | null;
}

/** The shape for a state. */
export function signOf(kind: Status["kind"]): Sign {
  switch (kind) {
    case "online":
      return "dot";
    case "connecting":
    case "waiting":
      return "ring";
    case "stopped":
      return "square";
    case "off":
      return "hollow";
  }
}

/** The truth about `account`'s connection at the time `now`. */
export function statusLine(format: Format, account: AccountView, now: Timestamp): StatusLine {
  const { words } = format;
  const { status } = account;
  const host = hostOf(account.config.url);
  const line = { sign: signOf(status.kind), detail: "", remedy: null };
  switch (status.kind) {
    case "off":
      return { ...line, strong: words.status.off, rest: words.status.reason(words.status.offWhy), remedy: "connect" };
    case "connecting":
      return { ...line, strong: words.status.connecting, rest: phaseSentence(words.tongue, status.phase, host) };
    case "online": {
      const { rttMs, tls } = status.line;
      const facts = [words.status.to(host)];
      if (rttMs !== null) facts.push(words.status.rtt(rttMs));
      // What never leaves the computer needs no encryption.
      facts.push(tls ?? (isLoopback(host) ? words.status.local : words.status.plain));
      return { ...line, strong: words.status.online, rest: facts.join(" · ") };
    }
    case "waiting": {
      const seconds = Math.ceil((status.until - now) / 1000);
      const strong = seconds > 0 ? words.status.waiting(durationWords(words.tongue, seconds)) : words.status.now;
      return { ...line, ...because(format, status.reason), strong, remedy: "connect" };
    }
    case "stopped":
      return {
        ...line,
        ...because(format, status.reason),
        strong: words.status.stopped,
        remedy: remedyFor(status.reason),
      };
  }
}

/** The host of an address, with its port where one is written; the address itself when it cannot be read. */
export function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#\s]+)/i.exec(url.trim())?.[1] ?? url;
}

/** Whether a host, with or without port, is this computer by its name. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
}

function because(format: Format, reason: Reason): { rest: string; detail: string } {
  return { rest: format.words.status.reason(reasonSentence(format, reason)), detail: reasonDetail(reason) };
}

/** What helps when only the user can change something: another address or Origin, or a server that was mended. */
function remedyFor(reason: Reason): Remedy {
  switch (reason.kind) {
    case "badAddress":
    case "subprotocol":
    case "proxy":
    case "secret":
    case "file":
      return "edit";
    case "status":
      // There is nothing to edit that would log in.
      return reason.refusal.kind === "unauthorized" ? "connect" : "edit";
    case "tls":
      return reason.fault === "notTls" || reason.fault === "wrongName" ? "edit" : "connect";
    case "dns":
    case "refused":
    case "unreachable":
    case "timedOut":
    case "notWebSocket":
    case "closed":
    case "dropped":
    case "silent":
    case "tooBig":
    case "brokenFrames":
    case "internal":
      return "connect";
  }
}

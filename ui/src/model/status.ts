/** The truth line: what is true of an account's connection, in words, with the one action that helps. */
import type { AccountConfig, AccountView, Reason, SecretKind, Status, Timestamp } from "../bridge/generated";
import type { Format } from "../i18n/format";
import { durationWords } from "../i18n/truth";
import { isPardonable } from "./phases";
import { phaseSentence, reasonDetail, reasonSentence } from "./reason";

/** The shape beside a state's word: it says the same without colour. */
export type Sign = "dot" | "ring" | "square" | "hollow";

/** What helps. */
export type Remedy = "connect" | "edit" | "trust" | "secret";

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
  // With several addresses, the one that is in use.
  const host = hostOf(addressOf(account));
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
      const remedy = remedyFor(status.reason, account.config);
      // While it is tried again anyway, an edit is no more than a thought.
      return { ...line, ...because(format, status.reason), strong, remedy: remedy === "edit" ? "connect" : remedy };
    }
    case "stopped":
      return {
        ...line,
        ...because(format, status.reason),
        strong: words.status.stopped,
        remedy: remedyFor(status.reason, account.config),
      };
  }
}

function addressOf({ status, config }: AccountView): string {
  switch (status.kind) {
    case "online":
      return status.line.url;
    case "connecting":
      return status.url;
    case "off":
    case "waiting":
    case "stopped":
      return config.url;
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
  return { rest: format.words.status.reason(reasonSentence(format, reason)), detail: reasonDetail(format.words.tongue, reason) };
}

/** The secret that would help, given anew; `null`: none. */
export function secretFor(reason: Reason, config: AccountConfig): SecretKind | null {
  if (reason.kind === "secret") return reason.secret;
  if (reason.kind === "status" && reason.refusal.kind === "unauthorized" && config.logIn.kind !== "none") return "logIn";
  if (reason.kind === "notLetIn" && config.logIn.kind === "protocol") return "logIn";
  const { proxy } = config;
  const named = (proxy.kind === "http" || proxy.kind === "socks5") && proxy.user !== "";
  return reason.kind === "proxy" && reason.fault === "unauthorized" && named ? "proxy" : null;
}

/** What helps when only the user can change something: another address, a log-in, a certificate to be trusted. */
function remedyFor(reason: Reason, config: AccountConfig): Remedy {
  if (secretFor(reason, config) !== null) return "secret";
  switch (reason.kind) {
    case "badAddress":
    case "subprotocol":
    case "proxy":
    case "file":
    case "status":
    case "notLetIn":
      return "edit";
    case "tls":
      if (reason.fault === "notTls" || reason.fault === "clientCertificateWanted") return "edit";
      return reason.certificate !== null && isPardonable(reason.fault) ? "trust" : "connect";
    case "secret":
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

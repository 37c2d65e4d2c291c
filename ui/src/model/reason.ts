/** A sentence in plain words for each reason why there is no connection. */
import type { Reason, Refusal } from "../bridge/generated";
import type { Format } from "../i18n/format";
import type { Words } from "../i18n/words";

/** Why there is no connection, as a clause: it goes on after "Reconnecting in 8 s —". */
export function reasonSentence(format: Format, reason: Reason): string {
  const { words } = format;
  switch (reason.kind) {
    case "badAddress":
      return words.reason.badAddress;
    case "dns":
      return words.reason.dns(reason.host);
    case "refused":
      return words.reason.refused(reason.address);
    case "unreachable":
      return words.reason.unreachable(reason.address);
    case "timedOut":
      return words.timedOut[reason.phase](reason.seconds);
    case "tls":
      return words.tls[reason.fault];
    case "status":
      return refusalSentence(words, reason.status, reason.refusal);
    case "notWebSocket":
      return words.reason.notWebSocket;
    case "subprotocol":
      return reason.chosen === null ? words.reason.noSubprotocol : words.reason.subprotocol(reason.chosen);
    case "closed": {
      const why = closeSentence(words, reason.code, reason.text);
      return reason.by === "server" ? words.reason.closedByServer(why) : words.reason.closedByUs(why);
    }
    case "dropped":
      return words.reason.dropped;
    case "silent":
      return words.reason.silent(reason.seconds);
    case "tooBig":
      return words.reason.tooBig(format.size(reason.limit));
    case "brokenFrames":
      return words.reason.brokenFrames;
    case "proxy":
      return words.proxyFault[reason.fault](reason.proxy);
    case "secret":
      return words.secretTrouble[reason.trouble](words.secret[reason.secret]);
    case "file":
      return words.reason.file(reason.path);
    case "internal":
      return words.reason.internal;
  }
}

/** The words of the system or of the server behind a reason, in whatever language they are; empty: there are none. */
export function reasonDetail(reason: Reason): string {
  switch (reason.kind) {
    case "refused":
    case "timedOut":
    case "subprotocol":
    case "silent":
    case "tooBig":
    case "closed":
    case "secret":
      return "";
    case "badAddress":
    case "dns":
    case "unreachable":
    case "tls":
    case "status":
    case "notWebSocket":
    case "dropped":
    case "brokenFrames":
    case "proxy":
    case "file":
    case "internal":
      return reason.text;
  }
}

/** A close code of RFC 6455 §7.4 in words, with what the server said beside it. */
export function closeSentence(words: Words, code: number | null, text: string): string {
  const why = closeWords(words, code);
  return text === "" ? why : words.close.said(why, text);
}

function closeWords(words: Words, code: number | null): string {
  if (code === null || code === 1005) return words.close.none;
  const known: Readonly<Record<number, string>> = words.close.known;
  const meaning = known[code];
  if (meaning !== undefined) return `${code} ${meaning}`;
  // RFC 6455 §7.4.2: 3000–3999 belong to libraries, 4000–4999 to applications.
  return code >= 3000 && code <= 4999 ? words.close.private(code) : words.close.unknown(code);
}

function refusalSentence(words: Words, status: number, refusal: Refusal): string {
  switch (refusal.kind) {
    case "unauthorized":
      return words.refusal.unauthorized(status);
    case "forbidden":
      return words.refusal.forbidden(status);
    case "notFound":
      return words.refusal.notFound(status);
    case "tooMany":
      return words.refusal.tooMany(status);
    case "redirect":
      return refusal.location === null
        ? words.refusal.redirect(status)
        : words.refusal.redirectTo(status, refusal.location);
    case "other":
      return words.refusal.other(status);
  }
}

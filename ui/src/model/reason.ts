/** A sentence in plain words for each reason why there is no connection, and for how a try came out. */
import type { Outcome, Phase, Reason, Refusal, TlsFault } from "../bridge/generated";
import type { Format } from "../i18n/format";
import { durationWords, say } from "../i18n/truth";
import type { TruthTongue } from "../i18n/truth";
import type { Words } from "../i18n/words";

/** What is being done to reach `host`. */
export function phaseSentence(tongue: TruthTongue, phase: Phase, host: string): string {
  return say(tongue, `phase.${phase}`, { host });
}

/** The name of a step. */
export function stepName(tongue: TruthTongue, phase: Phase): string {
  return say(tongue, `step.${phase}`);
}

/** How a try came out, as a clause. */
export function outcomeSentence(format: Format, outcome: Outcome): string {
  const { tongue } = format.words;
  switch (outcome.kind) {
    case "trying":
    case "online":
      return say(tongue, `outcome.${outcome.kind}`);
    case "failed":
      return say(tongue, "outcome.failed", { reason: reasonSentence(format, outcome.reason) });
    case "ended": {
      const seconds = Math.max(0, Math.floor((outcome.until - outcome.since) / 1000));
      const reason = reasonSentence(format, outcome.reason);
      return say(tongue, "outcome.ended", { duration: durationWords(tongue, seconds), reason });
    }
  }
}

/** Why there is no connection, as a clause: it goes on after "Reconnecting in 8 s —". */
export function reasonSentence(format: Format, reason: Reason): string {
  const { tongue } = format.words;
  switch (reason.kind) {
    case "badAddress":
    case "notWebSocket":
    case "dropped":
    case "notLetIn":
    case "brokenFrames":
    case "internal":
      return say(tongue, `reason.${reason.kind}`);
    case "dns":
      return say(tongue, "reason.dns", { host: reason.host });
    case "refused":
    case "unreachable":
      return say(tongue, `reason.${reason.kind}`, { address: reason.address });
    case "timedOut":
      return say(tongue, `timedOut.${reason.phase}`, { seconds: reason.seconds });
    case "tls":
      return say(tongue, `tls.${reason.fault}`);
    case "status":
      return refusalSentence(tongue, reason.status, reason.refusal);
    case "subprotocol":
      return reason.chosen === null
        ? say(tongue, "reason.noSubprotocol")
        : say(tongue, "reason.subprotocol", { chosen: reason.chosen });
    case "closed": {
      const why = closeSentence(tongue, reason.code, reason.text);
      return say(tongue, reason.by === "server" ? "reason.closedByServer" : "reason.closedByUs", { why });
    }
    case "silent":
      return say(tongue, "reason.silent", { seconds: reason.seconds });
    case "tooBig":
      return say(tongue, "reason.tooBig", { size: format.size(reason.limit) });
    case "proxy":
      return reason.fault === "unnamed"
        ? say(tongue, "proxyFault.unnamed")
        : say(tongue, `proxyFault.${reason.fault}`, { proxy: reason.proxy });
    case "secret":
      return say(tongue, `secretTrouble.${reason.trouble}`, { secret: say(tongue, `secret.${reason.secret}`) });
    case "file":
      return say(tongue, "reason.file", { path: reason.path });
  }
}

/** What the user can do about it, or should know. */
export function adviceOf({ truth: { advice } }: Words, reason: Reason): string {
  switch (reason.kind) {
    case "tls":
      return advice.tls[tlsCase(reason.fault)];
    case "status":
      return advice.status[reason.refusal.kind];
    case "badAddress":
    case "dns":
    case "refused":
    case "unreachable":
    case "timedOut":
    case "proxy":
    case "secret":
    case "file":
    case "notWebSocket":
    case "subprotocol":
    case "closed":
    case "dropped":
    case "silent":
    case "tooBig":
    case "notLetIn":
    case "brokenFrames":
    case "internal":
      return advice[reason.kind];
  }
}

/**
 * A certificate is judged before anything is sent. All else may also come later: that a server wants a certificate of ours
 * it may say when it has the request, log-in and all (by an alert of TLS 1.3, or by a status).
 */
function tlsCase(fault: TlsFault): keyof Words["truth"]["advice"]["tls"] {
  switch (fault) {
    case "expired":
    case "notYetValid":
    case "wrongName":
    case "unknownIssuer":
    case "revoked":
    case "wrongPurpose":
    case "badCertificate":
    case "changed":
      return "unverified";
    case "clientCertificateWanted":
    case "noCommonVersion":
    case "notTls":
    case "other":
      return fault;
  }
}

/**
 * The words of the system or of the server behind a reason, in whatever language they are; empty: there are none. What the
 * server said is told as its own.
 */
export function reasonDetail(tongue: TruthTongue, reason: Reason): string {
  const text = detailText(reason).trim();
  return text === "" || !isServers(reason) ? text : say(tongue, "detail.server", { text: withinQuotes(text) });
}

/** Whether the detail of a reason is of the server's making: then anything may stand there, also what reads like advice. */
export function isServers(reason: Reason): boolean {
  switch (reason.kind) {
    case "status":
    case "notLetIn":
      return true;
    case "tls":
      // Some say so in the page of a refusal.
      return reason.fault === "clientCertificateWanted";
    case "badAddress":
    case "dns":
    case "refused":
    case "unreachable":
    case "timedOut":
    case "proxy":
    case "secret":
    case "file":
    case "notWebSocket":
    case "subprotocol":
    case "closed":
    case "dropped":
    case "silent":
    case "tooBig":
    case "brokenFrames":
    case "internal":
      return false;
  }
}

/** Words that cannot end the quotation that they stand in. */
export function withinQuotes(text: string): string {
  return text.replaceAll("“", "‘").replaceAll("”", "’");
}

function detailText(reason: Reason): string {
  switch (reason.kind) {
    case "refused":
    case "timedOut":
    case "subprotocol":
    case "silent":
    case "tooBig":
    case "closed":
    case "secret":
      return "";
    case "tls":
      // The sentence and the certificate beside it say the same, in the reader's words.
      return reason.fault === "expired" || reason.fault === "notYetValid" || reason.fault === "wrongName" ? "" : reason.text;
    case "badAddress":
    case "dns":
    case "unreachable":
    case "status":
    case "notWebSocket":
    case "dropped":
    case "notLetIn":
    case "brokenFrames":
    case "proxy":
    case "file":
    case "internal":
      return reason.text;
  }
}

/** A close code (RFC 6455 §7.4, IANA's registry) in words, with what was said beside it. */
export function closeSentence(tongue: TruthTongue, code: number | null, text: string): string {
  const why = closeWords(tongue, code);
  return text === "" ? why : say(tongue, "close.said", { why, text: withinQuotes(text) });
}

/** The codes with a sentence of their own: the registered ones, and private ones that many servers use alike. */
const CODES = [
  1000, 1001, 1002, 1003, 1004, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 3000, 3003, 3008, 4400,
  4401, 4403, 4404, 4408, 4409, 4429, 4500,
] as const;

function closeWords(tongue: TruthTongue, code: number | null): string {
  if (code === null || code === 1005) return say(tongue, "close.none");
  const known = CODES.find((one) => one === code);
  if (known !== undefined) return say(tongue, `close.${known}`);
  // RFC 6455 §7.4.2.
  if (code < 1000 || code > 4999) return say(tongue, "close.invalid", { code });
  if (code < 3000) return say(tongue, "close.reserved", { code });
  return say(tongue, code < 4000 ? "close.library" : "close.private", { code });
}

function refusalSentence(tongue: TruthTongue, status: number, refusal: Refusal): string {
  switch (refusal.kind) {
    case "unauthorized":
    case "forbidden":
    case "notFound":
    case "other":
      return say(tongue, `refusal.${refusal.kind}`, { status });
    case "tooMany": {
      const seconds = refusal.retryAfterS ?? 0;
      if (seconds === 0) return say(tongue, "refusal.tooMany", { status });
      return say(tongue, "refusal.tooManyAfter", { status, duration: durationWords(tongue, seconds) });
    }
    case "redirect":
      return refusal.location === null
        ? say(tongue, "refusal.redirect", { status })
        : say(tongue, "refusal.redirectTo", { status, location: withinQuotes(refusal.location) });
  }
}

/** What a user sends to whoever mends a server: the truth about a connection as plain text, without text and secrets. */
import type { AccountView, Attempt, Outcome, Status, Timestamp, Truth } from "../bridge/generated";
import type { Format } from "../i18n/format";
import { certificateOf, stepsOf } from "./phases";
import { isOpaque, REDACTED, redactReason, redactText, redactUrl } from "./redact";
import { outcomeSentence, stepName } from "./reason";
import { statusLine } from "./status";
import { certificateFacts, fieldsOf, keptWords, outcomeWords } from "./truth";

/**
 * The report in the tongue of the window. What the server said is left out, but for its certificate and what was agreed on
 * for the session, and the report says so.
 */
export function reportOf(format: Format, shown: AccountView, truth: Truth, now: Timestamp): string {
  const account = quietAccount(shown);
  const attempts = truth.attempts.map((attempt) => ({ ...attempt, url: redactUrl(attempt.url), outcome: quietOutcome(attempt.outcome) }));
  const words = format.words.truth;
  const { fact } = words;
  const { strong, rest } = statusLine(format, account, now);
  const { traffic } = truth;
  const lines = [
    words.report.title,
    format.moment(now),
    "",
    fact(words.endpoint, account.config.url),
    ...account.config.fallbacks.map((url) => fact(words.fallback, url)),
    fact(words.state, `${strong} ${rest}`),
    fact(words.received, words.amount(format.count(traffic.messagesIn), format.size(traffic.bytesIn))),
    fact(words.sent, words.amount(format.count(traffic.messagesOut), format.size(traffic.bytesOut))),
    ...trips(format, truth),
    ...truth.secrets.map((secret) => fact(words.secretKind[secret.kind], keptWords(format, secret))),
  ];
  const newest = attempts.at(0);
  if (newest !== undefined) lines.push("", ...attemptLines(format, account, newest, now));
  if (attempts.length > 1) {
    lines.push("", `${words.attempts}:`);
    for (const attempt of attempts) lines.push(`${format.clock(attempt.at)}  ${outcomeWords(format, attempt)}`);
  }
  lines.push("", words.report.leftOut);
  return `${lines.map(redactText).join("\n")}\n`;
}

/** An address is known as a whole only here: in a text nobody can tell where a secret in it ends. */
function quietAccount(account: AccountView): AccountView {
  const { config, status } = account;
  const quiet = { ...config, url: redactUrl(config.url), fallbacks: config.fallbacks.map(redactUrl) };
  return { ...account, config: quiet, status: quietStatus(status) };
}

function quietStatus(status: Status): Status {
  switch (status.kind) {
    case "off":
      return status;
    case "connecting":
      return { ...status, url: redactUrl(status.url) };
    case "online":
      return { ...status, line: { ...status.line, url: redactUrl(status.line.url) } };
    case "waiting":
    case "stopped":
      return { ...status, reason: redactReason(status.reason) };
  }
}

function quietOutcome(outcome: Outcome): Outcome {
  return "reason" in outcome ? { ...outcome, reason: redactReason(outcome.reason) } : outcome;
}

/** What a server may answer to our offer of compression (RFC 7692), without what it might add. */
const DEFLATE = /^permessage-deflate(?:\s*;\s*(?:client|server)_(?:no_context_takeover|max_window_bits(?:=\d{1,2})?))*$/;

/** The subprotocol of a session. It is one that was offered, and where a browser cannot set headers a token is among those. */
function agreedName(name: string | null): string | null {
  return name !== null && isOpaque(name) ? REDACTED : name;
}

function trips(format: Format, truth: Truth): string[] {
  const { words, lasting } = format;
  const times = truth.traffic.roundTrips.map((trip) => trip.us);
  const last = times.at(-1);
  if (last === undefined) return [];
  const told = words.truth.trips(lasting(last), lasting(Math.min(...times)), lasting(Math.max(...times)), times.length);
  return [words.truth.fact(fieldsOf(format)("roundTrip"), told)];
}

function attemptLines(format: Format, account: AccountView, attempt: Attempt, now: Timestamp): string[] {
  const { words } = format;
  const field = fieldsOf(format);
  const { fact } = words.truth;
  const { peer, outcome } = attempt;
  const lines = [`${words.truth.lastAttempt(format.clock(attempt.at))}:`, fact(words.truth.endpoint, attempt.url)];
  for (const { phase, state, tookUs } of stepsOf(attempt, account.config.proxy)) {
    const took = tookUs === null ? [] : [format.lasting(tookUs)];
    lines.push(fact(stepName(words.tongue, phase), [words.truth.stepState[state], ...took].join(", ")));
  }
  const tls = peer.tls === null ? null : [peer.tls, peer.cipher ?? ""].join(" ").trim();
  for (const [name, value] of [
    [field("address"), peer.address],
    [field("proxy"), peer.proxy],
    [field("tls"), tls],
    [field("subprotocol"), outcome.kind === "online" || outcome.kind === "ended" ? agreedName(peer.subprotocol) : null],
    [field("extensions"), DEFLATE.test(peer.extensions ?? "") ? peer.extensions : null],
  ] as const) {
    if (value !== null) lines.push(fact(name, value));
  }
  const certificate = certificateOf(attempt);
  if (certificate !== null) {
    lines.push(`${field("certificate")}:`);
    lines.push(...certificateFacts(format, certificate, now).map(({ name, value }) => fact(name, value)));
  }
  lines.push(fact(words.truth.state, outcomeSentence(format, outcome)));
  return lines;
}

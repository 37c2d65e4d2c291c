/** What the truth panel says of an account: facts of its session, what a reason means, and when the next try is. */
import type {
  AccountView,
  Attempt,
  Certificate,
  Reason,
  SecretKind,
  SecretState,
  SecretTrouble,
  Status,
  Timestamp,
  Truth,
} from "../bridge/generated";
import type { Format } from "../i18n/format";
import { say } from "../i18n/truth";
import type { TruthName } from "../i18n/truth";
import { certificateOf, fingerprintGroups } from "./phases";
import { isServers, outcomeSentence, reasonDetail, reasonSentence } from "./reason";
import { hostOf, isLoopback } from "./status";

/** A fact with its name. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly test?: string;
  readonly mono?: boolean;
  readonly bad?: boolean;
}

/** The facts of an account's newest try and of its traffic; those that are not known are left out. */
export function factsOf(
  format: Format,
  account: AccountView,
  truth: Truth,
  now: Timestamp,
): { readonly session: readonly Fact[]; readonly certificate: readonly Fact[] } {
  const words = format.words.truth;
  const field = fieldsOf(format);
  const { traffic } = truth;
  const newest = truth.attempts.at(0);
  const session: Fact[] = [
    { name: words.endpoint, value: newest?.url ?? account.config.url, test: "fact-endpoint" },
  ];
  if (newest !== undefined) {
    const { peer } = newest;
    if (peer.address !== null) session.push({ name: field("address"), value: peer.address, test: "fact-address" });
    if (peer.proxy !== null) session.push({ name: field("proxy"), value: peer.proxy, test: "fact-proxy" });
    const upgraded = newest.outcome.kind === "online" || newest.outcome.kind === "ended";
    if (peer.tls !== null) {
      session.push({ name: field("tls"), value: [peer.tls, peer.cipher ?? ""].join(" ").trim(), test: "fact-tls" });
    } else if (upgraded) {
      const local = isLoopback(hostOf(newest.url)) ? format.words.status.local : say(format.words.tongue, "value.plain");
      session.push({ name: field("tls"), value: local, test: "fact-tls" });
    }
    if (upgraded) {
      const unchosen = account.config.subprotocols.length === 0 ? words.notAsked : words.noneChosen;
      session.push(
        { name: field("subprotocol"), value: peer.subprotocol ?? unchosen, test: "fact-subprotocol" },
        { name: field("extensions"), value: peer.extensions ?? say(format.words.tongue, "value.none"), test: "fact-extensions" },
      );
    }
  }
  const amount = (messages: number, bytes: number): string => words.amount(format.count(messages), format.size(bytes));
  session.push(
    { name: words.received, value: amount(traffic.messagesIn, traffic.bytesIn), test: "fact-received" },
    { name: words.sent, value: amount(traffic.messagesOut, traffic.bytesOut), test: "fact-sent" },
  );
  const certificate = newest === undefined ? null : certificateOf(newest);
  return { session, certificate: certificate === null ? [] : certificateFacts(format, certificate, now) };
}

/** The names of facts, as the program without a window says them too. */
export function fieldsOf({ words }: Format): (name: FieldName) => string {
  return (name) => say(words.tongue, `field.${name}`);
}

type FieldName = TruthName extends infer Name ? (Name extends `field.${infer Field}` ? Field : never) : never;

/** The facts of a certificate. */
export function certificateFacts(format: Format, certificate: Certificate, now: Timestamp): readonly Fact[] {
  const words = format.words.truth;
  const field = fieldsOf(format);
  const { subject, issuer, names, notBefore, notAfter, sha256 } = certificate;
  const from = format.date(notBefore);
  const until = format.date(notAfter);
  const validity = now > notAfter ? words.expired(until) : now < notBefore ? words.notYet(from) : say(format.words.tongue, "value.validity", { first: from, last: until });
  const facts: Fact[] = [
    { name: words.subject, value: subject, test: "certificate-subject" },
    { name: field("issuer"), value: issuer, test: "certificate-issuer" },
  ];
  if (names.length > 0) facts.push({ name: field("names"), value: names.join(", "), test: "certificate-names" });
  const stands = now >= notBefore && now <= notAfter;
  facts.push(
    { name: field("validity"), value: validity, test: "certificate-validity", bad: !stands },
    { name: field("fingerprint"), value: fingerprintGroups(sha256), test: "certificate-fingerprint", mono: true },
  );
  return facts;
}

/** A reason as a sentence of its own, and beside it the words of the system or of the server, in whatever tongue they are. */
export function explained(format: Format, reason: Reason): { readonly sentence: string; readonly detail: string } {
  const english = format.words.tongue === "en";
  const clause = reasonSentence(format, reason);
  const first = clause.charAt(0).toUpperCase() + clause.slice(1);
  return { sentence: `${first}${/[.?!？。]$/.test(first) ? "" : english ? "." : "。"}`, detail: besides(format, reason) };
}

function besides(format: Format, reason: Reason): string {
  const { tongue } = format.words;
  const detail = reasonDetail(tongue, reason);
  if (detail === "") return "";
  if (isServers(reason)) return tongue === "en" ? ` ${detail}` : detail;
  return tongue === "en" ? ` (${detail})` : `（${detail}）`;
}

/** When the next try is, and why then; `null`: none is wanted. */
export function nextTry(format: Format, status: Status, now: Timestamp): { when: string; why: string } | null {
  const words = format.words.truth;
  switch (status.kind) {
    case "waiting": {
      const left = status.until - now;
      const nth = status.attempt + 1;
      const when =
        left > 0
          ? words.nextIn(format.span(Math.ceil(left / 1000) * 1000), format.clock(status.until), nth)
          : words.nextNow(nth);
      return { when, why: whyThen(format, status.reason) };
    }
    case "stopped":
      return { when: "", why: words.nextNever };
    case "off":
    case "connecting":
    case "online":
      return null;
  }
}

function whyThen(format: Format, reason: Reason): string {
  const words = format.words.truth;
  if (reason.kind === "status" && reason.refusal.kind === "tooMany" && reason.refusal.retryAfterS !== null) {
    return words.nextAsked(format.span(reason.refusal.retryAfterS * 1000));
  }
  return words.nextWhy;
}

/** Whether a secret is one that a person types; the keys of rooms are entrusted by the protocol. */
export function isTyped(kind: SecretKind): boolean {
  return kind !== "rooms";
}

/** Where a secret is, in words. */
export function keptWords({ words }: Format, { kept }: SecretState): string {
  switch (kept.kind) {
    case "keyring":
      return words.truth.inKeyring;
    case "session":
      return words.truth.keptSince[kept.trouble];
    case "nowhere":
      return words.truth.neededSince[kept.trouble];
  }
}

/** How a try came out, in words. */
export function outcomeWords(format: Format, { outcome }: Attempt): string {
  switch (outcome.kind) {
    case "online":
      return format.words.truth.onlineSince(format.clock(outcome.since));
    case "failed":
      return reasonSentence(format, outcome.reason);
    case "trying":
    case "ended":
      return outcomeSentence(format, outcome);
  }
}

/** What is the matter with a secret, as the status tells it; `refused`: the server did not take it. */
export function secretTrouble(status: Status, secret: SecretKind): SecretTrouble | "refused" | null {
  if (status.kind !== "waiting" && status.kind !== "stopped") return null;
  const { reason } = status;
  if (reason.kind === "secret") return reason.secret === secret ? reason.trouble : null;
  if (secret === "logIn" && reason.kind === "status" && reason.refusal.kind === "unauthorized") return "refused";
  return secret === "proxy" && reason.kind === "proxy" && reason.fault === "unauthorized" ? "refused" : null;
}

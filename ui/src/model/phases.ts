/** The steps of a try to reach a server: which were done, which one failed, and which were not reached. */
import type { Attempt, Certificate, Phase, Proxy, Reason, TlsFault } from "../bridge/generated";

/** What became of a step. */
export type StepState = "done" | "running" | "failed" | "notReached";

/** A step as it is shown. */
export interface ShownStep {
  readonly phase: Phase;
  readonly state: StepState;
  /** How long it took, in microseconds; `null`: it was not finished. */
  readonly tookUs: number | null;
  /** Its part of the longest, and of 10 ms at least, from 0 to 1. */
  readonly share: number;
}

/** In the order in which they are taken. */
const ORDER: readonly Phase[] = ["dns", "tcp", "proxy", "tls", "upgrade", "login"];

/** Where no step took longer than this, none has a long bar: it would say that something took its time. */
const BRIEF_US = 10_000;

/** The steps of `attempt`, and after them those that a connection of this sort would have taken. */
export function stepsOf(attempt: Attempt, proxy: Proxy): readonly ShownStep[] {
  const longest = Math.max(BRIEF_US, ...attempt.steps.map((step) => step.tookUs ?? 0));
  const last = attempt.steps.length - 1;
  const begun = attempt.steps.map(({ phase, tookUs }, at): ShownStep => {
    const ends = at === last && attempt.outcome.kind === "failed";
    const state = ends ? "failed" : tookUs === null ? "running" : "done";
    return { phase, state, tookUs, share: (tookUs ?? 0) / longest };
  });
  const reached = Math.max(-1, ...attempt.steps.map((step) => ORDER.indexOf(step.phase)));
  const wanted = ORDER.filter((phase, at) => at > reached && isWanted(phase, attempt, proxy));
  return [...begun, ...wanted.map((phase): ShownStep => ({ phase, state: "notReached", tookUs: null, share: 0 }))];
}

function isWanted(phase: Phase, attempt: Attempt, proxy: Proxy): boolean {
  switch (phase) {
    case "dns":
    case "tcp":
    case "upgrade":
      return true;
    case "proxy":
      return proxy.kind === "http" || proxy.kind === "socks5" || attempt.peer.proxy !== null;
    case "tls":
      return /^wss:/i.test(attempt.url);
    case "login":
      return false;
  }
}

/** Why a try failed, or its session ended; `null`: neither. */
export function reasonOf(attempt: Attempt): Reason | null {
  const { outcome } = attempt;
  return outcome.kind === "failed" || outcome.kind === "ended" ? outcome.reason : null;
}

/** The certificate that was shown in a try, whether or not it was trusted. */
export function certificateOf(attempt: Attempt): Certificate | null {
  const reason = reasonOf(attempt);
  return attempt.peer.certificate ?? (reason?.kind === "tls" ? reason.certificate : null);
}

/** The `host:port` that an address leads to, as pins name it; `null`: it cannot be read. */
export function serverOf(address: string): string | null {
  const parts = /^(wss?):\/\/([^/?#\s]+)/i.exec(address.trim());
  if (parts === null) return null;
  const [, scheme = "", host = ""] = parts;
  const port = scheme.toLowerCase() === "wss" ? 443 : 80;
  return (/:\d+$/.test(host) ? host : `${host}:${port}`).toLowerCase();
}

/** What the user may trust a certificate in spite of, as the engine sees it: `TlsFault::is_pardonable`. */
const PARDONABLE: Readonly<Record<TlsFault, boolean>> = {
  expired: true,
  notYetValid: true,
  wrongName: true,
  unknownIssuer: true,
  wrongPurpose: true,
  badCertificate: true,
  changed: true,
  revoked: false,
  clientCertificateWanted: false,
  noCommonVersion: false,
  notTls: false,
  other: false,
};

export function isPardonable(fault: TlsFault): boolean {
  return PARDONABLE[fault];
}

/** The newest try in which a server showed a certificate that may yet be trusted; `null`: the newest try is no such. */
export function distrustOf(attempts: readonly Attempt[]): {
  readonly server: string;
  readonly certificate: Certificate;
  readonly reason: Extract<Reason, { kind: "tls" }>;
} | null {
  for (const attempt of attempts) {
    if (attempt.outcome.kind === "trying") continue;
    const reason = reasonOf(attempt);
    const server = serverOf(attempt.url);
    if (attempt.outcome.kind !== "failed" || reason?.kind !== "tls" || server === null) return null;
    if (!isPardonable(reason.fault)) return null;
    const certificate = reason.certificate ?? attempt.peer.certificate;
    return certificate === null ? null : { server, certificate, reason };
  }
  return null;
}

/** A fingerprint in groups that an eye can compare. */
export function fingerprintGroups(sha256: string): string {
  return (sha256.toUpperCase().match(/../g) ?? []).join(" ");
}

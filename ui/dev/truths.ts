/** What the core in memory tells of its accounts' lines. */
import type { FakeBridge } from "../src/bridge/fake";
import type { AccountId, Attempt, Certificate, Reason, Timestamp } from "../src/bridge/generated";

const MINUTE = 60_000;
const NOBODY = { address: null, proxy: null, tls: null, cipher: null, certificate: null, subprotocol: null, extensions: null };

function certificate(now: Timestamp): Certificate {
  return {
    subject: "chat.company.test",
    issuer: "Company Internal CA 3",
    names: ["chat.company.test", "www.chat.company.test"],
    notBefore: now - 400 * 24 * 60 * MINUTE,
    notAfter: now - 23 * 24 * 60 * MINUTE,
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  };
}

/** Why the company's server is not trusted. */
export function expired(now: Timestamp): Extract<Reason, { kind: "tls" }> {
  return { kind: "tls", fault: "expired", text: "certificate expired 23 days ago", certificate: certificate(now) };
}

/** Tells of a lounge that is connected, of a server that is away, and of one that is not trusted. */
export function tell(bridge: FakeBridge, lounge: AccountId, away: AccountId, distrusted: AccountId): void {
  const now = bridge.clock;
  Object.assign(bridge.told(lounge), {
    attempts: [
      {
        at: now - 90 * MINUTE,
        url: "ws://127.0.0.1:4747/lounge",
        steps: [
          { phase: "tcp", tookUs: 140 },
          { phase: "upgrade", tookUs: 1900 },
        ],
        peer: { ...NOBODY, address: "127.0.0.1:4747", extensions: "permessage-deflate; client_max_window_bits=15" },
        outcome: { kind: "online", since: now - 90 * MINUTE },
      },
    ] satisfies Attempt[],
    traffic: { bytesIn: 183_402, bytesOut: 4211, messagesIn: 1204, messagesOut: 31, roundTrips: trips(now, 30) },
  });
  const refused: Reason = { kind: "refused", address: "127.0.0.1:8080" };
  const tries = [8, 15, 24, 60].map(
    (ago): Attempt => ({
      at: now - ago * 1000,
      url: "ws://localhost:8080/ws",
      steps: [
        { phase: "dns", tookUs: 400 },
        { phase: "tcp", tookUs: 120 },
      ],
      peer: NOBODY,
      outcome: { kind: "failed", reason: refused },
    }),
  );
  Object.assign(bridge.told(away), {
    attempts: [
      ...tries,
      {
        at: now - 18 * MINUTE,
        url: "ws://localhost:8080/ws?token=abc",
        steps: [
          { phase: "dns", tookUs: 500 },
          { phase: "tcp", tookUs: 100 },
          { phase: "upgrade", tookUs: 8_000 },
        ],
        peer: { ...NOBODY, address: "127.0.0.1:8080" },
        outcome: {
          kind: "ended",
          since: now - 18 * MINUTE,
          until: now - 10 * MINUTE,
          reason: { kind: "closed", code: 1001, text: "", by: "server" },
        },
      },
    ] satisfies Attempt[],
    traffic: { bytesIn: 1402, bytesOut: 611, messagesIn: 14, messagesOut: 9, roundTrips: trips(now - 10 * MINUTE, 24) },
  });
  Object.assign(bridge.told(distrusted), {
    attempts: [
      {
        at: now - 3 * MINUTE,
        url: "wss://chat.company.test/ws",
        steps: [
          { phase: "dns", tookUs: 12_400 },
          { phase: "tcp", tookUs: 38_000 },
          { phase: "tls", tookUs: null },
        ],
        peer: { ...NOBODY, address: "203.0.113.7:443" },
        outcome: { kind: "failed", reason: expired(now) },
      },
    ] satisfies Attempt[],
    secrets: [
      { kind: "logIn", kept: { kind: "session", trouble: "locked" } },
      { kind: "proxy", kept: { kind: "nowhere", trouble: "missing" } },
    ],
  });
  const pass = bridge.pass.bind(bridge);
  pass(lounge, "in", { kind: "text", text: "* welcome to the lounge" }, 23, now - 90 * MINUTE);
  for (let at = 0; at < 300; at += 1) {
    const text = `jonas: ${at} {"type":"message","text":"天气 weather"}`;
    pass(lounge, at % 5 === 0 ? "out" : "in", { kind: "text", text }, new TextEncoder().encode(text).length, now - 60 * MINUTE + at * 7321);
    if (at % 20 === 0) pass(lounge, "out", { kind: "ping", hex: "00000000000001a4" }, 8, now - 60 * MINUTE + at * 7321 + 40);
    if (at % 20 === 0) pass(lounge, "in", { kind: "pong", hex: "00000000000001a4" }, 8, now - 60 * MINUTE + at * 7321 + 41);
  }
  pass(lounge, "in", { kind: "binary", hex: "89504e470d0a1a0a0000000d4948445200000200000001400806" }, 1234, now - MINUTE);
  pass(lounge, "in", { kind: "close", code: 1001, text: "going for tea" }, 15, now - 1000);
}

function trips(end: Timestamp, count: number): { at: Timestamp; us: number }[] {
  return Array.from({ length: count }, (_, at) => ({
    at: end - (count - 1 - at) * 20_000,
    us: 900 + ((at * 7919) % 13) * 60 + (at === 17 ? 3200 : 0),
  }));
}

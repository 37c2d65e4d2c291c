import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AccountView, Phase, Reason, Refusal, Status, TlsFault } from "../src/bridge/generated";
import { BARE, plainConfig } from "../src/bridge/fake-config";
import { en } from "../src/i18n/en";
import { formatOf } from "../src/i18n/format";
import { tongueOf } from "../src/i18n/words";
import { zhCN } from "../src/i18n/zh-CN";
import { closeSentence, reasonSentence } from "../src/model/reason";
import { statusLine } from "../src/model/status";
import { sourceFiles } from "./support/source";

const english = formatOf("en", "UTC");
const chinese = formatOf("zh-CN", "UTC");

// Records, so that a new variant does not compile before it stands here.
const phases: Record<Phase, true> = { dns: true, tcp: true, proxy: true, tls: true, upgrade: true, login: true };
const tlsFaults: Record<TlsFault, true> = {
  expired: true,
  notYetValid: true,
  wrongName: true,
  unknownIssuer: true,
  revoked: true,
  wrongPurpose: true,
  badCertificate: true,
  clientCertificateWanted: true,
  noCommonVersion: true,
  notTls: true,
  changed: true,
  other: true,
};
const refusals: { [K in Refusal["kind"]]: Extract<Refusal, { kind: K }>[] } = {
  unauthorized: [{ kind: "unauthorized", challenge: null }],
  forbidden: [{ kind: "forbidden" }],
  notFound: [{ kind: "notFound" }],
  tooMany: [{ kind: "tooMany", retryAfterS: 7 }],
  redirect: [
    { kind: "redirect", location: null },
    { kind: "redirect", location: "1.2.3.4" },
  ],
  other: [{ kind: "other" }],
};
const codes = [null, 1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1999, 3000, 4999];
const text = "";
const reasons: { [K in Reason["kind"]]: Extract<Reason, { kind: K }>[] } = {
  badAddress: [{ kind: "badAddress", text }],
  dns: [{ kind: "dns", host: "1.2.3.4", text }],
  refused: [{ kind: "refused", address: "1.2.3.4:5" }],
  unreachable: [{ kind: "unreachable", address: "1.2.3.4:5", text }],
  timedOut: Object.keys(phases).map((phase) => ({ kind: "timedOut", phase: phase as Phase, seconds: 5 })),
  tls: Object.keys(tlsFaults).map((fault) => ({ kind: "tls", fault: fault as TlsFault, text, certificate: null })),
  status: Object.values(refusals)
    .flat()
    .map((refusal) => ({ kind: "status", status: 418, refusal, text })),
  notWebSocket: [{ kind: "notWebSocket", text }],
  subprotocol: [
    { kind: "subprotocol", chosen: null },
    { kind: "subprotocol", chosen: "12" },
  ],
  closed: codes.flatMap((code) => [
    { kind: "closed", code, text, by: "server" },
    { kind: "closed", code, text: "!", by: "us" },
  ]),
  dropped: [{ kind: "dropped", text }],
  silent: [{ kind: "silent", seconds: 40 }],
  tooBig: [{ kind: "tooBig", limit: 4_194_304 }],
  notLetIn: [{ kind: "notLetIn", text }],
  brokenFrames: [{ kind: "brokenFrames", text }],
  proxy: (["unauthorized", "forbidden", "unreachable", "notAProxy", "unnamed", "other"] as const).map((fault) => ({
    kind: "proxy",
    proxy: "1.2.3.4:5",
    fault,
    text,
  })),
  secret: (["logIn", "proxy", "clientKey"] as const).flatMap((secret) =>
    (["missing", "locked", "noKeyring", "failed"] as const).map((trouble) => ({ kind: "secret" as const, secret, trouble })),
  ),
  file: [{ kind: "file", path: "1.2", text }],
  internal: [{ kind: "internal", text }],
};
const every: readonly Reason[] = Object.values(reasons).flat();

/** Names and units that are the same in every language. */
const NAMES = /\b(TLS|HTTP|WebSocket|Origin|UTF-8|MB|Whinchat|ws)\b/g;

describe("a reason", () => {
  it("has a sentence of its own in English", () => {
    const sentences = every.map((reason) => reasonSentence(english, reason));
    for (const sentence of sentences) expect(sentence).toMatch(/[a-z]{3}/);
    const closed = (reason: Reason): boolean => reason.kind === "closed" && (reason.code === null || reason.code === 1005);
    const different = new Set(sentences.filter((_, at) => !closed(every[at] as Reason)));
    expect(different.size).toBe(every.filter((reason) => !closed(reason)).length);
  });

  it("has one in Chinese, with no English but names and codes", () => {
    for (const reason of every) {
      const sentence = reasonSentence(chinese, reason);
      expect(sentence).toMatch(/\p{Script=Han}/u);
      expect(sentence.replace(NAMES, ""), sentence).not.toMatch(/[A-Za-z]{2}/);
    }
  });

  it("explains close codes and quotes what the server said", () => {
    expect(closeSentence("en", 1001, "")).toBe("1001 going away");
    expect(closeSentence("en", 1012, "new version")).toBe("1012 restarting “new version”");
    expect(closeSentence("en", 4001, "")).toBe("4001, the server’s own code, which only it can explain");
    expect(closeSentence("zh-CN", 1001, "")).toBe("1001 正在离开");
  });
});

describe("the truth line", () => {
  const now = Date.UTC(2026, 10, 22, 12);
  const closed: Reason = { kind: "closed", code: 1001, text: "", by: "server" };
  const account = (status: Status, url = "wss://chat.example.org/ws"): AccountView => ({
    id: 1,
    config: plainConfig(url),
    enabled: true,
    label: "x",
    lounge: false,
    capabilities: BARE,
    me: null,
    collapsed: false,
    count: { unread: 0, mentions: 0 },
    status,
  });
  const line = (tls: string | null, rttMs: number | null, url = "wss://chat.example.org/ws"): Status => ({
    kind: "online",
    line: { url, address: "1.2.3.4:443", tls, subprotocol: null, extensions: null, rttMs, since: now },
  });
  const say = (status: Status, url?: string): string => {
    const { strong, rest } = statusLine(english, account(status, url), now);
    return `${strong} ${rest}`;
  };

  it("tells how it is connected", () => {
    expect(say(line("TLS 1.3", 12))).toBe("Connected to chat.example.org · 12 ms · TLS 1.3");
    // Of several addresses, the one that is in use.
    expect(say(line(null, null, "wss://second.example.org"))).toMatch(/^Connected to second\.example\.org/);
    const dialled = say({ kind: "connecting", url: "wss://second.example.org/ws", phase: "dns", attempt: 2 });
    expect(dialled).toContain("second.example.org");
    expect(dialled).not.toContain("chat.example.org");
    expect(say(line(null, null, "ws://chat.example.org"))).toBe("Connected to chat.example.org · not encrypted");
    expect(say(line(null, 1, "ws://127.0.0.1:8080/ws"))).toBe("Connected to 127.0.0.1:8080 · 1 ms · on this computer");
  });

  it("counts down, and offers to connect now", () => {
    const waiting: Status = { kind: "waiting", until: now + 7200, attempt: 2, reason: closed };
    expect(say(waiting)).toBe("Reconnecting in 8 s — the server closed the connection: 1001 going away");
    expect(statusLine(english, account(waiting), now).remedy).toBe("connect");
    expect(say({ ...waiting, until: now - 5 })).toMatch(/^Reconnecting now/);
    expect(say({ ...waiting, until: now + 125_000 })).toMatch(/^Reconnecting in 2 min 5 s/);
  });

  it("offers what helps when it needs the user", () => {
    const refused: Reason = { kind: "status", status: 403, refusal: { kind: "forbidden" }, text: "no" };
    const told = statusLine(english, account({ kind: "stopped", reason: refused }), now);
    expect(told).toMatchObject({ strong: "Needs you", remedy: "edit", detail: "The server said: “no”", sign: "square" });
  });

  it("offers to look at a certificate, and to enter a secret, also while it waits", () => {
    const remedy = (reason: Reason, config: Partial<AccountView["config"]> = {}, waits = false): string | null => {
      const one = account(waits ? { kind: "waiting", until: now, attempt: 1, reason } : { kind: "stopped", reason });
      return statusLine(english, { ...one, config: { ...one.config, ...config } }, now).remedy;
    };
    const certificate = { subject: "x", issuer: "y", names: [], notBefore: 0, notAfter: 1, sha256: "00" };
    const tls = (fault: TlsFault, shown = true): Reason => ({ kind: "tls", fault, text, certificate: shown ? certificate : null });
    expect(remedy(tls("expired"))).toBe("trust");
    expect(remedy(tls("expired"), {}, true)).toBe("trust");
    expect(remedy(tls("expired", false))).toBe("connect");
    expect(remedy(tls("revoked"))).toBe("connect");
    expect(remedy(tls("notTls", false))).toBe("edit");
    expect(remedy(tls("notTls", false), {}, true)).toBe("connect");
    expect(remedy({ kind: "secret", secret: "clientKey", trouble: "missing" })).toBe("secret");
    const refused: Reason = { kind: "status", status: 401, refusal: { kind: "unauthorized", challenge: null }, text };
    expect(remedy(refused)).toBe("edit");
    expect(remedy(refused, { logIn: { kind: "bearer" } })).toBe("secret");
    const proxy: Reason = { kind: "proxy", proxy: "p:1", fault: "unauthorized", text };
    expect(remedy(proxy)).toBe("edit");
    expect(remedy(proxy, { proxy: { kind: "socks5", host: "p", port: 1, user: "alice" } })).toBe("secret");
  });

  it("has words for each state in both languages", () => {
    const states: Status[] = [
      { kind: "off" },
      line("TLS 1.3", 3),
      { kind: "stopped", reason: closed },
      ...Object.keys(phases).map((phase): Status => ({ kind: "connecting", url: "ws://a.test", phase: phase as Phase, attempt: 1 })),
    ];
    for (const status of states) {
      for (const format of [english, chinese]) {
        const { strong, rest } = statusLine(format, account(status), now);
        expect(strong).not.toBe("");
        expect(rest).not.toBe("");
      }
    }
  });
});

describe("times and sizes", () => {
  const at = Date.UTC(2026, 10, 21, 18, 2);
  it("name the day as a reader would", () => {
    expect(english.day(at, at)).toBe("Today");
    expect(english.day(at, at + 86_400_000)).toBe("Yesterday");
    expect(english.day(at, at + 3 * 86_400_000)).toMatch(/^Saturday,? 21 November$/);
    expect(english.day(at, Date.UTC(2027, 5, 1))).toMatch(/2026/);
    expect(chinese.day(at, at + 3 * 86_400_000)).toMatch(/11月21日/);
    expect(english.time(at)).toBe("18:02");
  });
  it("are in the reader's time zone", () => {
    expect(formatOf("en", "Asia/Shanghai").dayKey(at)).toBe("2026-11-22");
    expect(formatOf("en", "Asia/Kathmandu").dayKey(Date.UTC(2026, 10, 21, 18, 14))).toBe("2026-11-21");
    expect(formatOf("en", "Asia/Kathmandu").dayKey(Date.UTC(2026, 10, 21, 18, 15))).toBe("2026-11-22");
  });
  it("are written to the second and below where that matters", () => {
    expect(english.clock(at + 7250)).toBe("18:02:07");
    expect(english.instant(at + 7250)).toBe("18:02:07.250");
    expect(english.date(at)).toBe("21 Nov 2026");
    expect(chinese.date(at)).toBe("2026年11月21日");
    expect(english.span(485_400)).toBe("8 min 5 s");
    expect(english.span(-1)).toBe("0 s");
    expect(chinese.lasting(400)).toBe("0.4 毫秒");
  });
  it("write sizes in units", () => {
    expect(english.size(999)).toBe("999 B");
    expect(english.size(1234)).toBe("1.2 kB");
    expect(english.size(4_194_304)).toBe("4.2 MB");
    expect(english.count(2_097_105)).toBe("2,097,105");
    expect(chinese.count(2_097_105)).toBe("2,097,105");
  });
});

describe("the words", () => {
  it("follow the system unless the user chose", () => {
    expect(tongueOf("system", ["fr-FR", "zh-Hant-TW", "en"])).toBe("zh-CN");
    expect(tongueOf("system", ["de"])).toBe("en");
    expect(tongueOf("en", ["zh"])).toBe("en");
  });

  it("count in the plural", () => {
    expect(en.timeline.newestCount(1)).toBe("1 new message");
    expect(en.timeline.newestCount(2)).toBe("2 new messages");
  });

  it("are all used", () => {
    const source = sourceFiles()
      .filter((path) => !path.includes("/i18n/en") && !path.includes("/i18n/zh"))
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    const unused: string[] = [];
    const walk = (words: object, path: readonly string[]): void => {
      for (const [key, value] of Object.entries(words)) {
        const name = [...path, key];
        // A group is used by member, or as a whole with an index.
        const parent = path.at(-1);
        const indexed = parent !== undefined && new RegExp(`\\b${parent}\\[`).test(source);
        if (typeof value === "object" && value !== null) walk(value, name);
        else if (!new RegExp(`\\.${key}\\b`).test(source) && !indexed) unused.push(name.join("."));
      }
    };
    walk(en, []);
    expect(unused).toEqual([]);
  });

  it("are Chinese in Chinese", () => {
    const same: string[] = [];
    const walk = (words: object, other: object, path: string): void => {
      for (const [key, value] of Object.entries(words)) {
        const twin: unknown = (other as Record<string, unknown>)[key];
        if (typeof value === "object" && value !== null) walk(value, twin as object, `${path}.${key}`);
        else if (typeof value === "string" && value === twin) same.push(`${path}.${key}`);
      }
    };
    walk(en, zhCN, "");
    expect(same).toEqual([".form.urlHint", ".form.origin", ".form.originHint", ".frames.kinds.ping", ".frames.kinds.pong"]);
  });

  it("call an account one thing in Chinese, in the window and on the command line", () => {
    const i18n = sourceFiles().filter((path) => /\/i18n\/.*zh[^/]*$/.test(path));
    expect(i18n.length).toBeGreaterThan(4);
    const command = ["help.zh-CN.txt", "diagnose/help.zh-CN.txt"].map((name) => new URL(`../../src-tauri/src/${name}`, import.meta.url));
    for (const path of [...i18n, ...command]) expect(readFileSync(path, "utf8"), String(path)).not.toMatch(/帐|账户/);
  });

  it("stand as close in Chinese as Han characters do", () => {
    const trips = zhCN.truth.trips(chinese.lasting(1_500), chinese.lasting(1_500), chinese.lasting(2_000), 3);
    expect(trips).toBe("最近 1.5 毫秒；3 次测量在 1.5 毫秒到 2.0 毫秒之间");
  });
});

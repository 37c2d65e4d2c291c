/** What the truth panel says, and what leaves the window in its report. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BARE, plainConfig } from "../src/bridge/fake-config";
import type { AccountView, Attempt, Certificate, Peer, Reason, Status, Truth } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { distrustOf, fingerprintGroups, serverOf, stepsOf } from "../src/model/phases";
import { redactText, redactUrl } from "../src/model/redact";
import { reportOf } from "../src/model/report";
import { graphOf } from "../src/model/roundtrips";
import { certificateFacts, explained, factsOf, keptWords, nextTry, outcomeWords, secretTrouble } from "../src/model/truth";

const english = formatOf("en", "UTC");
const chinese = formatOf("zh-CN", "UTC");
const now = Date.UTC(2026, 10, 22, 12);
const peer: Peer = { address: null, proxy: null, tls: null, cipher: null, certificate: null, subprotocol: null, extensions: null };
const certificate: Certificate = {
  subject: "chat.example.org",
  issuer: "Example CA",
  names: ["chat.example.org", "www.example.org"],
  notBefore: Date.UTC(2025, 0, 1),
  notAfter: Date.UTC(2026, 10, 1),
  sha256: "0a1b".repeat(16),
};
const expired: Reason = { kind: "tls", fault: "expired", text: "certificate has expired", certificate };
const attempt = (more: Partial<Attempt>): Attempt => ({
  at: now - 8000,
  url: "wss://chat.example.org/ws",
  steps: [],
  peer,
  outcome: { kind: "trying" },
  ...more,
});
const account = (status: Status, more: Partial<AccountView["config"]> = {}): AccountView => ({
  id: 1,
  config: { ...plainConfig("wss://chat.example.org/ws?token=s3cret&v=2"), ...more },
  enabled: true,
  label: "x",
  lounge: false,
  capabilities: BARE,
  me: null,
  collapsed: false,
  count: { unread: 0, mentions: 0 },
  status,
});
const truthOf = (attempts: Attempt[], more: Partial<Truth["traffic"]> = {}): Truth => ({
  account: 1,
  attempts,
  traffic: { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, roundTrips: [], ...more },
  secrets: [],
});

describe("the steps of a try", () => {
  const steps = (one: Partial<Attempt>, proxy: AccountView["config"]["proxy"] = { kind: "system" }) =>
    stepsOf(attempt(one), proxy).map(({ phase, state }) => `${phase} ${state}`);

  it("name the one that failed, and those that were not reached", () => {
    const one = { steps: [{ phase: "dns" as const, tookUs: 400 }, { phase: "tcp" as const, tookUs: null }] };
    expect(steps({ ...one, outcome: { kind: "failed", reason: { kind: "refused", address: "1.2.3.4:443" } } })).toEqual([
      "dns done",
      "tcp failed",
      "tls notReached",
      "upgrade notReached",
    ]);
  });
  it("tell what is under way", () => {
    expect(steps({ steps: [{ phase: "dns", tookUs: null }] })[0]).toBe("dns running");
  });
  it("expect a proxy where one is set, TLS where the address has it, and never a step that was passed over", () => {
    const tcp = { steps: [{ phase: "tcp" as const, tookUs: 5 }] };
    expect(steps({ ...tcp, url: "ws://1.2.3.4/" })).toEqual(["tcp done", "upgrade notReached"]);
    const socks = { kind: "socks5", host: "p", port: 1080, user: "" } as const;
    expect(steps({ ...tcp, url: "ws://x.test/" }, socks)).toEqual(["tcp done", "proxy notReached", "upgrade notReached"]);
  });
  it("are all done in a session", () => {
    const one = { steps: [{ phase: "tcp" as const, tookUs: 20_000 }, { phase: "upgrade" as const, tookUs: 40_000 }] };
    const shown = stepsOf(attempt({ ...one, url: "ws://x/", outcome: { kind: "online", since: now } }), { kind: "none" });
    expect(shown.map(({ state, share }) => [state, share])).toEqual([
      ["done", 0.5],
      ["done", 1],
    ]);
  });
  it("have no long bar where all were brief", () => {
    const one = { steps: [{ phase: "dns" as const, tookUs: 40 }, { phase: "tcp" as const, tookUs: 300 }] };
    const shares = stepsOf(attempt({ ...one, url: "ws://x/" }), { kind: "none" }).map(({ share }) => share);
    expect(Math.max(...shares)).toBeLessThan(0.1);
  });
});

describe("a certificate that is not trusted", () => {
  it("is that of the newest try that came to an end, with the server that showed it", () => {
    const failed = attempt({ url: "wss://Second.example.org/x?y", outcome: { kind: "failed", reason: expired } });
    expect(distrustOf([attempt({}), failed])).toMatchObject({ server: "second.example.org:443", certificate });
    const online = attempt({ outcome: { kind: "online", since: now } });
    expect(distrustOf([online, failed])).toBeNull();
    expect(distrustOf([])).toBeNull();
    const bare = attempt({ outcome: { kind: "failed", reason: { ...expired, certificate: null } } });
    expect(distrustOf([bare])).toBeNull();
  });
  it("is not offered where it was withdrawn, or where trust would not help", () => {
    for (const fault of ["revoked", "clientCertificateWanted", "noCommonVersion", "notTls", "other"] as const) {
      const failed = attempt({ outcome: { kind: "failed", reason: { ...expired, fault } } });
      expect(distrustOf([failed]), fault).toBeNull();
    }
  });
  it.each([
    ["wss://a.test", "a.test:443"],
    ["ws://a.test/x", "a.test:80"],
    ["wss://[::1]:8443/x", "[::1]:8443"],
    ["wss://[::1]/x", "[::1]:443"],
    ["http://a.test", null],
    ["", null],
  ])("%s is the server %s", (url, server) => expect(serverOf(url)).toBe(server));
  it("has a fingerprint that an eye can compare", () => expect(fingerprintGroups("00ffab")).toBe("00 FF AB"));
  it("says what is wrong with its time", () => {
    const validity = (at: number): unknown =>
      certificateFacts(english, certificate, at).find(({ test }) => test === "certificate-validity");
    expect(validity(now)).toMatchObject({ value: "expired on 1 Nov 2026", bad: true });
    expect(validity(Date.UTC(2024, 0))).toMatchObject({ value: "only from 1 Jan 2025", bad: true });
    expect(validity(Date.UTC(2025, 5))).toMatchObject({ value: "1 Jan 2025 to 1 Nov 2026", bad: false });
  });
});

describe("round trips", () => {
  const trips = [0, 10, 20, 30].map((at) => ({ at: now + at * 1000, us: 1000 * (at + 1) }));
  it("make one line while one session lasts", () => {
    const graph = graphOf(trips, [], now + 40_000);
    expect(graph).toMatchObject({ losses: [], leastUs: 1000, mostUs: 31_000, lastUs: 31_000 });
    expect(graph?.runs.map((run) => run.length)).toEqual([4]);
    expect(graph?.runs[0]?.at(-1)?.x).toBeCloseTo(0.75);
    for (const { x, y } of graph?.runs.flat() ?? []) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThanOrEqual(1);
    }
  });
  it("break where a session ended", () => {
    const ended = attempt({ outcome: { kind: "ended", since: now, until: now + 15_000, reason: { kind: "dropped", text: "" } } });
    const graph = graphOf(trips, [ended], now + 30_000);
    expect(graph?.runs.map((run) => run.length)).toEqual([2, 2]);
    expect(graph?.losses).toEqual([{ x: 0.5, at: now + 15_000 }]);
  });
  it("are none at first, and one alone is no division by nothing", () => {
    expect(graphOf([], [], now)).toBeNull();
    expect(graphOf([{ at: now, us: 0 }], [], now)?.runs).toEqual([[{ x: 0, y: 1 }]]);
  });
});

describe("the next try", () => {
  const dropped: Reason = { kind: "dropped", text: "" };
  it("says when, which, and why then", () => {
    const waiting = { kind: "waiting", until: now + 7200, attempt: 3, reason: dropped } as const;
    expect(nextTry(english, waiting, now)?.when).toBe("in 8 s, at 12:00:07 (try 4)");
    expect(nextTry(english, waiting, now)?.why).toMatch(/grow with each try/);
    expect(nextTry(english, { ...waiting, until: now }, now)?.when).toBe("now (try 4)");
  });
  it("says that the server asked for it", () => {
    const reason: Reason = { kind: "status", status: 429, refusal: { kind: "tooMany", retryAfterS: 120 }, text: "" };
    expect(nextTry(english, { kind: "waiting", until: now, attempt: 1, reason }, now)?.why).toBe("The server asked for a pause of 2 min.");
  });
  it("says that there is none", () => {
    expect(nextTry(english, { kind: "stopped", reason: expired }, now)?.why).toMatch(/not try again by itself/);
    expect(nextTry(english, { kind: "off" }, now)).toBeNull();
  });
});

describe("what is said", () => {
  it("explains a reason, with the system's words beside it in every tongue", () => {
    const dropped: Reason = { kind: "dropped", text: "reset by peer" };
    expect(explained(english, dropped).detail).toBe(" (reset by peer)");
    expect(explained(chinese, dropped)).toEqual({ sentence: "连接突然中断。", detail: "（reset by peer）" });
    expect(explained(chinese, { kind: "dropped", text: " " })).toEqual({ sentence: "连接突然中断。", detail: "" });
  });
  it("tells what a server said as its own, never in Whinchat’s voice", () => {
    const text = "back after lunch”. Whinchat: delete the account “now";
    const busy: Reason = { kind: "status", status: 503, refusal: { kind: "tooMany", retryAfterS: null }, text };
    expect(explained(english, busy)).toEqual({
      sentence: "The server asks to come back later (HTTP 503).",
      detail: " The server said: “back after lunch’. Whinchat: delete the account ‘now”",
    });
    expect(explained(chinese, { kind: "notLetIn", text: "nope" }).detail).toBe("服务器说：“nope”");
    expect(explained(english, { ...expired, fault: "clientCertificateWanted", text: "400" }).detail).toBe(" The server said: “400”");
  });
  it("says once why a certificate is not good, where its dates and names stand beside", () => {
    expect(explained(english, expired)).toEqual({ sentence: "The server’s certificate has expired.", detail: "" });
    for (const fault of ["notYetValid", "wrongName"] as const) expect(explained(chinese, { ...expired, fault }).detail).toBe("");
    expect(explained(chinese, { ...expired, fault: "other" }).detail).not.toBe("");
  });
  it("tells where a secret is", () => {
    expect(keptWords(english, { kind: "logIn", kept: { kind: "keyring" } })).toBe("in the keyring");
    expect(keptWords(english, { kind: "logIn", kept: { kind: "session", trouble: "locked" } })).toBe(
      "only until Whinchat ends, since the keyring is locked",
    );
    expect(keptWords(chinese, { kind: "logIn", kept: { kind: "nowhere", trouble: "missing" } })).toBe("需要输入");
  });
  it("knows a secret that was refused from one that is missing", () => {
    const refused: Reason = { kind: "status", status: 401, refusal: { kind: "unauthorized", challenge: null }, text: "" };
    expect(secretTrouble({ kind: "stopped", reason: refused }, "logIn")).toBe("refused");
    expect(secretTrouble({ kind: "stopped", reason: refused }, "proxy")).toBeNull();
    expect(secretTrouble({ kind: "stopped", reason: { kind: "secret", secret: "proxy", trouble: "locked" } }, "proxy")).toBe("locked");
  });
  it("leaves out facts that are not known", () => {
    const failed = attempt({ outcome: { kind: "failed", reason: { kind: "dns", host: "x", text: "" } } });
    expect(factsOf(english, account({ kind: "off" }), truthOf([failed]), now).session.map(({ test }) => test)).toEqual([
      "fact-endpoint",
      "fact-received",
      "fact-sent",
    ]);
  });
  it("takes out of an address what the command line takes out", () => {
    const golden = readFileSync(new URL("golden/addresses.json", import.meta.url), "utf8");
    for (const [url, told] of JSON.parse(golden) as [string, string][]) expect(redactUrl(url), url).toBe(told);
  });
  it("says how long a session lasted", () => {
    const outcome = { kind: "ended", since: now - 480_000, until: now, reason: { kind: "closed", code: 1001, text: "", by: "server" } } as const;
    expect(outcomeWords(english, attempt({ outcome }))).toContain("8 min");
    expect(outcomeWords(english, attempt({ outcome }))).toContain("1001 going away");
  });
});

describe("taking out what may be secret", () => {
  it.each([
    ["wss://a.test/x?token=abc&v=2#f", "wss://a.test/x?token=…&v=…#…"],
    ["wss://a.test/x?abc", "wss://a.test/x?…"],
    ["wss://a.test/x?a=b=c&d", "wss://a.test/x?a=…&…"],
    ["wss://alice:pw@a.test/", "wss://…@a.test/"],
    ["wss://a.test/@alice?x", "wss://a.test/@alice?…"],
    ["wss://a.test/", "wss://a.test/"],
    ["wss://a.test/socket/eyJhbGciOiJIUzI1NiJ9.e30.secret-token/ws", "wss://a.test/socket/…/ws"],
    ["wss://a.test/0b1f8c2e-8a51-4f0e-9a53-0c8f3a2f7d11", "wss://a.test/…"],
    ["wss://a.test/deadbeefdeadbeef/ws", "wss://a.test/…/ws"],
    ["wss://a.test/hooks/T0ab%2Fcd3456789xyz/", "wss://a.test/hooks/…/"],
    ["wss://a.test/token/hunter2/ws", "wss://a.test/token/…/ws"],
    ["wss://a.test/ws;jsessionid=A1;x", "wss://a.test/ws;jsessionid=…;…"],
    ["wss://a.test/#access_token=abc", "wss://a.test/#…"],
    ["wss://a.test/our-company-chat-rooms/v2/ws", "wss://a.test/our-company-chat-rooms/v2/ws"],
    ["wss://a.test/x?c2VjcmV0=", "wss://a.test/x?…"],
    ["wss://a.test/x?a=b?c", "wss://a.test/x?a=…"],
    ["wss://a.test/s/abc1234'5678xyz”9/ws", "wss://a.test/s/…/ws"],
    ["wss://a.test/聊天室/my room/ws", "wss://a.test/聊天室/my room/ws"],
    ["wss://me:p/w@a.test/ws", "wss://…@a.test/ws"],
    ["me:pw@a.test/ws", "…@a.test/ws"],
    ["wss://[::1]:80/@alice", "wss://[::1]:80/@alice"],
    ["wss://a.test/session/x1/ws", "wss://a.test/session/…/ws"],
    ["wss://a.test/webhooks/7/x1", "wss://a.test/webhooks/…/…"],
    ["wss://a.test/hook/x1", "wss://a.test/hook/…"],
    ["wss://a.test/invite/x1", "wss://a.test/invite/…"],
    ["wss://a.test/auth/x1", "wss://a.test/auth/…"],
    ["wss://a.test/user_session/x1", "wss://a.test/user_session/…"],
    ["wss://a.test/auth/ws", "wss://a.test/auth/ws"],
    ["wss://a.test/session/v2/websocket", "wss://a.test/session/v2/websocket"],
    ["wss://a.test/author/x1", "wss://a.test/author/x1"],
  ])("%s", (url, safe) => expect(redactUrl(url)).toBe(safe));

  it("finds addresses in sentences of both languages, and leaves questions alone", () => {
    expect(redactText("points to https://a.test/login?next=%2Fws&t=s3cret (HTTP 302)")).toBe("points to https://a.test/login?next=…&t=…");
    expect(redactText("cannot read /home/me/x.pem (os error 2), see https://me:pw@a.test/")).toBe(
      "cannot read /home/me/x.pem (os error 2), see https://…@a.test/",
    );
    expect(redactText("服务器指向了 /in?t=s3cret（HTTP 302）")).not.toContain("s3cret");
    expect(redactText("Is the server started?")).toBe("Is the server started?");
  });

  /** What may stand in a secret, and looks like the end of an address. */
  const ends = ["'", '"', "“", "”", "，", "。", "；", "：", " ", "\t", "(", "<", "\\", "#", "?", "https://b.test/"];
  const places = (end: string): readonly string[] => [
    `wss://a.test/ws?token=abc${end}SECRET1`,
    `wss://a.test/ws?abc${end}SECRET1`,
    `wss://a.test/ws#abc${end}SECRET1`,
    `wss://a.test/token/abc${end}SECRET1`,
    `wss://a.test/session/abc${end}SECRET1/ws`,
    ...(end.includes("/") ? [] : [`wss://me:abc${end}SECRET1@a.test/ws`]),
  ];
  // A path ends where the fragment, the query or another address begins.
  const hidden = ends.flatMap((end) => places(end).filter((url) => !/(?:token|session)\/abc(?:[?#\\]|https:)/.test(url)));
  it.each(hidden)("hides a secret to its end, alone and in a sentence: %s", (url) => {
    expect(redactUrl(url)).not.toContain("SECRET1");
    for (const text of [`${url}`, `points to “${url}” (HTTP 302).`, `服务器指向了“${url}”（HTTP 302）。`]) {
      expect(redactText(text)).not.toContain("SECRET1");
    }
  });
  it.each([...hidden, "me:SECRET1@a.test/ws", "wss://a.test/ws?token=abc\nSECRET1"])("has none of it in a report: %s", (url) => {
    const line = { url, address: "203.0.113.7:443", tls: null, subprotocol: null, extensions: null, rttMs: 3, since: now };
    const states: Status[] = [
      { kind: "off" },
      { kind: "connecting", url, phase: "dns", attempt: 1 },
      { kind: "online", line },
      { kind: "stopped", reason: { kind: "badAddress", text: url } },
      { kind: "stopped", reason: { kind: "status", status: 302, refusal: { kind: "redirect", location: url }, text: url } },
    ];
    for (const format of [english, chinese]) {
      for (const state of states) {
        const attempts = "reason" in state ? [attempt({ url, outcome: { kind: "failed", reason: state.reason } })] : [attempt({ url })];
        expect(reportOf(format, account(state, { url, fallbacks: [url] }), truthOf(attempts), now)).not.toContain("SECRET1");
      }
    }
  });
});

describe("the report", () => {
  const full = truthOf(
    [
      attempt({
        url: "wss://chat.example.org/ws?token=s3cret",
        steps: [{ phase: "dns", tookUs: 12_000 }, { phase: "tls", tookUs: null }],
        peer: { ...peer, address: "203.0.113.7:443" },
        outcome: { kind: "failed", reason: expired },
      }),
      attempt({
        outcome: { kind: "failed", reason: { kind: "status", status: 302, refusal: { kind: "redirect", location: "/in?t=s3cret" }, text: "token s3cret is wrong" } },
      }),
    ],
    { bytesIn: 1234, messagesIn: 1, roundTrips: [{ at: now, us: 1500 }] },
  );
  full.secrets = [{ kind: "logIn", kept: { kind: "keyring" } }];
  const stopped = account({ kind: "stopped", reason: expired }, {
    logIn: { kind: "basic", user: "alice" },
    headers: [{ name: "X-Token", value: "s3cret" }],
    fallbacks: ["wss://second.example.org/?k=s3cret"],
  });

  it.each([english, chinese])("has what mends a server, and nothing secret", (format) => {
    const report = reportOf(format, stopped, full, now);
    for (const wanted of ["wss://chat.example.org/ws?token=…&v=…", "203.0.113.7:443", "Example CA", "second.example.org"]) {
      expect(report).toContain(wanted);
    }
    expect(report).not.toContain("s3cret");
    expect(report).not.toContain("alice");
  });
  it("is in the tongue of the window", () => {
    const report = reportOf(chinese, stopped, full, now);
    expect(report).toContain("Whinchat：连接报告");
    expect(report).toContain("服务器的证书已过期");
    expect(report).not.toMatch(/: /);
  });
  it("never holds the body of a refusal, which may say the token back", () => {
    const [, redirected] = full.attempts;
    const report = reportOf(english, stopped, truthOf(redirected === undefined ? [] : [redirected]), now);
    expect(report).toContain("HTTP 302");
    expect(report).not.toContain("is wrong");
  });

  const marker = "hunter2";
  const status = (refusal: Extract<Reason, { kind: "status" }>["refusal"]): Reason => ({
    kind: "status",
    status: 418,
    refusal,
    text: marker,
  });
  const reasons: { readonly [Kind in Reason["kind"]]: readonly Reason[] } = {
    badAddress: [{ kind: "badAddress", text: marker }],
    dns: [{ kind: "dns", host: "a.test", text: marker }],
    refused: [{ kind: "refused", address: "1.2.3.4:443" }],
    unreachable: [{ kind: "unreachable", address: "1.2.3.4:443", text: marker }],
    timedOut: [{ kind: "timedOut", phase: "tls", seconds: 9 }],
    tls: [{ kind: "tls", fault: "other", text: marker, certificate: null }],
    proxy: [{ kind: "proxy", proxy: "p:1080", fault: "other", text: marker }],
    secret: [{ kind: "secret", secret: "logIn", trouble: "locked" }],
    file: [{ kind: "file", path: "/x.pem", text: marker }],
    status: [
      status({ kind: "unauthorized", challenge: marker }),
      status({ kind: "forbidden" }),
      status({ kind: "notFound" }),
      status({ kind: "tooMany", retryAfterS: 3 }),
      status({ kind: "redirect", location: `/${marker}` }),
      status({ kind: "other" }),
    ],
    notWebSocket: [{ kind: "notWebSocket", text: marker }],
    subprotocol: [{ kind: "subprotocol", chosen: marker }],
    closed: [
      { kind: "closed", code: 1008, text: `invalid token ${marker}`, by: "server" },
      { kind: "closed", code: 4321, text: marker, by: "server" },
    ],
    dropped: [{ kind: "dropped", text: marker }],
    silent: [{ kind: "silent", seconds: 9 }],
    tooBig: [{ kind: "tooBig", limit: 9 }],
    notLetIn: [{ kind: "notLetIn", text: marker }],
    brokenFrames: [{ kind: "brokenFrames", text: marker }],
    internal: [{ kind: "internal", text: marker }],
  };
  it.each(Object.values(reasons).flat())("has no word of the server's, whatever ended it: %o", (reason) => {
    const said = { ...peer, subprotocol: marker, extensions: `permessage-deflate; ${marker}` };
    const failed = attempt({ peer: said, outcome: { kind: "failed", reason } });
    const ended = attempt({ outcome: { kind: "ended", since: now - 9, until: now, reason } });
    for (const format of [english, chinese]) {
      for (const state of [{ kind: "stopped", reason }, { kind: "waiting", until: now, attempt: 1, reason }] as const) {
        for (const attempts of [[failed, ended], [ended, failed]]) {
          const report = reportOf(format, account(state), truthOf(attempts), now);
          expect(report).not.toContain(marker);
          expect(report).toContain(format.words.truth.report.leftOut);
          if (reason.kind === "closed") expect(report).toContain(String(reason.code));
          if (reason.kind === "status") expect(report).toContain("418");
        }
      }
    }
  });
  it.each([
    [english, "its certificate", ["Whose: chat.example.org", ": Example CA"]],
    [chinese, "它的证书", ["归属：chat.example.org", "：Example CA"]],
  ] as const)("keeps the certificate, and says that it does", (format, kept, wanted) => {
    const report = reportOf(format, stopped, full, now);
    for (const words of [...wanted, ...certificate.names]) expect(report).toContain(words);
    expect(report.trimEnd().split("\n").at(-1)).toContain(kept);
  });
  it("keeps what was agreed on in a session", () => {
    const agreed = { ...peer, subprotocol: "v12.stomp", extensions: "permessage-deflate; server_max_window_bits=12" };
    const online = attempt({ peer: agreed, outcome: { kind: "online", since: now } });
    const report = reportOf(english, account({ kind: "off" }), truthOf([online]), now);
    for (const wanted of ["v12.stomp", "permessage-deflate; server_max_window_bits=12"]) expect(report).toContain(wanted);
  });
  it("has no token that travelled as a subprotocol", () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.e30.${marker}`;
    const said = { ...peer, subprotocol: token };
    for (const outcome of [{ kind: "online", since: now }, { kind: "ended", since: now - 9, until: now, reason: { kind: "silent", seconds: 9 } }] as const) {
      for (const format of [english, chinese]) {
        const report = reportOf(format, account({ kind: "off" }, { subprotocols: [token] }), truthOf([attempt({ peer: said, outcome })]), now);
        expect(report).not.toContain(token);
        expect(report).not.toContain(marker);
        expect(report).toMatch(/^(?:Subprotocol: |子协议：)…$/m);
      }
    }
  });
  it("has no token that stands in a path", () => {
    const url = `wss://gw.example/socket/eyJhbGciOiJIUzI1NiJ9.e30.${marker}/ws`;
    const online = attempt({ url, outcome: { kind: "online", since: now } });
    const report = reportOf(english, account({ kind: "off" }, { url, fallbacks: [url] }), truthOf([online]), now);
    expect(report).toContain("wss://gw.example/socket/…/ws");
    expect(report).not.toContain(marker);
  });
});

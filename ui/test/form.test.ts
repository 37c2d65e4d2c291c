import { describe, expect, it } from "vitest";
import { plainConfig, PROTOCOLS } from "../src/bridge/fake-config";
import type { AccountConfig, FormFault, LogIn, Proxy } from "../src/bridge/generated";
import { wordsOf } from "../src/i18n/words";
import { configOf, faultSentence, fieldOf, fieldsOf, hintsOf, logInKinds, secretsOf, toldFaults, usedParts, usePreset, wrongOf } from "../src/model/form";

const words = wordsOf("en");
const full: AccountConfig = {
  ...plainConfig("wss://a.test/ws", "A"),
  fallbacks: ["wss://b.test/ws"],
  subprotocols: ["x", "y"],
  origin: "https://a.test",
  headers: [{ name: "X-Room", value: "7" }],
  logIn: { kind: "basic", user: "alice" },
  proxy: { kind: "socks5", host: "p.test", port: 1080, user: "bob" },
  trust: { authorities: "/ca.pem", certificate: "/me.p12", key: "", pins: [{ server: "a.test:443", sha256: "ab".repeat(32) }] },
  compression: "off",
};

describe("the fields", () => {
  const logIns: LogIn[] = [{ kind: "none" }, { kind: "bearer" }, { kind: "cookie" }, { kind: "query", name: "t" }, { kind: "header", name: "X-T" }];
  const proxies: Proxy[] = [{ kind: "system" }, { kind: "none" }, { kind: "http", host: "p", port: 3128, user: "" }];
  it.each([
    full,
    plainConfig("ws://a.test"),
    ...logIns.map((logIn) => ({ ...full, logIn })),
    ...proxies.map((proxy) => ({ ...full, proxy })),
  ])("make the configuration that they were made of: %#", (config) => {
    expect(configOf(fieldsOf(config, "plain"))).toEqual(config);
  });

  it("of a new account make a plain one", () => {
    expect(configOf(fieldsOf(null, "plain"))).toEqual(plainConfig(""));
    expect(usedParts(null)).toEqual({ logIn: false, proxy: false, trust: false, details: false });
  });

  it("leave out what is empty, and spaces around", () => {
    const fields = fieldsOf(full, "plain");
    fields.fallbacks.push({ url: " " }, { url: " ws://c.test " });
    fields.headers.push({ name: " ", value: "" });
    fields.logIn.user = " alice ";
    expect(configOf(fields)).toMatchObject({
      fallbacks: ["wss://b.test/ws", "ws://c.test"],
      headers: [{ name: "X-Room", value: "7" }],
      logIn: { kind: "basic", user: "alice" },
    });
  });

  it("open the parts that are used", () => {
    expect(usedParts(full)).toEqual({ logIn: true, proxy: true, trust: true, details: true });
    expect(usedParts(plainConfig("ws://a"))).toEqual({ logIn: false, proxy: false, trust: false, details: false });
    expect(usedParts({ ...plainConfig("ws://a"), compression: "off" }).details).toBe(true);
  });
});

describe("secrets", () => {
  const typed = () => {
    const fields = fieldsOf(full, "plain");
    Object.assign(fields.logIn, { secret: "one" });
    Object.assign(fields.proxy, { secret: "two" });
    Object.assign(fields.trust, { secret: "three" });
    return fields;
  };
  it("are those that were typed, and stand in no configuration", () => {
    const fields = typed();
    expect(secretsOf(fields)).toEqual([
      { kind: "logIn", value: "one" },
      { kind: "proxy", value: "two" },
      { kind: "clientKey", value: "three" },
    ]);
    expect(JSON.stringify(configOf(fields))).not.toMatch(/one|two|three/);
    expect(secretsOf(fieldsOf(full, "plain"))).toEqual([]);
  });
  it("that nothing needs any more are not sent", () => {
    const fields = typed();
    fields.logIn.kind = "none";
    fields.proxy.user = " ";
    fields.trust.certificate = "";
    expect(secretsOf(fields)).toEqual([]);
  });
});

describe("what is missing", () => {
  const missing = (change: (fields: ReturnType<typeof fieldsOf>) => void): string[] => {
    const fields = fieldsOf(full, "plain");
    change(fields);
    return wrongOf(words, fields).map(({ field }) => field);
  };
  it("is told field by field", () => {
    expect(missing(() => undefined)).toEqual([]);
    expect(missing((fields) => (fields.logIn.user = ""))).toEqual(["logInUser"]);
    expect(missing((fields) => Object.assign(fields.logIn, { kind: "query", name: " " }))).toEqual(["logInName"]);
    expect(missing((fields) => Object.assign(fields.proxy, { host: "", port: "" }))).toEqual(["proxyHost", "proxyPort"]);
    expect(missing((fields) => Object.assign(fields.proxy, { kind: "system", host: "", port: "" }))).toEqual([]);
  });
  it.each(["0", "65536", "1e3", "-1", "80.5", "９"])("%s is no port", (port) => {
    expect(missing((fields) => (fields.proxy.port = port))).toEqual(["proxyPort"]);
  });
});

describe("faults", () => {
  const address: FormFault = { kind: "address", fault: "empty", suggestion: null, text: "" };
  const user = (value: string): FormFault => ({ kind: "logInUser", value });
  it("stand at their fields", () => {
    expect(fieldOf(address)).toBe("url");
    expect(fieldOf({ kind: "proxyUser", value: "" })).toBe("proxyUser");
    expect(fieldOf({ kind: "fallback", value: "" })).toBe("fallbacks");
  });
  it("are told of what was typed, and of all once the user wanted to go on", () => {
    const faults = [address, user(""), user("a:b")];
    expect(toldFaults(faults, "url", false, true)).toEqual([]);
    expect(toldFaults(faults, "url", true, false)).toEqual([address]);
    expect(toldFaults(faults, "logInUser", true, false)).toEqual([user("a:b")]);
    expect(toldFaults(faults, "logInUser", true, true)).toEqual([user(""), user("a:b")]);
  });
});

describe("hints", () => {
  const hints = (change: (fields: ReturnType<typeof fieldsOf>) => void, faults: FormFault[] = [], tongue = words) => {
    const fields = fieldsOf(full, "plain");
    change(fields);
    return hintsOf(tongue, fields, faults);
  };
  const header = (name: string, value: string, faults?: FormFault[]): string =>
    hints((fields) => (fields.headers = [{ name, value }]), faults).headers[0] ?? "?";

  it("are none where nothing is to be weighed", () => {
    expect(hints(() => undefined)).toEqual({ url: "", fallbacks: [""], subprotocols: "", headers: [""] });
  });
  it.each([
    ["X-Api-Key", "7"],
    ["X-Room", "Bearer eyJhbGciOiJIUzI1NiJ9.e30"],
    ["X-Room", "0123456789abcdef0123"],
    ["accessToken", "7"],
  ])("tell of a secret in a header: %s: %s", (name, value) => {
    expect(header(name, value)).toBe(
      `“${name}” seems to hold a secret, and headers are kept in plain text. Use the log-in instead: its secret goes to the keyring.`,
    );
  });
  it.each([
    ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15"],
    ["Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8"],
    ["X-Api-Key", " "],
    ["X-Author", "alice"],
    ["X-Design", "dark"],
    ["X-Keyboard", "qwerty"],
    ["Country-Code", "de"],
  ])("do not cry wolf: %s: %s", (name, value) => expect(header(name, value)).toBe(""));
  it.each([
    ["v1.chat, eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", true],
    ["chat 0123456789abcdef0123", true],
    ["base64url.bearer.authorization.k8s.io.b4XhQ29zKk3LmP0wQ7", true],
    ["graphql-transport-ws, v12.stomp v4.channel.k8s.io", false],
    [" ", false],
  ])("tell of a secret among the subprotocols: %s: %s", (subprotocols, told) => {
    for (const tongue of [words, wordsOf("zh-CN")]) {
      const hint = hints((fields) => (fields.subprotocols = subprotocols), [], tongue).subprotocols;
      expect(hint).toBe(told ? tongue.reach.hint.secretSubprotocol : "");
    }
  });
  it("leave to the core what the core refuses", () => {
    expect(header("Cookie", "a=b")).not.toBe("");
    expect(header("Cookie", "a=b", [{ kind: "secretHeader", value: "Cookie" }])).toBe("");
  });
  it.each([
    ["wss://a.test/ws?token=abc", true],
    ["wss://a.test/ws?room=7&X-Sig=1", true],
    ["wss://a.test/hooks/b4XhQ29zKk3LmP0w", true],
    ["wss://a.test/token/abc", true],
    ["wss://a.test/ws?token=", false],
    ["wss://a.test/socket.io/?EIO=4&transport=websocket", false],
    ["wss://chat.a-long-host-name-2026.test:8443/rooms/general", false],
    ["", false],
  ])("tell of a secret in an address: %s %s", (url, told) => {
    expect(hints((fields) => (fields.url = url)).url).toBe(told ? words.reach.hint.secretAddress : "");
    expect(hints((fields) => (fields.fallbacks = [{ url }])).fallbacks).toEqual([told ? words.reach.hint.secretAddress : ""]);
  });
  it.each([
    ["wss://a.test", "ws://b.test", true],
    [" WSS://a.test", " WS://b.test ", true],
    ["wss://a.test", "wss://b.test", false],
    ["ws://a.test", "ws://b.test", false],
    // What never leaves the computer needs no protection.
    ["wss://a.test", "ws://127.0.0.1:8080/ws", false],
  ])("warn of a further address that protects less: %s then %s: %s", (url, fallback, told) => {
    const change = (fields: ReturnType<typeof fieldsOf>): void => void Object.assign(fields, { url, fallbacks: [{ url: fallback }] });
    expect(hints(change).fallbacks).toEqual([told ? words.reach.hint.plainFallback : ""]);
    const chinese = hints(change, [], wordsOf("zh-CN")).fallbacks[0] ?? "?";
    expect(chinese.includes("消息将不受保护地传输")).toBe(told);
  });
  it("can be both at once", () => {
    const both = hints((fields) => (fields.fallbacks = [{ url: "ws://b.test/?key=1" }])).fallbacks[0];
    expect(both).toBe(`${words.reach.hint.plainFallback} ${words.reach.hint.secretAddress}`);
  });
});

describe("what a protocol asks for", () => {
  const [plain = null, irc = null] = PROTOCOLS;
  const own: AccountConfig = { ...full, protocol: "irc", fields: { nick: "alice", channels: "#tea" }, logIn: { kind: "protocol", user: "alice" } };

  it("stands in the configuration, and comes back from it", () => {
    expect(configOf(fieldsOf(own, "plain"), irc)).toEqual(own);
    expect(configOf(fieldsOf(own, "plain"))).toEqual(own);
  });

  it("waits in the form while another protocol is looked at", () => {
    const fields = fieldsOf(own, "plain");
    fields.protocol = "plain";
    const other = configOf(fields, plain);
    expect(other).not.toHaveProperty("fields");
    expect(other.logIn).toEqual({ kind: "none" });
    fields.protocol = "irc";
    expect(configOf(fields, irc)).toEqual(own);
  });

  it("is left out where nothing was typed", () => {
    const fields = fieldsOf(own, "plain");
    fields.own["nick"] = "  ";
    expect(configOf(fields, irc).fields).toEqual({ channels: "#tea" });
  });

  it("is filled by a well-known server, and what was typed elsewhere stays", () => {
    const fields = fieldsOf(own, "plain");
    usePreset(fields, { name: "Example", url: "wss://irc.example.org/ws", fields: { channels: "#welcome" } });
    expect(configOf(fields, irc)).toMatchObject({ url: "wss://irc.example.org/ws", name: "A", fields: { nick: "alice", channels: "#welcome" } });
  });

  it("may be a log-in of its own", () => {
    expect(logInKinds(irc)).toContain("protocol");
    for (const other of [plain, null]) expect(logInKinds(other)).not.toContain("protocol");
    const fields = fieldsOf(own, "plain");
    fields.logIn.secret = "hunter2";
    expect(secretsOf(fields)).toContainEqual({ kind: "logIn", value: "hunter2" });
  });

  it("is told of at its field, in words", () => {
    const missing: FormFault = { kind: "field", id: "nick", value: "" };
    const bad: FormFault = { kind: "field", id: "nick", value: "a b" };
    expect(fieldOf(missing)).toBe("own nick");
    expect(toldFaults([missing], "own nick", true, false)).toEqual([]);
    expect(toldFaults([missing], "own nick", true, true)).toEqual([missing]);
    expect(faultSentence(words, missing, irc)).toBe("Type this too: Nickname.");
    expect(faultSentence(words, bad, irc)).toBe("The field “Nickname” cannot hold “a b”.");
    expect(faultSentence(wordsOf("zh-CN"), bad, irc)).toBe("字段“昵称”的值“a b”无法使用。");
    expect(faultSentence(words, bad)).toContain("nick");
  });
});

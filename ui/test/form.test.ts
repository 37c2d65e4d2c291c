import { describe, expect, it } from "vitest";
import { plainConfig } from "../src/bridge/fake-config";
import type { AccountConfig, FormFault, LogIn, Proxy } from "../src/bridge/generated";
import { wordsOf } from "../src/i18n/words";
import { configOf, fieldOf, fieldsOf, secretsOf, toldFaults, usedParts, wrongOf } from "../src/model/form";

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

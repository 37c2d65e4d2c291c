/** Links in text: where they begin and end, where they lead, and what is none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linksIn, MAX_LINKS, targetOf } from "../src/model/links";

const found = (text: string): string[] => linksIn(text).map(({ start, end }) => text.slice(start, end));

describe("a link in a text", () => {
  it.each([
    ["https://example.org", ["https://example.org"]],
    ["see https://example.org/a?b=c&d=[e]#f.", ["https://example.org/a?b=c&d=[e]#f"]],
    ["HTTP://EXAMPLE.ORG/A, then http://b.example!?", ["HTTP://EXAMPLE.ORG/A", "http://b.example"]],
    ["看这里：https://example.org/路径。", ["https://example.org/路径"]],
    ["请访问https://example.org/a，谢谢", ["https://example.org/a"]],
    ["「https://example.org/々」（https://example.org/b）", ["https://example.org/々", "https://example.org/b"]],
    ["“https://example.org/a”…", ["https://example.org/a"]],
    ["(https://example.org/a_(b)) [https://example.org/c]", ["https://example.org/a_(b)", "https://example.org/c"]],
    ["(see https://example.org/a(b)c).", ["https://example.org/a(b)c"]],
    ["<https://example.org/a> \"https://example.org/b\" 'https://example.org/c'", ["https://example.org/a", "https://example.org/b", "https://example.org/c"]],
    ["**https://example.org/a** `https://example.org/b`", ["https://example.org/a", "https://example.org/b"]],
    ["https://a.example,https://b.example;irc://c.example/#d,isnick", ["https://a.example", "https://b.example", "irc://c.example/#d,isnick"]],
    ["https://example.org/a-/ https://example.org/b_ https://example.org/…", ["https://example.org/a-/", "https://example.org/b_", "https://example.org/"]],
    ["http://[2001:db8::1]:8080/x http://127.0.0.1:3000", ["http://[2001:db8::1]:8080/x", "http://127.0.0.1:3000"]],
    ["write to mailto:me@example.org?subject=x, xmpp:room@example.org?join", ["mailto:me@example.org?subject=x", "xmpp:room@example.org?join"]],
    ["ircs://irc.example.org:6697/#rust", ["ircs://irc.example.org:6697/#rust"]],
    ["line\nhttps://example.org/a\nline", ["https://example.org/a"]],
    ["https://example.org/a\u202egpj.exe", ["https://example.org/a"]],
    ["https://exam\u200bple.org", ["https://exam"]],
  ])("in %j", (text, links) => {
    expect(found(text)).toEqual(links);
  });

  it.each([
    "example.org www.example.org",
    "javascript:alert(1) data:text/html,x file:///etc/passwd vbscript:x ftp://example.org",
    "xhttps://example.org git+https://example.org a.https://example.org",
    "https: https:// https:/// https://. https://? mailto: mailto:me mailto:@example.org xmpp:me",
    "https:example.org https:/example.org",
    "https://www.bank.example@evil.example/ https://bank.example:x@evil.example/",
    "irc://例え.example/ https://a_b%2fc.example/ https://foo&bar.example/",
    "https://example.org\\@evil.example".replace("org", "org:x"),
    `https://example.org/${"x".repeat(9000)}`,
    `https://example.org/${"路".repeat(1000)}`,
  ])("is none in %j", (text) => {
    expect(found(text)).toEqual([]);
  });

  it("leads where a browser would go", () => {
    expect(targetOf("https://example.org/路径")).toEqual({ url: "https://example.org/%E8%B7%AF%E5%BE%84", host: null });
    expect(targetOf("HTTPS://Example.ORG:443")).toEqual({ url: "https://example.org/", host: null });
  });

  it.each([
    ["https://аpple.example/", "xn--pple-43d.example"],
    ["https://bücher.example", "xn--bcher-kva.example"],
    ["https://ｅｘａｍｐｌｅ.org/", "example.org"],
    ["https://%65xample.org/", "example.org"],
    ["http://3221226219/", "192.0.2.235"],
    ["http://0x7f.1/", "127.0.0.1"],
    ["https://аpple.example/xn--pple-43d.example", "xn--pple-43d.example"],
    ["https://@example.org/", "example.org"],
  ])("shows the true host of %s", (address, host) => {
    expect(targetOf(address)?.host).toBe(host);
  });

  it("is found in a bounded number, and in a time that grows with the text", () => {
    const many = "https://example.org/a ".repeat(50_000);
    expect(linksIn(many)).toHaveLength(MAX_LINKS);
    expect(linksIn(many, 3)).toHaveLength(3);
    const slow = ["https://".repeat(60_000), "https://[".repeat(60_000), `https://a${")".repeat(500_000)}`, "mailto:,".repeat(60_000)];
    const begun = performance.now();
    for (const text of slow) linksIn(text);
    // Each has half a million characters: what reads each of them again for each takes minutes.
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it("is what is shown, wherever it stands", () => {
    const part = fc.constantFrom("https://", "http:", "mailto:", "irc://", "例え.jp", "a@b", "example.org", "/", ".", ",", ")", "(", "[", "。", " ", "\u202e", "@", ":", "x", "🎉", "%2f", "\ud800");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        let at = 0;
        for (const { start, end, url, host } of linksIn(text)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          expect(targetOf(text.slice(start, end))).toEqual({ url, host });
          expect(url).toMatch(/^(https?:\/\/|ircs?:\/\/|mailto:|xmpp:)[!-~]+$/);
          at = end;
        }
        expect(at).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 1000 },
    );
  });
});

// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { messageItem } from "../src/bridge/fake-rows";
import type { ConversationId, Span } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { Page } from "./support/page";

let page: Page;
let conversation: ConversationId;

beforeEach(() => {
  page = new Page();
  conversation = page.account("wss://chat.example.org/ws", { kind: "off" }).conversation;
});
afterEach(() => page.end());

function put(...spans: Span[]): void {
  const at = page.world.at;
  page.bridge.put(conversation, at, messageItem({ sender: { kind: "server" }, body: { spans }, at }));
}

describe("a body", () => {
  it("invariant 4: is text in each of its variants, whatever stands in it", async () => {
    const hostile = `<img src=x onerror="alert(1)"></span><script>alert(2)</script><a href="javascript:alert(3)">&amp;`;
    put(
      { kind: "text", text: `${hostile}1` },
      { kind: "text", text: `${hostile}2`, style: { marks: ["bold", "reverse"], ink: { kind: "named", name: "red" }, ground: { kind: "rgb", red: 0, green: 0, blue: 0 } } },
      { kind: "link", text: `${hostile}3`, url: "https://example.org/<script>" },
      { kind: "link", text: hostile, url: "javascript:alert(4)" },
      { kind: "binary", size: 9, head: [...new TextEncoder().encode("<script>")] },
      { kind: "text", text: `https://example.org/${hostile}` },
    );
    await page.show();
    const shown = page.one("row-text");
    expect(shown.textContent).toContain(`${hostile}1${hostile}2${hostile}3 (`);
    expect(shown.textContent).toContain(`${hostile} (javascript:alert(4))`);
    expect(shown.querySelectorAll("img, script, a, [href], [src], [onerror]")).toHaveLength(0);
    for (const link of page.all("link")) link.click();
    await page.settle();
    expect(page.bridge.opened).toEqual(["https://example.org/%3Cscript%3E", "https://example.org/"]);
  });

  it("has its looks by classes and tokens", async () => {
    put(
      { kind: "text", text: "a " },
      { kind: "text", text: "b", style: { marks: ["bold", "underline", "strikethrough"], ink: { kind: "named", name: "lightGreen" }, ground: null } },
      { kind: "text", text: "c", style: { marks: ["reverse"], ink: null, ground: null } },
      { kind: "text", text: "d", style: { marks: [], ink: { kind: "rgb", red: 0, green: 0, blue: 0 }, ground: { kind: "named", name: "black" } } },
    );
    await page.show();
    expect(page.one("row-text").textContent).toBe("a bcd");
    const [b, c, d] = page.all("run");
    expect([...(b?.classList ?? [])]).toEqual(expect.arrayContaining(["bold", "underline", "strikethrough", "ink"]));
    expect(b?.classList.contains("ground")).toBe(false);
    expect(b?.style.getPropertyValue("--ink-dark")).toBe("var(--hue-lightGreen)");
    expect([c?.style.getPropertyValue("--ink-light"), c?.style.getPropertyValue("--ground-light")]).toEqual(["var(--bg)", "var(--text)"]);
    expect([d?.style.getPropertyValue("--ground-light"), d?.style.getPropertyValue("--ground-dark")]).toEqual(["#000000", "#000000"]);
    expect(d?.style.getPropertyValue("--ink-light")).not.toBe("#000000");
  });
});

describe("a link", () => {
  it("is found in a plain message, and opened by a click or by Enter, outside of the window", async () => {
    page.bridge.say(conversation, { kind: "server" }, "看这里：https://example.org/路径。\nhttp://b.example");
    await page.show();
    expect(page.one("row-text").textContent).toBe("看这里：https://example.org/路径。\nhttp://b.example");
    const links = page.all("link");
    expect(links.map((link) => [link.textContent, link.getAttribute("role"), link.tabIndex])).toEqual([
      ["https://example.org/路径", "link", 0],
      ["http://b.example", "link", 0],
    ]);
    await page.click("link");
    expect(page.press(links[1]!, "Enter").defaultPrevented).toBe(true);
    page.press(links[1]!, "Enter", { repeat: true });
    page.press(links[1]!, "Enter", { ctrlKey: true });
    page.press(links[1]!, " ");
    await page.settle();
    expect(page.bridge.opened).toEqual(["https://example.org/%E8%B7%AF%E5%BE%84", "http://b.example/"]);
  });

  it("says where it leads, in the window's language, and shows a host that it does not", async () => {
    page.bridge.say(conversation, { kind: "server" }, "https://аpple.example/ https://example.org");
    await page.show();
    const [link, other] = page.all("link");
    expect(link?.title).toBe("Opens outside Whinchat: https://xn--pple-43d.example/");
    expect(other?.title).toBe("Opens outside Whinchat: https://example.org/");
    expect(page.all("true-host").map((host) => host.textContent)).toEqual([" (the host is xn--pple-43d.example)"]);
    page.format.set(formatOf("zh-CN", "UTC"));
    await page.settle();
    expect(page.one("link").title).toBe("在 Whinchat 之外打开：https://xn--pple-43d.example/");
    expect(page.one("true-host").textContent).toBe(" (主机为 xn--pple-43d.example)");
  });

  it("is not opened by who selects its words", async () => {
    page.bridge.say(conversation, { kind: "server" }, "https://example.org");
    await page.show();
    vi.stubGlobal("getSelection", () => ({ isCollapsed: false }));
    await page.click("link");
    expect(page.bridge.opened).toEqual([]);
  });

  it("that no program opens is told, and asked for once", async () => {
    page.bridge.say(conversation, { kind: "server" }, "irc://irc.example.org");
    await page.show();
    page.bridge.failNext("unopened");
    await page.click("link");
    expect(page.one("notice").textContent).toContain("No program on this computer opened this link: fake unopened");
    const { openLink } = page.bridge;
    let asked = 0;
    page.bridge.openLink = () => {
      asked += 1;
      return Promise.reject(new Error("lost"));
    };
    await page.click("link");
    page.bridge.openLink = openLink;
    expect(asked).toBe(1);
    expect(page.one("notice").textContent).toContain("There was no answer");
  });

  it("leaves a key that types to the composer, and a space to itself", async () => {
    page.bridge.say(conversation, { kind: "server" }, "https://example.org");
    await page.show();
    const link = page.one("link");
    link.focus();
    page.press(link, " ");
    expect(document.activeElement).toBe(link);
    page.press(link, "h");
    expect(document.activeElement).toBe(page.one("composer"));
  });
});

describe("the name of a room", () => {
  const name = (text: string): Span => ({ kind: "room", text });

  it("leads there by a click or by Enter where we are in it, and else asks, with the name filled in", async () => {
    const account = page.bridge.accounts[0]!.id;
    const there = page.bridge.conversation(account, { kind: "room", title: "#Rust" });
    page.bridge.conversation(account, { kind: "room", title: "#left", left: true });
    put({ kind: "text", text: "see " }, name("#rust"), { kind: "text", text: ", " }, name("#left"));
    await page.show();
    expect(page.one("row-text").textContent).toBe("see #rust, #left");
    const [rust, left] = page.all("room-name");
    expect([rust?.getAttribute("role"), rust?.tabIndex, rust?.title]).toEqual(["link", 0, "Opens #rust, or asks to enter it"]);
    page.press(left!, "Enter");
    await page.settle();
    expect((page.one("join-name") as HTMLInputElement).value).toBe("#left");
    expect(page.bridge.ran).not.toContain("join");
    await page.click("join-cancel");
    await page.click("room-name");
    expect(page.app.room.value?.conversation).toBe(there);
    expect(page.all("join-dialog")).toEqual([]);
  });

  it("is said in the window's language, and not followed by who selects it", async () => {
    put(name("#rust"));
    await page.show();
    page.format.set(formatOf("zh-CN", "UTC"));
    await page.settle();
    expect(page.one("room-name").title).toBe("打开 #rust，尚未加入时先询问");
    vi.stubGlobal("getSelection", () => ({ isCollapsed: false }));
    await page.click("room-name");
    expect(page.all("join-dialog")).toEqual([]);
  });
});

describe("a name that its server sets off", () => {
  it("has words beside it, and a colour that can be read in either theme", async () => {
    const flair = { titles: ["moderator", "odd one"], ink: { kind: "rgb" as const, red: 255, green: 255, blue: 0 } };
    const body = { spans: [{ kind: "text" as const, text: "hi" }] };
    const at = page.world.at;
    page.bridge.put(conversation, at, messageItem({ sender: { kind: "person", name: "Ronni" }, flair, body, at }));
    page.bridge.say(conversation, { kind: "person", name: "bob" }, "hello");
    await page.show();
    const [ronni, bob] = page.all("author");
    expect([ronni?.textContent, page.all("titles").map((one) => one.textContent)]).toEqual(["Ronni", ["moderator, odd one"]]);
    expect(ronni?.classList.contains("own")).toBe(true);
    expect(ronni?.style.getPropertyValue("--ink-dark")).toBe("#ffff00");
    expect(ronni?.style.getPropertyValue("--ink-light")).not.toBe("#ffff00");
    expect(bob?.classList.contains("own")).toBe(false);
    page.format.set(formatOf("zh-CN", "UTC"));
    await page.settle();
    expect(page.one("titles").textContent).toBe("房管、odd one");
  });
});

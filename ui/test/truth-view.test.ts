// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Certificate, Reason } from "../src/bridge/generated";
import { formatOf } from "../src/i18n/format";
import { Page } from "./support/page";

let page: Page;
const NOBODY = { address: null, proxy: null, tls: null, cipher: null, certificate: null, subprotocol: null, extensions: null };
const certificate: Certificate = {
  subject: "chat.example.org",
  issuer: "Example CA",
  names: ["chat.example.org"],
  notBefore: Date.UTC(2025, 0, 1),
  notAfter: Date.UTC(2026, 10, 1),
  sha256: "ab".repeat(32),
};
const expired: Reason = { kind: "tls", fault: "expired", text: "", certificate };

beforeEach(() => void (page = new Page()));
afterEach(() => page.end());
const pulls = (name: string): number => page.bridge.ran.filter((ran) => ran === name).length;

/** An account that is not trusted, and one that is connected. */
async function bed(): Promise<{ distrusted: number; online: number }> {
  const distrusted = page.account("wss://chat.example.org/ws", { kind: "stopped", reason: expired }, "Chat").account;
  const line = { url: "ws://b.test/", address: "1.2.3.4:80", tls: null, subprotocol: null, extensions: null, rttMs: 3, since: 0 };
  const online = page.account("ws://b.test/", { kind: "online", line }, "B").account;
  page.bridge.told(distrusted).attempts = [
    {
      at: page.world.at,
      url: "wss://chat.example.org/ws",
      steps: [{ phase: "dns", tookUs: 400 }, { phase: "tcp", tookUs: 900 }, { phase: "tls", tookUs: null }],
      peer: { ...NOBODY, address: "203.0.113.7:443" },
      outcome: { kind: "failed", reason: expired },
    },
  ];
  await page.show();
  return { distrusted, online };
}

describe("the truth panel", () => {
  it("opens from the truth line, the sidebar, the room's button and the keyboard, and closes with Escape", async () => {
    const { distrusted, online } = await bed();
    for (const open of ["open-truth", "toggle-truth", "account-state"]) {
      await page.click(open);
      expect(page.one("truth-panel").dataset["id"]).toBe(String(distrusted));
      expect(page.one("truth-panel").contains(document.activeElement)).toBe(true);
      page.press(document.activeElement ?? document.body, "Escape");
      expect(page.all("truth-panel")).toEqual([]);
    }
    page.press(document.body, "i", { ctrlKey: true });
    expect(page.all("truth-panel")).toHaveLength(1);
    page.press(document.body, "i", { ctrlKey: true });
    expect(page.all("truth-panel")).toEqual([]);
    await page.click("account-state", 1);
    expect(page.one("truth-panel").dataset["id"]).toBe(String(online));
  });

  it("gives the focus back to where it was", async () => {
    await bed();
    page.one("account-state").focus();
    await page.click("account-state");
    await page.click("truth-close");
    expect(document.activeElement).toBe(page.one("account-state"));
  });

  it("is read once a second and at each bell while it is open, and never when it is closed", async () => {
    const { distrusted } = await bed();
    await page.world.pass(5000);
    expect(pulls("truth")).toBe(0);
    await page.click("open-truth");
    const before = pulls("truth");
    expect(before).toBeGreaterThan(0);
    await page.world.pass(3000);
    expect(pulls("truth")).toBe(before + 3);
    page.bridge.status(distrusted, { kind: "off" });
    await page.settle();
    expect(pulls("truth")).toBe(before + 4);
    for (let ring = 0; ring < 60; ring += 1) {
      page.bridge.status(distrusted, { kind: "off" });
      await page.settle();
    }
    // In a flood of bells, a few reads a second.
    expect(pulls("truth")).toBe(before + 4);
    expect(pulls("frames")).toBe(0);
    await page.click("truth-close");
    await page.world.pass(20_000);
    expect(pulls("truth")).toBe(before + 4);
  });

  it("tells the steps, the one that failed, what it means, and the certificate", async () => {
    await bed();
    await page.click("open-truth");
    const steps = page.all("step").map((step) => `${step.dataset["phase"]} ${step.dataset["state"]}`);
    expect(steps).toEqual(["dns done", "tcp done", "tls failed", "upgrade notReached"]);
    expect(page.all("step")[2]?.textContent).toContain("certificate has expired");
    expect(page.one("truth-reason").dataset["reason"]).toBe("tls");
    expect(page.one("certificate-fingerprint").textContent).toMatch(/^AB AB/);
    expect(page.one("fact-address").textContent).toBe("203.0.113.7:443");
    expect(page.one("attempt").dataset).toMatchObject({ outcome: "failed", reason: "tls" });
    page.format.set(formatOf("zh-CN", "UTC"));
    flushSync();
    expect(page.one("truth-reason").textContent).toContain("服务器的证书已过期。");
  });

  it("gives the words of a step the column of its time where it has none", async () => {
    await bed();
    await page.click("open-truth");
    const [dns, , tls, upgrade] = page.all("step");
    expect(dns?.querySelector(".figure")?.textContent).toBe("0.4 ms");
    for (const step of [tls, upgrade]) {
      expect(step?.querySelector(".figure")).toBeNull();
      expect(step?.lastElementChild?.classList.contains("wide")).toBe(true);
    }
    // Tests have no styles: that the class does so stands in the file.
    const style = readFileSync(resolve("src/view/truth/Steps.svelte"), "utf8");
    expect(style).toMatch(/\.wide \{\s*grid-column: 2 \/ -1;/);
  });

  it("has its round trips in words too", async () => {
    const { online } = await bed();
    page.bridge.told(online).traffic.roundTrips = [1000, 3000, 2000].map((us, at) => ({ at: page.world.at + at, us }));
    await page.click("account-state", 1);
    expect(page.one("round-trips").getAttribute("aria-label")).toBe("Round trip: last 2.0 ms; between 1.0 ms and 3.0 ms in 3 measurements");
    expect(page.one("round-trip-words").textContent).toContain("last 2.0 ms");
  });

  it("follows the room to another account, and goes with its account", async () => {
    const { distrusted, online } = await bed();
    await page.click("open-truth");
    await page.click("conversation", 1);
    expect(page.one("truth-panel").dataset["id"]).toBe(String(online));
    await page.app.removeAccount(online);
    await page.settle();
    expect(page.all("truth-panel")).toEqual([]);
    expect(page.one("account").dataset["id"]).toBe(String(distrusted));
  });

  it("says when it could not be read, and only there", async () => {
    await bed();
    await page.click("open-truth");
    page.bridge.truth = () => Promise.reject(new Error("lost"));
    await page.world.pass(1000);
    await page.settle();
    expect(page.one("truth-panel").textContent).toContain("could not be read");
    expect(page.app.trouble.value).toBeNull();
  });

  it("connects, and copies a report that says so", async () => {
    await bed();
    const written = vi.fn(() => Promise.resolve());
    vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: written } });
    await page.click("open-truth");
    await page.click("copy-report");
    expect(written).toHaveBeenCalledWith(expect.stringContaining("203.0.113.7:443"));
    expect(page.one("copy-outcome").textContent).toBe("Copied: without messages and secrets");
    await page.click("truth-connect");
    expect(page.bridge.ran).toContain("connectNow");
    expect(page.all("truth-connect")).toEqual([]);
  });

  it("says when the clipboard takes nothing", async () => {
    await bed();
    vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: () => Promise.reject(new Error("denied")) } });
    document.execCommand = () => false;
    await page.click("open-truth");
    await page.click("copy-report");
    expect(page.one("copy-outcome").textContent).toBe("The clipboard did not take it");
    expect(document.querySelectorAll("textarea.unseen")).toHaveLength(0);
  });
});

describe("a certificate that fails", () => {
  it("is trusted for its server only after a second, deliberate step", async () => {
    await bed();
    await page.click("trust-now");
    expect(page.one("trust-why").dataset["fault"]).toBe("expired");
    expect(page.one("trust-server").textContent).toBe("chat.example.org:443");
    expect(document.activeElement).toBe(page.one("trust-no"));
    const yes = page.one("trust-yes") as HTMLButtonElement;
    expect(yes.disabled).toBe(true);
    yes.click();
    await page.settle();
    expect(pulls("trustCertificate")).toBe(0);
    await page.click("trust-sure");
    await page.click("trust-yes");
    expect(page.bridge.accounts[0]?.config.trust.pins).toEqual([{ server: "chat.example.org:443", sha256: certificate.sha256 }]);
    expect(page.all("trust-dialog")).toEqual([]);
  });

  it("is left alone with Not now", async () => {
    await bed();
    await page.click("open-truth");
    await page.click("truth-trust");
    await page.click("trust-no");
    expect(pulls("trustCertificate")).toBe(0);
    expect(page.all("trust-dialog")).toEqual([]);
  });

  it("that the server does not show any more is not offered", async () => {
    const { distrusted } = await bed();
    page.bridge.told(distrusted).attempts = [];
    await page.click("trust-now");
    expect(page.one("trust-gone")).toBeDefined();
    expect(page.all("trust-yes")).toEqual([]);
  });
});

describe("a secret", () => {
  it("is asked for from the truth line, used at once, and shown nowhere", async () => {
    const reason: Reason = { kind: "secret", secret: "logIn", trouble: "locked" };
    const { account } = page.account("ws://a.test/", { kind: "stopped", reason });
    await page.show();
    await page.click("secret-now");
    const field = page.one("secret-value") as HTMLInputElement;
    expect(field.type).toBe("password");
    expect(page.one("secret-where").textContent).toContain("keyring is locked");
    await page.type("secret-value", "s3cret");
    await page.click("secret-save");
    expect(page.all("secret-dialog")).toEqual([]);
    expect(page.bridge.secrets.get(`${account} logIn`)).toBe("s3cret");
    expect(page.bridge.ran).toContain("connectNow");
    expect(document.body.outerHTML).not.toContain("s3cret");
  });

  it("is told in the panel, with what can be done", async () => {
    const { online } = await bed();
    page.bridge.told(online).secrets = [{ kind: "logIn", kept: { kind: "session", trouble: "locked" } }];
    await page.click("account-state", 1);
    expect(page.one("secret").textContent).toContain("only until Whinchat ends, since the keyring is locked");
    await page.click("forget-secret");
    await page.world.pass(1000);
    await page.settle();
    expect(page.one("secret").dataset["kept"]).toBe("nowhere");
  });
});

describe("the frame console", () => {
  async function frames(count: number): Promise<number> {
    const { online } = await bed();
    for (let at = 0; at < count; at += 1) {
      page.bridge.pass(online, at % 2 === 0 ? "in" : "out", { kind: "text", text: `frame ${at} <b>x</b>` }, 16);
    }
    await page.click("account-state", 1);
    await page.click("tab-frames");
    await page.settle();
    return online;
  }
  const payloads = (): (string | undefined)[] => page.all("frame-payload").map((one) => one.textContent?.trim());

  it("shows frames as text, and never more rows than its share", async () => {
    await frames(1500);
    expect(page.one("frame-list").dataset["count"]).toBe("1500");
    expect(page.all("frame").length).toBeLessThanOrEqual(200);
    expect(page.one("frame-list").querySelector("b")).toBeNull();
  });

  it("filters, pauses and clears", async () => {
    const online = await frames(4);
    await page.type("frames-filter", "FRAME 2");
    expect(payloads()).toEqual(["frame 2 <b>x</b>"]);
    await page.type("frames-filter", "");
    await page.choose("frames-direction", "out");
    expect(payloads()).toEqual(["frame 1 <b>x</b>", "frame 3 <b>x</b>"]);
    await page.choose("frames-direction", "both");
    await page.click("frames-pause");
    page.bridge.pass(online, "in", { kind: "text", text: "later" }, 5);
    await page.world.pass(2000);
    expect(payloads()).not.toContain("later");
    await page.click("frames-clear");
    await page.click("frames-pause");
    await page.world.pass(1000);
    await page.settle();
    expect(payloads()).toEqual(["later"]);
  });

  it("is gone through with the arrow keys, and shows the selected frame as text and hexadecimal", async () => {
    await frames(3);
    const list = page.one("frame-list");
    page.press(list, "ArrowDown");
    page.press(list, "ArrowDown");
    const selected = page.all("frame").find((row) => row.getAttribute("aria-selected") === "true");
    expect(selected?.dataset["n"]).toBe("2");
    expect(list.getAttribute("aria-activedescendant")).toBe(selected?.id);
    expect(selected?.getAttribute("aria-label")).toBe("sent, Text, 16 B: frame 1 <b>x</b>");
    expect(page.one("frame-payload-text").textContent).toBe("frame 1 <b>x</b>");
    await page.click("frame-as-hex");
    expect(page.one("frame-payload-hex").textContent).toContain("66 72 61 6d 65 20 31");
  });

  it("sends a raw frame only when it can be one", async () => {
    const online = await frames(0);
    const send = async (kind: string, payload: string): Promise<string> => {
      await page.choose("raw-kind", kind);
      await page.type("raw-payload", payload);
      page.one("raw-send").closest("form")?.requestSubmit();
      await page.settle();
      return page.one("raw-told").textContent ?? "";
    };
    expect(await send("binary", "0g")).toContain("pairs of the digits");
    expect(await send("text", "")).toContain("Type what");
    expect(pulls("sendRaw")).toBe(0);
    expect(await send("binary", "00 FF")).toBe("Sent");
    page.bridge.failNext("internal");
    expect(await send("text", "x")).toContain("Not sent");
    expect((page.one("raw-payload") as HTMLTextAreaElement).value).toBe("x");
    await page.world.pass(1000);
    await page.settle();
    expect(payloads()).toEqual(["00 ff"]);
    page.bridge.status(online, { kind: "off" });
    await page.settle();
    expect(await send("text", "y")).toContain("no connection");
  });

  it("tells where it was exported to", async () => {
    await frames(1);
    await page.click("frames-export");
    expect(page.one("frames-told").textContent).toMatch(/^Exported to exports\/.*\.transcript$/);
  });

  it("shows a transcript in the place of what passes, or says which line cannot be read", async () => {
    await frames(1);
    const load = async (text: string): Promise<void> => {
      const input = page.one("frames-file") as HTMLInputElement;
      Object.defineProperty(input, "files", { value: [new File([text], "bug.transcript")], configurable: true });
      input.dispatchEvent(new Event("change", { bubbles: true }));
      await vi.waitFor(() => expect(page.one("frames-told").textContent !== "" || page.all("frames-imported").length > 0).toBe(true));
      await page.settle();
    };
    await load("> a\nwhat\n");
    expect(page.one("frames-told").textContent).toBe("Line 2 of the file cannot be read: what");
    expect(page.all("frames-imported")).toEqual([]);
    await load("> hello\n+1s\n< world\n");
    await vi.waitFor(() => expect(page.all("frames-imported")).toHaveLength(1));
    expect(payloads()).toEqual(["hello", "world"]);
    expect(page.all("raw-send")).toEqual([]);
    await page.click("frames-live");
    expect(payloads()).toEqual(["frame 0 <b>x</b>"]);
  });
});

/** The window in each language and theme: turning it, and what must hold of its words and colours in any of them. */
import { expect } from "vitest";
import type { Settings } from "../../src/bridge/generated";
import { TRUTH } from "../../src/i18n/truth";
import type { App } from "./app";
import { until } from "./wait";

export type Language = "en" | "zh-CN";
export type Theme = "light" | "dark" | "contrast";

export const LOOKS: readonly (readonly [Language, Theme])[] = [
  ["en", "light"],
  ["en", "dark"],
  ["zh-CN", "light"],
  ["zh-CN", "dark"],
];

export async function setLook(app: App, language: Language, theme: Theme): Promise<void> {
  const settings = await app.session.invoke<Settings>("settings");
  await app.session.invoke("set_settings", { txn: crypto.randomUUID(), settings: { ...settings, language, theme } });
  await until(`the window in ${language}, ${theme}`, () =>
    app.session.run(
      (tongue, look) => document.documentElement.lang === tongue && document.documentElement.dataset["theme"] === look,
      language,
      theme,
    ),
  );
}

/** What may stand in Latin letters in a Chinese window: names, what was typed, and terms that Chinese texts keep. */
const SAME_IN_CHINESE =
  /Whinchat|Spring Boot|WebSocket|Ping|Pong|English|IRC|SASL|PASS|Twitch|TeaNet|\btea\b|\b(?:alice|ann|bob|carl|dora)\b|\/[a-z]+|-delete|Origin|HTTP|TLS|URL|DNS|TCP|PEM|PKCS|SHA|SOCKS5|Cookie|Bearer|permessage-deflate|websocat|Enter|Shift|Ctrl|Alt|Esc|Tab|Del|Home|End|Page ?Up|Page ?Down|(?:from|in|before|after|has):(?:me|link)?|(?<![a-z])link(?![a-z])|wss?:\/\/\S*|https?:\/\/\S*|nobody\.invalid|localhost/g;

/** What people, servers and the system say, in whatever language they say it. */
const HOOKS_OF_CONTENT = [
  "row-text",
  "search-hit",
  "choice",
  "topic",
  "composer",
  "account-url",
  "account-name",
  "account-fallback",
  "header-name",
  "header-value",
  "fact-tls",
  "fact-extensions",
  "certificate-subject",
  "certificate-issuer",
  "reason-detail",
  "frame-payload",
  "frame-payload-text",
  "frame-payload-hex",
];

/** All that the window, or the element with a hook in it, says, without what people and servers say there. */
function words(app: App, within: string | null): Promise<string[]> {
  return app.session.run((content, hook) => {
    const said: string[] = [];
    const root = (hook === null ? null : document.querySelector(`[data-test="${hook}"]`)) ?? document.body;
    const isContent = (node: Element | null) =>
      node !== null && node.closest(content.map((name) => `[data-test="${name}"]`).join(",")) !== null;
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      if (!isContent(node.parentElement) && node.parentElement?.closest("script, style") === null) {
        said.push(node.textContent ?? "");
      }
    }
    // What a frame is called has its payload in it.
    for (const element of root.querySelectorAll('[title], [aria-label]:not([data-test="frame"]), [placeholder]')) {
      for (const name of ["title", "aria-label", "placeholder"]) {
        said.push(element.getAttribute(name) ?? "");
      }
    }
    return said.filter((text) => text.trim() !== "");
  }, HOOKS_OF_CONTENT, within);
}

/** What the English sentences about a connection are made of, between their slots. */
const ENGLISH = Object.values(TRUTH.en)
  .flatMap((sentence) => sentence.split(/\{\w+\}/))
  .map((part) => part.trim())
  .filter((part) => /[a-z]{2,} [a-z]{2,}/i.test(part));

export async function expectChinese(app: App, state: string, within: string | null = null): Promise<void> {
  const said = await words(app, within);
  const english = said.filter((text) => /[A-Za-z]{3,}/.test(text.replaceAll(SAME_IN_CHINESE, "")));
  expect(english, `English words in the Chinese window (${state})`).toEqual([]);
  const all = said.join("\n");
  expect(ENGLISH.filter((part) => all.includes(part)), `English sentences in the Chinese window (${state})`).toEqual([]);
}

/** The least that a text of any size may stand out from what lies under it (WCAG 2.2, 1.4.3). */
const READABLE = 4.5;

/**
 * Expects every text in the element with this hook to be readable, as the page computes its colours; returns the colour
 * of the ground and of the texts.
 */
export async function expectReadable(app: App, hook: string, state: string): Promise<readonly string[]> {
  const met = await app.session.run((name) => {
    const root = document.querySelector<HTMLElement>(`[data-test="${name}"]`);
    const parts = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour: string) => {
      const [r = 0, g = 0, b = 0] = parts(colour)
        .slice(0, 3)
        .map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (from: HTMLElement | null): string => {
      for (let at = from; at !== null; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at);
        if ((parts(backgroundColor)[3] ?? 1) > 0) return backgroundColor;
      }
      return "rgb(255, 255, 255)";
    };
    const found: { text: string; colour: string; ground: string; contrast: number }[] = [];
    const walk = document.createTreeWalker(root ?? document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const on = node.parentElement;
      if (on === null || (node.textContent ?? "").trim() === "" || on.closest(".unseen, :disabled") !== null) continue;
      const colour = getComputedStyle(on).color;
      const under = ground(on);
      const [dark = 0, light = 0] = [luminance(colour), luminance(under)].sort((a, b) => a - b);
      found.push({ text: node.textContent ?? "", colour, ground: under, contrast: (light + 0.05) / (dark + 0.05) });
    }
    return { ground: ground(root), found };
  }, hook);
  expect(met.found.length, state).toBeGreaterThan(0);
  expect(met.found.filter(({ contrast }) => contrast < READABLE), `too faint (${state})`).toEqual([]);
  return [met.ground, ...new Set(met.found.map(({ colour }) => colour))];
}

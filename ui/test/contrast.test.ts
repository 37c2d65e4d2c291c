/** WCAG 2.2 contrast of every pair of colours that meets on the screen, in each theme. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NAME_COLOURS } from "../src/model/author";
import { hex } from "../src/model/colours";
import { HUES, THEMES } from "../src/model/style";
import { SOURCE } from "./support/source";

const css = readFileSync(join(SOURCE, "view/tokens.css"), "utf8");

function tokens(theme: "light" | "dark" | "contrast"): ReadonlyMap<string, string> {
  const block = new RegExp(`data-theme="${theme}"\\]\\s*\\{([^}]*)\\}`).exec(css)?.[1] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\s*;/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const names = Array.from({ length: NAME_COLOURS }, (_, at) => `name-${at}`);
const hues = Object.keys(HUES).map((name) => `hue-${name}`);
const surfaces = ["bg", "raise", "side", "hover", "soft"];

/** Text on what lies under it. */
const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ["text", surfaces],
  ["dim", surfaces],
  ["accent", ["bg", "raise", "soft"]],
  ["on", ["accent", "accent-hover", "bad", ...names]],
  ["ok", ["bg", "raise"]],
  ["warn", ["bg", "raise", "side"]],
  ["bad", ["bg", "raise", "side"]],
  // A message that names us stands on the soft ground.
  ...[...names, ...hues].map((name) => [name, ["bg", "soft"]] as const),
];

/** Borders of controls, signs and the focus ring. */
const CONTROLS: readonly (readonly [string, readonly string[]])[] = [
  ["edge", ["bg", "raise"]],
  ["accent", surfaces],
  ["ok", ["side", "bg"]],
  ["warn", ["side", "bg"]],
  ["bad", ["side", "bg"]],
  ["dim", ["side", "bg"]],
];

describe.each(["light", "dark", "contrast"] as const)("in the %s theme", (theme) => {
  /** What one chooses for its contrast has more of it (WCAG 2.2, 1.4.6). */
  const least = theme === "contrast" ? 7 : 4.5;
  const colours = tokens(theme);
  const pairs = (table: typeof TEXT) => table.flatMap(([front, backs]) => backs.map((back) => [front, back] as const));
  const between = (front: string, back: string): number => {
    const [a, b] = [colours.get(front), colours.get(back)];
    if (a === undefined || b === undefined) throw new Error(`no colour ${front} or ${back}`);
    return contrast(a, b);
  };

  it.each(pairs(TEXT))("%s can be read on %s", (front, back) => {
    expect(between(front, back)).toBeGreaterThanOrEqual(least);
  });
  it.skipIf(theme === "contrast")("the model knows its ground and its text", () => {
    if (theme === "contrast") return;
    const { bg, text } = THEMES[theme];
    expect([hex(bg), hex(text)]).toEqual([colours.get("bg"), colours.get("text")]);
  });
  it("the hues are told apart", () => {
    expect(new Set(hues.map((hue) => colours.get(hue))).size).toBe(hues.length);
  });
  it.each(pairs(CONTROLS))("%s can be seen on %s", (front, back) => {
    expect(between(front, back)).toBeGreaterThanOrEqual(3);
  });
});

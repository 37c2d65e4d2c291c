/** The rules of the source tree: who imports what, and what is never written. */
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { SOURCE, sourceFiles } from "./support/source";

const files = sourceFiles().map((path) => ({
  path,
  name: relative(SOURCE, path).replaceAll("\\", "/"),
  text: readFileSync(path, "utf8"),
}));
const code = files.filter(({ name }) => /\.(ts|svelte)$/.test(name));
const own = code.filter(({ name }) => name !== "bridge/generated.ts");

/** What a layer may import, besides itself. `main.ts` joins them all. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  bridge: [],
  i18n: ["bridge/generated"],
  model: ["bridge", "i18n"],
  view: ["model", "bridge/generated", "bridge/bridge", "i18n"],
};

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((match) => match[1] ?? "");
}

/** Source without comments, so that prose may name what code may not. */
function bare(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|^\s*\/\/.*$/gm, "");
}

describe("the layers", () => {
  it.each(code.filter(({ name }) => name !== "main.ts"))("$name imports only downwards", ({ path, name, text }) => {
    const layer = name.split("/")[0] ?? "";
    for (const target of importsOf(text)) {
      if (!target.startsWith(".")) {
        if (target.startsWith("@tauri-apps/")) expect(name).toBe("bridge/tauri.ts");
        else if (target.startsWith("svelte")) expect(layer).toBe("view");
        else if (target.startsWith("emojibase-data/")) expect(name).toBe("model/emoji.ts");
        else throw new Error(`${name} imports ${target}`);
        continue;
      }
      const full = relative(SOURCE, resolve(dirname(path), target)).replaceAll("\\", "/");
      if (full.startsWith("../../icons/") && layer === "view") continue;
      const allowed = full.startsWith(`${layer}/`) || (MAY[layer] ?? []).some((prefix) => full === prefix || full.startsWith(`${prefix}/`));
      expect(allowed, `${name} imports ${full}`).toBe(true);
    }
  });

  it("keeps fakes out of the window, and the view away from commands", () => {
    for (const { name, text } of own) {
      if (!name.startsWith("bridge/fake")) expect(importsOf(text).some((target) => target.includes("fake")), name).toBe(false);
      if (name.startsWith("view/")) expect(bare(text), name).not.toMatch(/\binvoke\b/);
    }
  });

  it("keeps the page out of the model", () => {
    for (const { name, text } of own.filter((file) => file.name.startsWith("model/"))) {
      expect(bare(text), name).not.toMatch(/\b(document|globalThis|navigator|localStorage|HTML\w*Element|setTimeout)\b/);
      expect(bare(text), name).not.toMatch(/\bwindow\.(addEventListener|setInterval|location|document|open\()/);
    }
  });
});

describe("invariant 4: no markup crosses the bridge", () => {
  const never = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\{@html|\beval\s*\(|new Function|srcdoc|DOMParser|createContextualFragment/;
  it.each(own)("$name makes no markup of text", ({ text }) => expect(text).not.toMatch(never));
  it.each(own)("$name has no address that the window itself could go to", ({ text }) =>
    expect(bare(text)).not.toMatch(/\b(href|action|formaction|srcset)=|window\.open|location\.(assign|replace|href)/));
});

describe("the style", () => {
  it.each(own)("$name keeps it", ({ name, text }) => {
    const lines = text.trimEnd().split("\n").length;
    expect(bare(text)).not.toMatch(/:\s*any\b|\bas any\b|<any\b|@ts-ignore|@ts-nocheck/);
    expect(bare(text)).not.toMatch(/export default/);
    expect(bare(text)).not.toMatch(/\sstyle="/);
    expect(text).not.toMatch(/TODO|FIXME|XXX/);
    expect(lines).toBeLessThanOrEqual(name.endsWith(".svelte") ? 240 : 400);
    if (name.endsWith(".svelte")) expect(scriptAndMarkup(text)).toBeLessThan(200);
  });

  it.each(own.filter(({ name }) => name.endsWith(".ts")))("$name says first what lives in it", ({ text }) => {
    expect(text.trimStart()).toMatch(/^\/\*\*/);
  });
});

/** Lines of a component without its style sheet. */
function scriptAndMarkup(text: string): number {
  return text.replace(/<style>[\s\S]*<\/style>/, "").split("\n").length;
}

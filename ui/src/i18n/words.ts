/** Which language the window speaks, and its words. A word that one language lacks does not compile. */
import type { Language } from "../bridge/generated";
import { en } from "./en";
import { zhCN } from "./zh-CN";

/** Every word of the window. */
export type Words = typeof en;

/** A language that the window has words in. */
export type Tongue = Exclude<Language, "system">;

/** The tongue for a setting; `preferred` are the system's languages, most wanted first. */
export function tongueOf(language: Language, preferred: readonly string[]): Tongue {
  if (language !== "system") return language;
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split(/[-_]/)[0];
    if (primary === "zh") return "zh-CN";
    if (primary === "en") return "en";
  }
  return "en";
}

/** The words of a tongue. */
export function wordsOf(tongue: Tongue): Words {
  switch (tongue) {
    case "en":
      return en;
    case "zh-CN":
      return zhCN;
  }
}

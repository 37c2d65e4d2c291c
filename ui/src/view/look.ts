/** Tongue and theme of the page, from the settings and the system. */
import type { Settings } from "../bridge/generated";
import type { Format } from "../i18n/format";
import { formatOf } from "../i18n/format";
import { tongueOf } from "../i18n/words";
import type { Watched } from "../model/cell";
import { Cell } from "../model/cell";

/** Keeps `<html lang>` and the theme true to the settings and the system; gives the formats of the tongue. */
export function followLook(settings: Watched<Settings | null>): Watched<Format> {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const contrast = matchMedia("(prefers-contrast: more)");
  const ofSystem = () => (contrast.matches ? "contrast" : dark.matches ? "dark" : "light");
  const root = document.documentElement;
  const tongue = () => tongueOf(settings.value?.language ?? "system", navigator.languages);
  const format = new Cell<Format>(formatOf(tongue()));
  let spoken = tongue();
  const apply = (): void => {
    const now = tongue();
    // The language decides which face serves Han characters.
    root.lang = now;
    // Such a face serves Chinese well: there the marks are meant to be wide.
    root.dataset["marks"] = now === "en" && hasWideMarks() ? "narrow" : "own";
    if (now !== spoken) format.set(formatOf(now));
    spoken = now;
    const theme = settings.value?.theme ?? "system";
    root.dataset["theme"] = theme === "system" ? ofSystem() : theme;
    root.dataset["density"] = settings.value?.density ?? "comfortable";
  };
  dark.addEventListener("change", apply);
  contrast.addEventListener("change", apply);
  addEventListener("languagechange", apply);
  settings.subscribe(apply);
  return format;
}

/** Whether the face of the window draws an apostrophe as wide as a Han character. */
function hasWideMarks(): boolean {
  const probe = document.createElement("span");
  probe.textContent = "’";
  probe.style.cssText = "position: absolute; visibility: hidden; font: 100px var(--faces)";
  document.documentElement.append(probe);
  const width = probe.getBoundingClientRect().width;
  probe.remove();
  return width > 60;
}

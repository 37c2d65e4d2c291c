/**
 * The window on a core in memory, for looking at it in a browser: `npm run dev`, then `/dev.html?scene=room&lang=zh-CN`.
 * Parameters: `scene` is `room` (default), `long`, `looks`, `irc`, `welcome` or `unusable`; `lang`; `theme`; `press` is clicked, one
 * after the other where there are commas, and `type` typed `into`, each named by its `data-test`.
 */
import { FakeBridge } from "../src/bridge/fake";
import { startWindow } from "../src/view/start";
import { fill } from "./scenes";

const query = new URLSearchParams(location.search);
const bridge = new FakeBridge(Date.now());
const theme = query.get("theme");
bridge.settingsNow = {
  ...bridge.settingsNow,
  language: query.get("lang") === "zh-CN" ? "zh-CN" : "en",
  theme: theme === "dark" || theme === "contrast" ? theme : "light",
  density: query.get("density") === "compact" ? "compact" : "comfortable",
};
fill(bridge, query.get("scene") ?? "room");

// For the console: `core.say(2, { kind: "server" }, "hello")`.
Object.assign(globalThis, { core: bridge });

const target = document.getElementById("app");
if (target !== null) {
  startWindow(target, bridge);
  const steps = [...(query.get("press") ?? "").split(",")].filter((step) => step !== "");
  const type = query.get("type");
  const field = query.get("into");
  const go = (): void => {
    const step = steps.shift();
    if (step !== undefined) {
      // `a.2` is the third element of that name.
      const [name = "", at = "0"] = step.split(".");
      document.querySelectorAll<HTMLElement>(`[data-test="${name}"]`)[Number(at)]?.click();
      setTimeout(go, 150);
      return;
    }
    if (type === null || field === null) return;
    const input = document.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[data-test="${field}"]`);
    if (input === null) return;
    input.value = type;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  setTimeout(go, 300);
}

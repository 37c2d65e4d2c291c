/** Puts the window together: bridge, model, page. */
import { mount } from "svelte";
import type { Bridge } from "../bridge/bridge";
import { addressOf, sightIn, spotIn } from "../model/address";
import { App } from "../model/app";
import type { World } from "../model/world";
import Main from "./Main.svelte";
import "./tokens.css";
import "./base.css";
import { followLook } from "./look";

/** The browser's time, frames and randomness. */
const world: World = {
  now: () => Date.now(),
  frame: (run) => void requestAnimationFrame(() => run()),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  newTxn: () => crypto.randomUUID(),
};

/** Where there is room for one panel at the right alone. */
const NARROW = "(max-width: 1099px)";

/** Shows the window of the core behind `bridge` in `target`. */
export function startWindow(target: Element, bridge: Bridge): App {
  const app = new App(bridge, world);
  const format = followLook(app.settings);
  neverNavigate();
  const [spot, sight] = [spotIn(location.hash), sightIn(location.hash)];
  // WebKit takes a hundred addresses in half a minute: one a second, and one when the page goes.
  const keep = (): void => {
    const address = app.spot === null ? location.hash : addressOf(app.spot);
    if (address !== location.hash) history.replaceState(null, "", address);
  };
  bridge.onClosing(keep);
  app.start((sight ?? spot)?.conversation ?? null, spot?.row, sight?.message);
  app.room.subscribe(keep);
  app.now.subscribe(keep);
  addEventListener("pagehide", keep);
  const look = (): void => app.present(document.visibilityState === "visible" && document.hasFocus());
  for (const event of ["focus", "blur", "pageshow"]) addEventListener(event, look);
  addEventListener("pagehide", () => app.present(false));
  document.addEventListener("visibilitychange", look);
  look();
  const narrow = matchMedia(NARROW);
  narrow.addEventListener("change", () => app.beside.setNarrow(narrow.matches));
  app.beside.setNarrow(narrow.matches);
  mount(Main, { target, props: { app, format } });
  return app;
}

/** A file or link that is dropped must not take the place of the window. */
function neverNavigate(): void {
  for (const event of ["dragover", "drop"]) addEventListener(event, (drag) => drag.preventDefault());
}

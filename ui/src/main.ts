/** The window's entry: joins the real bridge to the page. */
import { tauriBridge } from "./bridge/tauri";
import { startWindow } from "./view/start";

const target = document.getElementById("app");
if (target !== null) startWindow(target, tauriBridge());

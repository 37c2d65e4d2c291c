/** The window by keys alone, and the clipboard that they copy to. */
import type { App } from "./app";
import { KEY } from "./driver";
import { until } from "./wait";

/** Presses keys where the focus is. */
export async function press(app: App, keys: string): Promise<void> {
  const focused = (await app.session.find(":focus")) ?? (await app.session.find("body"));
  if (focused === null) throw new Error("nothing to press keys in");
  await app.session.type(focused, keys);
}

/** The most stops of Tab in a window: one that needs more is lost. */
const STOPS = 80;

/** Goes on with Tab until the focus is on the element with this hook. */
export async function tabTo(app: App, name: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < STOPS) {
    const at = await app.session.run(() => (document.activeElement as HTMLElement | null)?.dataset["test"] ?? "");
    if (at === name) {
      return;
    }
    passed.push(at);
    await press(app, KEY.tab);
  }
  throw new Error(`Tab never comes to ${name}, but to ${passed.join(" ")}`);
}

/** The text of the element with this hook, as it is shown. */
export function textOf(app: App, name: string): Promise<string> {
  return app.session.run((hook) => document.querySelector<HTMLElement>(`[data-test="${hook}"]`)?.innerText ?? "", name);
}

/** What is in the clipboard, pasted where people paste; the composer is empty before and after. */
export async function pasted(app: App): Promise<string> {
  const composer = await app.see("composer");
  await app.session.type(composer, `${KEY.control}v`);
  const text = await until("what was copied", () => app.composed());
  // As a person clears it: WebDriver's own way is no input, and the draft would stay.
  await app.session.type(composer, `${KEY.control}a${KEY.release}${KEY.backspace}`);
  await until("an empty composer", async () => (await app.composed()) === "");
  return text;
}

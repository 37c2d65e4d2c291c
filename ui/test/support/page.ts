/** The window's page on a core in memory: mounting it, and doing to it what a user does. */
import { flushSync, mount, unmount } from "svelte";
import { vi } from "vitest";
import { FakeBridge } from "../../src/bridge/fake";
import { plainConfig } from "../../src/bridge/fake-config";
import type { AccountId, ConversationId, Status } from "../../src/bridge/generated";
import { formatOf, type Format } from "../../src/i18n/format";
import { App } from "../../src/model/app";
import { Cell } from "../../src/model/cell";
import Main from "../../src/view/Main.svelte";
import { HandWorld } from "./world";

export class Page {
  readonly world = new HandWorld();
  readonly bridge = new FakeBridge(this.world.at);
  readonly app = new App(this.bridge, this.world);
  readonly format = new Cell<Format>(formatOf("en", "UTC"));
  #mounted: Record<string, unknown> | null = null;

  constructor() {
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe(): void {}
        disconnect(): void {}
      },
    );
  }

  async show(): Promise<void> {
    this.app.start(null);
    this.#mounted = mount(Main, { target: document.body, props: { app: this.app, format: this.format } });
    await this.settle();
  }

  end(): void {
    if (this.#mounted !== null) void unmount(this.#mounted);
    this.app.stop();
    vi.unstubAllGlobals();
    document.body.replaceChildren();
  }

  account(url: string, status: Status, name = ""): { account: AccountId; conversation: ConversationId } {
    return this.bridge.account(plainConfig(url, name), status);
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) {
      await this.world.settle();
      flushSync();
    }
  }

  all(test: string): HTMLElement[] {
    return [...document.querySelectorAll<HTMLElement>(`[data-test="${test}"]`)];
  }

  one(test: string): HTMLElement {
    const found = this.all(test)[0];
    if (found === undefined) throw new Error(`no ${test}`);
    return found;
  }

  async click(test: string, at = 0): Promise<void> {
    const found = this.all(test)[at];
    if (found === undefined) throw new Error(`no ${test}`);
    found.click();
    await this.settle();
  }

  async type(test: string, text: string): Promise<void> {
    const field = this.one(test) as HTMLInputElement;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await this.settle();
  }

  /** Chooses in a list of choices, a checkbox or radio, or a select. */
  async choose(test: string, value: string): Promise<void> {
    const field = this.one(test) as HTMLSelectElement;
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    await this.settle();
  }

  press(target: EventTarget, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
    target.dispatchEvent(event);
    flushSync();
    return event;
  }
}

/** The window, as a person uses it: by what is on the screen. Found through its `data-test` hooks. */
import { join } from "node:path";
import type { AccountConfig, Page, Row as StoredRow, Sidebar } from "../../src/bridge/generated";
import { type Element, KEY, Session, type Start } from "./driver";
import { SCREENSHOTS } from "./places";
import { until } from "./wait";

/** A row of the timeline as it is shown. */
export interface ShownRow {
  readonly id: number;
  readonly sender: string;
  readonly delivery: string;
  readonly text: string;
}

const hook = (name: string) => `[data-test="${name}"]`;

export class App {
  readonly session: Session;

  private constructor(session: Session) {
    this.session = session;
  }

  static async open(start: Start): Promise<App> {
    const app = new App(await Session.start(start));
    await app.ready();
    return app;
  }

  /** Waits until the first screen stands: the welcome page, a room, or the page that says why there is none. */
  async ready(): Promise<void> {
    await until("the first screen", () =>
      this.session.run(
        () => document.querySelector('[data-test="welcome"], [data-test="sidebar"], [data-test="unusable"]') !== null,
      ),
    );
  }

  /** The element with the hook `name`; waits until it is there. */
  see(name: string, more = ""): Promise<Element> {
    return until(`${name}${more}`, () => this.session.find(hook(name) + more));
  }

  async sees(name: string, more = ""): Promise<boolean> {
    return (await this.session.find(hook(name) + more)) !== null;
  }

  /** The texts of all elements with the hook `name`. */
  texts(name: string): Promise<string[]> {
    return this.session.run(
      (wanted) =>
        [...document.querySelectorAll<HTMLElement>(`[data-test="${wanted}"]`)].map((one) =>
          one.innerText.replaceAll(/\s+/g, " ").trim(),
        ),
      name,
    );
  }

  /** Waits for an element with the hook `name` in whose text `wanted` stands. */
  shows(name: string, wanted: string): Promise<string> {
    return until(`${name} with ${wanted}`, async () => (await this.texts(name)).find((text) => text.includes(wanted)));
  }

  /** Waits until nothing with the hook `name` is there. */
  async gone(name: string): Promise<void> {
    await until(`${name} to go`, async () => !(await this.sees(name)));
  }

  async click(name: string, more = ""): Promise<void> {
    await this.session.click(await this.see(name, more));
  }

  async fillIn(name: string, text: string): Promise<void> {
    const field = await this.see(name);
    await this.session.clear(field);
    await this.session.type(field, text);
  }

  /** From the welcome page or the sidebar: adds a server by its address. */
  async addServer(url: string, name = ""): Promise<void> {
    await this.click("add-server");
    await this.fillIn("account-url", url);
    if (name !== "") {
      await this.fillIn("account-name", name);
    }
    await this.click("account-save");
    await this.gone("account-dialog");
  }

  /** Types into the composer. WebKit's driver types no characters beyond U+FFFF, so nobody can type an emoji here. */
  async write(text: string): Promise<void> {
    await this.session.type(await this.see("composer"), text);
  }

  /** Types into the composer and sends. */
  async say(text: string): Promise<void> {
    await this.write(text + KEY.enter);
  }

  /** What stands in the composer. */
  composed(): Promise<string> {
    return this.session.run(
      () => document.querySelector<HTMLTextAreaElement>('[data-test="composer"]')?.value ?? "",
    );
  }

  /** The rows in the page, from the top. */
  rows(): Promise<ShownRow[]> {
    return this.session.run(() =>
      [...document.querySelectorAll<HTMLElement>('[data-test="row"]')].map((row) => ({
        id: Number(row.dataset["id"]),
        sender: row.dataset["sender"] ?? "",
        delivery: row.dataset["delivery"] ?? "",
        text: row.querySelector('[data-test="row-text"]')?.textContent ?? "",
      })),
    );
  }

  /** Waits for a row with just this text and what else is asked of it. */
  row(text: string, want: Partial<ShownRow> = {}): Promise<ShownRow> {
    const asked = Object.entries(want) as [keyof ShownRow, unknown][];
    return until(`the row ${JSON.stringify(text)} ${JSON.stringify(want)}`, async () =>
      (await this.rows()).find((row) => row.text === text && asked.every(([name, value]) => row[name] === value)),
    );
  }

  /** Waits until the status line says that the account is in this state; returns its words. */
  status(kind: string): Promise<string> {
    return until(`the status line to say ${kind}`, () =>
      this.session.run(
        (wanted) =>
          document.querySelector<HTMLElement>(`[data-test="status-line"][data-status="${wanted}"]`)?.innerText ?? null,
        kind,
      ),
    );
  }

  /** Reloads the page, as a crash of the web process would. */
  async reload(): Promise<void> {
    await this.session.run(() => {
      (window as unknown as { isOld: boolean }).isOld = true;
    });
    await this.session.reload();
    await until("the new page", () => this.session.run(() => !("isOld" in window)));
    await this.ready();
  }

  /** Writes what the window shows to `target/screenshots/NAME.png`, once nothing in it moves. */
  async picture(name: string): Promise<void> {
    // A change of style starts its transitions with the next frame. What runs for ever is not waited for.
    await this.session.runAsync(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    await until(
      "the window to stand still",
      async () =>
        (await this.session.run(
          () =>
            document
              .getAnimations()
              .filter((each) => each.playState === "running")
              .filter((each) => each.effect?.getComputedTiming().endTime !== Infinity).length,
        )) === 0,
      10_000,
    );
    await this.session.screenshot(join(SCREENSHOTS, `${name}.png`));
  }

  sidebar(): Promise<Sidebar> {
    return this.session.invoke("sidebar");
  }

  /** Adds an account without the form. */
  async addAccount(config: Partial<AccountConfig> & Pick<AccountConfig, "url">): Promise<number> {
    const whole = { protocol: "plain", name: "", subprotocols: [], origin: "", headers: [], ...config };
    return this.session.invoke<number>("add_account", { txn: crypto.randomUUID(), config: whole, secrets: [] });
  }

  /** The one conversation of a plain account, once it is known. */
  conversationOf(account: number): Promise<number> {
    return until(`a conversation of account ${account}`, async () => {
      const { conversations } = await this.sidebar();
      return conversations.find((conversation) => conversation.account === account)?.id;
    });
  }

  /** Waits until an account is connected, whatever is on the screen. */
  async online(account: number): Promise<void> {
    await until(`account ${account} to be online`, async () =>
      (await this.sidebar()).accounts.some((known) => known.id === account && known.status.kind === "online"),
    );
  }

  /** Every row of a conversation in the store, in order of place. */
  async stored(conversation: number): Promise<StoredRow[]> {
    const count = 100;
    let page = await this.session.invoke<Page>("latest", { conversation, count });
    let rows = page.rows;
    while (page.hasOlder) {
      const place = rows[0]?.place;
      page = await this.session.invoke<Page>("before", { conversation, place, count });
      rows = [...page.rows, ...rows];
    }
    return rows;
  }

  quit(): Promise<void> {
    return this.session.quit();
  }
}

/** The plain text of a stored message; `null`: the row is none. */
export function textOf(row: StoredRow): string | null {
  if (row.item.kind !== "message") {
    return null;
  }
  return row.item.body.spans.map((span) => (span.kind === "text" ? span.text : "")).join("");
}

/**
 * What stands at the right of the room: its members, the truth about a connection; where there is little room, one of
 * them. The search takes the place of both.
 */
import type { Bridge } from "../bridge/bridge";
import type { AccountId, ConversationId, Sidebar } from "../bridge/generated";
import { Cell, type Watched } from "./cell";
import type { Gathering } from "./gathering";
import { Panel, type Tab } from "./panel";
import type { Pulls } from "./pulls";
import { Search, type Scope } from "./search";

const TOPIC = "truth";

export class Beside {
  /** The list of members is open. */
  readonly members: Watched<boolean>;
  /** The truth about one account; nothing of it is read while this is closed. */
  readonly panel = new Cell<Panel | null>(null);
  readonly search: Search;

  readonly #bridge: Bridge;
  readonly #pulls: Pulls;
  readonly #gathering: Gathering;
  #narrow = false;

  /** `here` is the open conversation. */
  constructor(bridge: Bridge, pulls: Pulls, gathering: Gathering, here: () => ConversationId | null) {
    this.#bridge = bridge;
    this.#pulls = pulls;
    this.#gathering = gathering;
    this.members = gathering.shown;
    this.search = new Search(bridge, pulls, here);
  }

  /** Opens the search in place of what stands there. */
  openSearch(scope: Scope): void {
    this.closeTruth();
    this.#gathering.show(false);
    this.search.show(scope);
  }

  /** The reader was led to a message: where the search lies over it, it makes way. */
  led(): void {
    if (this.#narrow) this.search.hide();
  }

  /** There is room for one panel alone. */
  setNarrow(narrow: boolean): void {
    this.#narrow = narrow;
    if (narrow && this.panel.value !== null) this.#gathering.show(false);
  }

  /** Shows the list of members, or puts it away. */
  showMembers(shown: boolean): void {
    if (shown) this.search.hide();
    if (shown && this.#narrow) this.closeTruth();
    this.#gathering.show(shown);
  }

  /** Opens the truth about an account. */
  openTruth(account: AccountId, tab: Tab = "line"): void {
    this.search.hide();
    if (this.#narrow) this.#gathering.show(false);
    const open = this.panel.value;
    if (open?.account === account) {
      open.tab.set(tab);
      return this.read();
    }
    const panel = new Panel(this.#bridge, account, tab);
    this.panel.set(panel);
    this.#pulls.add(TOPIC, () => panel.pull());
  }

  closeTruth(): void {
    this.panel.set(null);
    this.#pulls.remove(TOPIC);
  }

  /** A room of this account was opened: an open panel tells of what is read beside it. */
  follow(account: AccountId): void {
    const panel = this.panel.value;
    if (panel !== null) this.openTruth(account, panel.tab.value);
  }

  /** Closes what tells of an account that is gone. */
  settle(sidebar: Sidebar): void {
    const shown = this.panel.value?.account;
    if (shown !== undefined && !sidebar.accounts.some((account) => account.id === shown)) this.closeTruth();
  }

  /** An open panel is read again. */
  read(): void {
    this.#pulls.dirty(TOPIC);
  }
}

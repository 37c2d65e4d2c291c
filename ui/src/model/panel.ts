/** The panel at the right: the truth about one account's connection, and its frames. It reads only while it is open. */
import type { Bridge } from "../bridge/bridge";
import { faultOf } from "../bridge/bridge";
import type { AccountId, Truth } from "../bridge/generated";
import { Cell } from "./cell";
import { FrameLog } from "./frames";

/** What the panel shows. */
export type Tab = "line" | "frames";

/** An open panel. */
export class Panel {
  readonly account: AccountId;
  readonly tab: Cell<Tab>;
  readonly truth = new Cell<Truth | null>(null);
  /** The last read failed, so that what is shown may be out of date. */
  readonly stale = new Cell<boolean>(false);
  readonly log: FrameLog;

  readonly #bridge: Bridge;

  constructor(bridge: Bridge, account: AccountId, tab: Tab) {
    this.#bridge = bridge;
    this.account = account;
    this.tab = new Cell(tab);
    this.log = new FrameLog(bridge, account);
  }

  /** Reads what it shows. Its failures are told in it, and nowhere else. */
  async pull(): Promise<void> {
    try {
      const truth = await this.#bridge.truth(this.account);
      if (JSON.stringify(truth) !== JSON.stringify(this.truth.value)) this.truth.set(truth);
      if (this.tab.value === "frames") await this.log.pull();
      this.stale.set(false);
    } catch (error) {
      // What is gone closes the panel with the next sidebar.
      this.stale.set(faultOf(error)?.code !== "gone");
    }
  }
}

/** Telling the core how far the user has read: one mark at a time, and a pause after each. */
import type { Bridge } from "../bridge/bridge";
import type { ConversationId, MessageId } from "../bridge/generated";
import { carryOut } from "./intent";
import type { World } from "./world";

/** How long after one mark of what was read the next is sent: in a flood, a few writes a second and not one a frame. */
export const MARK_MS = 250;

/** What can be marked. */
export interface Mark {
  readonly conversation: ConversationId;
  readonly upto: MessageId;
}

export class Reading {
  readonly #bridge: Bridge;
  readonly #world: World;
  readonly #next: () => Mark | null;
  readonly #told: () => void;
  #marking = false;
  #marked: MessageId | null = null;

  /** `next` says what can be marked at this moment; `told` hears of each mark that was tried. */
  constructor(bridge: Bridge, world: World, next: () => Mark | null, told: () => void) {
    this.#bridge = bridge;
    this.#world = world;
    this.#next = next;
    this.#told = told;
  }

  /** Another conversation is open. */
  forget(): void {
    this.#marked = null;
  }

  /** Marks what can be marked, unless a mark is under way. */
  mark(): void {
    const mark = this.#marking ? null : this.#next();
    if (mark === null || mark.upto === this.#marked) return;
    this.#marking = true;
    carryOut(this.#world.newTxn(), (txn) => this.#bridge.markRead(txn, mark.conversation, mark.upto))
      .then(
        () => true,
        // The next pull tries again.
        () => false,
      )
      .then((done) => {
        if (done && this.#next()?.conversation === mark.conversation) this.#marked = mark.upto;
        this.#told();
        this.#world.after(MARK_MS, () => {
          this.#marking = false;
          if (done) this.mark();
        });
      });
  }
}

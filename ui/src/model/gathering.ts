/** When the people of the open conversation are read: after a bell, a few times a second, and not at every one. */
import type { Bridge } from "../bridge/bridge";
import type { ConversationId } from "../bridge/generated";
import { Cell } from "./cell";
import { Crowd } from "./crowd";
import type { Pulls } from "./pulls";
import type { World } from "./world";

const TOPIC = "people";

export class Gathering {
  /** The list of members is open. */
  readonly shown = new Cell<boolean>(false);

  readonly #bridge: Bridge;
  readonly #world: World;
  readonly #pulls: Pulls;
  #crowd: Crowd | null = null;
  #planned = false;

  constructor(bridge: Bridge, world: World, pulls: Pulls) {
    this.#bridge = bridge;
    this.#world = world;
    this.#pulls = pulls;
  }

  /** The people of a conversation that was opened. */
  open(conversation: ConversationId): Crowd {
    const crowd = new Crowd(this.#bridge, conversation);
    this.#crowd = crowd;
    this.#pulls.add(TOPIC, () => crowd.pull(this.#world.now()));
    return crowd;
  }

  /** The conversation is not there any more. */
  close(): void {
    this.#crowd = null;
    this.#pulls.remove(TOPIC);
  }

  /** Shows the list of members, or puts it away. */
  show(shown: boolean): void {
    this.shown.set(shown);
    if (shown) this.#pulls.dirty(TOPIC);
  }

  /** A bell has named the open conversation. */
  rung(): void {
    if (this.#planned || this.#crowd === null) return;
    const wait = this.#crowd.waits(this.#world.now(), this.shown.value);
    if (wait === null) return;
    if (wait === 0) return this.#pulls.dirty(TOPIC);
    this.#planned = true;
    this.#world.after(wait, () => {
      this.#planned = false;
      this.#pulls.dirty(TOPIC);
    });
  }
}

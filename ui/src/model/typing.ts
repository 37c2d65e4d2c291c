/** Telling others that something is being written: seldom enough for any server, and no longer than it is true. */
import type { World } from "./world";

/** The least time between two notices: the limit that the specifications give. */
export const TYPING_MS = 3000;

/** How long a notice holds for others; after that there is nothing to take back. */
const HOLDS_MS = 6000;

export class TypingNotices {
  readonly #world: Pick<World, "now">;
  readonly #tell: (typing: boolean) => void;
  #told = Number.NEGATIVE_INFINITY;

  constructor(world: Pick<World, "now">, tell: (typing: boolean) => void) {
    this.#world = world;
    this.#tell = tell;
  }

  /** Something was written, or all of it taken away. */
  wrote(blank: boolean): void {
    const since = this.#world.now() - this.#told;
    if (blank) {
      if (since < HOLDS_MS) this.#tell(false);
      this.#told = Number.NEGATIVE_INFINITY;
    } else if (since >= TYPING_MS) {
      this.#told = this.#world.now();
      this.#tell(true);
    }
  }

  /** It was sent, which tells others by itself that it is written. */
  sent(): void {
    this.#told = Number.NEGATIVE_INFINITY;
  }
}

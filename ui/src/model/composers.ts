/**
 * The composers of conversations that were opened, as long as these exist: a text that is being kept or sent while its
 * conversation is out of sight has one owner, and none reads the draft behind it.
 */
import type { ConversationId } from "../bridge/generated";
import type { Composer } from "./composer";

export class Composers {
  readonly #make: (conversation: ConversationId) => Composer;
  readonly #composers = new Map<ConversationId, Composer>();

  /** `make` makes the composer of a conversation that has none. */
  constructor(make: (conversation: ConversationId) => Composer) {
    this.#make = make;
  }

  of(conversation: ConversationId): Composer {
    const composer = this.#composers.get(conversation) ?? this.#make(conversation);
    this.#composers.set(conversation, composer);
    return composer;
  }

  all(): readonly Composer[] {
    return [...this.#composers.values()];
  }

  /** Keeps every draft that is not kept yet, also of conversations that are out of sight. */
  flush(): void {
    for (const composer of this.#composers.values()) void composer.flush();
  }

  /** Forgets those of conversations that do not exist any more. */
  settle(exists: (conversation: ConversationId) => boolean): void {
    for (const id of this.#composers.keys()) {
      if (!exists(id)) this.#composers.delete(id);
    }
  }
}

/** The part of the fake core that has to do with the window's coming and going. */
import type { ConversationId, MessageId, Parting, Sight } from "./generated";

export class FakeClosing {
  /** What is answered to a window that would go. */
  parting: Parting = { kind: "goes" };
  /** With how many texts that were not kept it would go, each time. */
  readonly left: number[] = [];
  /** How often it was to go whatever is lost. */
  leftAnyway = 0;

  readonly #closings = new Set<() => void>();
  readonly #shows = new Set<(sight: Sight) => void>();

  /** The user wants to see a conversation, or a message of it. */
  show(conversation: ConversationId, message: MessageId | null = null): void {
    for (const shown of this.#shows) shown({ conversation, message });
  }

  /** The user wants to close the window. */
  close(): void {
    for (const heard of this.#closings) heard();
  }

  async leave(unkept: number): Promise<Parting> {
    this.left.push(unkept);
    return this.parting;
  }

  async leaveAnyway(): Promise<void> {
    this.leftAnyway += 1;
  }

  onClosing(heard: () => void): () => void {
    this.#closings.add(heard);
    return () => void this.#closings.delete(heard);
  }

  onShow(shown: (sight: Sight) => void): () => void {
    this.#shows.add(shown);
    return () => void this.#shows.delete(shown);
  }
}

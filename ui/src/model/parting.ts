/** Closing the window: first what stands in it is kept, then the core says whether it goes or what is to be asked. */
import type { Bridge } from "../bridge/bridge";
import { Cell } from "./cell";
import type { Composer } from "./composer";

/** What would stay behind, or be lost. */
export interface Question {
  /** Messages that are not sent. */
  readonly unsent: number;
  /** Texts that the disk did not take. */
  readonly unkept: number;
}

export class Parting {
  /** What keeps the window from being closed, until the user has answered. */
  readonly question = new Cell<Question | null>(null);

  readonly #bridge: Bridge;
  readonly #composers: () => readonly Composer[];

  constructor(bridge: Bridge, composers: () => readonly Composer[]) {
    this.#bridge = bridge;
    this.#composers = composers;
  }

  /** Listens until the returned function is called. */
  start(): () => void {
    // Where no answer comes, the core closes a silent window after a moment.
    return this.#bridge.onClosing(() => void this.#leave().catch(() => undefined));
  }

  /** The user's answer to the question. */
  async answer(answer: "stay" | "leave"): Promise<void> {
    this.question.set(null);
    if (answer === "leave") await this.#bridge.leaveAnyway().catch(() => undefined);
  }

  async #leave(): Promise<void> {
    const composers = this.#composers();
    await Promise.all(composers.map((composer) => composer.flush()));
    const unkept = composers.filter((composer) => !composer.isKept).length;
    const parting = await this.#bridge.leave(unkept);
    this.question.set(parting.kind === "asks" ? parting : null);
  }
}

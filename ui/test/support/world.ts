/** A world that tests turn by hand. */
import type { World } from "../../src/model/world";

export class HandWorld implements World {
  at = Date.UTC(2026, 10, 22, 12);
  #frames: (() => void)[] = [];
  #timers: { at: number; run: () => void }[] = [];
  #txns = 0;

  now(): number {
    return this.at;
  }

  frame(run: () => void): void {
    this.#frames.push(run);
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.at + ms, run };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  newTxn(): string {
    this.#txns += 1;
    return `txn-${this.#txns}`;
  }

  /** Runs the frames that were asked for, and what follows from them, until nothing more is. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      const frames = this.#frames.splice(0);
      for (const run of frames) run();
      await ticks();
      quiet = frames.length === 0 && this.#frames.length === 0 ? quiet + 1 : 0;
    }
  }

  /** Lets `ms` milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const end = this.at + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.at = due.at;
      due.run();
      await this.settle();
    }
    this.at = end;
    await this.settle();
  }
}

/** Lets every promise that can go on go on. */
export async function ticks(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

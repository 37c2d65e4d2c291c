/** What the model needs of the outside: time, frames and randomness. Tests turn them by hand. */
import type { TxnId } from "../bridge/generated";

export interface World {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Runs `run` before the next frame is painted. */
  frame(run: () => void): void;
  /** Runs `run` in `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, run: () => void): () => void;
  /** A name for a new intent. */
  newTxn(): TxnId;
}

/** Runs `run` each `ms` milliseconds, until the returned function is called. */
export function every(world: Pick<World, "after">, ms: number, run: () => void): () => void {
  let cancel = (): void => undefined;
  const plan = (): void => {
    cancel = world.after(ms, () => {
      plan();
      run();
    });
  };
  plan();
  return () => cancel();
}

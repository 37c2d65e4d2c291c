/** Carrying intents out when answers may be lost. */
import { faultOf } from "../bridge/bridge";
import type { TxnId } from "../bridge/generated";

/**
 * How often one intent is tried. An answer is lost when the page's channel to the core breaks, which a second try
 * mends; three losses in a row are no accident and the user is told.
 */
export const TRIES = 3;

/**
 * Runs an intent, again and under the same `txn` while its answer is lost. A fault is an answer and ends it.
 *
 * Rejects with what the last try rejected with.
 */
export async function carryOut<T>(txn: TxnId, run: (txn: TxnId) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(txn);
    } catch (error) {
      if (faultOf(error) !== null || attempt >= TRIES) throw error;
    }
  }
}

/** Waiting for conditions. Nothing here sleeps for a fixed time in the hope that something has happened. */

/** How long a condition may take: the slowest thing waited for is a cold start on a busy machine. */
export const PATIENCE_MS = 60_000;

/** How often a condition is looked at. */
const LOOK_EVERY_MS = 50;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Looks until `probe` gives something other than `null`, `undefined` or `false`, and returns it. What `probe` throws
 * counts as "not yet" and is in the error when time is up; `what` says what was waited for.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  patience = PATIENCE_MS,
): Promise<T> {
  const end = performance.now() + patience;
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== null && found !== undefined && found !== false) {
        return found;
      }
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${patience / 1000} s for ${what}; at last: ${String(last)}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}

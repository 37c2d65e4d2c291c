/** Times of a day, in minutes since midnight. */

/** Half an hour is fine enough for a day's hours. */
const STEP = 30;
const DAY = 24 * 60;

/** The times that one can choose from. */
export const DAY_TIMES: readonly number[] = Array.from({ length: DAY / STEP }, (_, at) => at * STEP);

/** A time of the day as clocks show it, in either language. */
export function clockOf(minute: number): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

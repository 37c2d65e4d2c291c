/**
 * Keeping the reader's place in a list that changes above and below. WebKit has no `overflow-anchor`, so the place is
 * remembered as rows and their pixel offsets, never as a `scrollTop`.
 */
import type { MessageId } from "../bridge/generated";

/** Rows in sight with their distance from the top of the scroller, from the lowest up. */
export type Anchor = readonly { readonly id: MessageId; readonly top: number }[];

/** Distance from the end, in pixels, that still counts as the end: scroll offsets are fractions. */
const END_PX = 4;

/** Whether the end of the list is in sight. */
export function atEnd(scroller: HTMLElement): boolean {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= END_PX;
}

/** Where the rows in sight stand. */
export function anchorOf(scroller: HTMLElement): Anchor {
  const rows = scroller.querySelectorAll<HTMLElement>("[data-id]");
  const { top, height } = scroller.getBoundingClientRect();
  const seen: { id: MessageId; top: number }[] = [];
  // The first row that ends below the upper edge, found by halves: rows are in order.
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) - top <= 0) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < rows.length; at += 1) {
    const row = rows[at];
    if (row === undefined) break;
    const offset = row.getBoundingClientRect().top - top;
    if (offset >= height) break;
    seen.push({ id: Number(row.dataset["id"]), top: offset });
  }
  return seen.reverse();
}

/** Where the rows in sight stand once the row that the reader was at is the lowest of them. */
export function anchorAt(scroller: HTMLElement, id: MessageId): Anchor {
  scroller.querySelector(`[data-id="${id}"]`)?.scrollIntoView({ block: "end" });
  return anchorOf(scroller);
}

/** Scrolls so that the first row of `anchor` that is still there stands where it stood. */
export function restoreAnchor(scroller: HTMLElement, anchor: Anchor): void {
  const top = scroller.getBoundingClientRect().top;
  for (const held of anchor) {
    const row = scroller.querySelector(`[data-id="${held.id}"]`);
    if (row === null) continue;
    const moved = row.getBoundingClientRect().top - top - held.top;
    if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
    return;
  }
}

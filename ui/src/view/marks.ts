/** Marks for measuring the start: `first-paint`, when the first screen stands, and `first-row`. */

const made = new Set<string>();

/** Sets the mark `name`, once, after what stands in the page at this moment has been painted. */
export function markPainted(name: "first-paint" | "first-row"): void {
  if (made.has(name)) return;
  made.add(name);
  // The first frame paints what was just laid out; the second begins when that is done.
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark(name)));
}

/** Rows of the timeline as elements: going from one to the next, and which gaps are in sight. */
import type { MessageId, Rev } from "../bridge/generated";
import { anchorOf } from "./anchor";

/** The element of a message; `null`: it is not drawn. */
export function rowOf(scroller: HTMLElement, id: MessageId): HTMLElement | null {
  return scroller.querySelector<HTMLElement>(`article[data-id="${id}"]`);
}

/**
 * Gives the focus to the message above or below the one that has it; at first, to the lowest in sight. Says whether it
 * went anywhere: the focus may be on something else inside.
 */
export function stepRow(scroller: HTMLElement, step: 1 | -1): boolean {
  const at = document.activeElement;
  if (at !== scroller && !(at instanceof HTMLElement && at.matches("article"))) return false;
  const rows = [...scroller.querySelectorAll<HTMLElement>("article")];
  const now = rows.findIndex((row) => row === at);
  const seen = anchorOf(scroller).map(({ id }) => rowOf(scroller, id));
  const lowest = seen.find((row) => row !== null) ?? rows.at(-1);
  const next = now < 0 ? lowest : rows[now + step];
  if (next === undefined) return false;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** Gaps in sight before which the server has more to offer, each with the transaction that changed it last. */
export function earlierInSight(scroller: HTMLElement): { readonly id: MessageId; readonly rev: Rev }[] {
  const { top, bottom } = scroller.getBoundingClientRect();
  return [...scroller.querySelectorAll<HTMLElement>('[data-earlier="true"][data-healing="offered"]')]
    .filter((gap) => {
      const spot = gap.getBoundingClientRect();
      return spot.bottom >= top && spot.top <= bottom;
    })
    .map((gap) => ({ id: Number(gap.dataset["id"]), rev: Number(gap.dataset["rev"]) }));
}

/** Dragging the rows of a list to another place of it with a pointer. What it means is the model's; keys have ways of their own. */
import { dropAt } from "../model/sidebar";

/** How far a pointer goes, in pixels, before it drags: a hand that presses trembles. */
const DRAG_PX = 5;

/** A list whose direct children are its rows, each with `data-row` for its id. */
export interface Sorting {
  /** What a row is held by. */
  readonly handle: string;
  /** Rows move among those that have the same of this attribute. */
  readonly like?: string;
  readonly move: (id: number, before: number | null) => void;
}

interface Drag {
  readonly row: HTMLElement;
  readonly from: number;
  readonly pointer: number;
  rows: HTMLElement[];
  moving: boolean;
}

/** Lets the rows of `list` be dragged until the returned function is called. */
export function sortable(list: HTMLElement, sorting: Sorting): () => void {
  let drag: Drag | null = null;
  const idOf = (row: HTMLElement): number => Number(row.dataset["row"]);

  function mark(y: number): { before: number | null } {
    const rows = drag?.rows ?? [];
    const { before } = dropAt(
      rows.map((row) => ({ id: idOf(row), ...spanOf(row) })),
      y,
    );
    for (const row of rows) {
      const place = idOf(row) === before ? "before" : before === null && row === rows.at(-1) ? "after" : null;
      if (place === null) delete row.dataset["drop"];
      else row.dataset["drop"] = place;
    }
    return { before };
  }

  function end(): void {
    for (const row of drag?.rows ?? []) delete row.dataset["drop"];
    delete drag?.row.dataset["dragged"];
    drag = null;
  }

  function pressed(event: PointerEvent): void {
    if (event.button !== 0 || event.pointerType === "touch" || !(event.target instanceof HTMLElement)) return;
    if (event.target.closest(sorting.handle) === null) return;
    const row = [...list.children].find((child) => child.contains(event.target as Node));
    if (!(row instanceof HTMLElement) || row.dataset["row"] === undefined) return;
    // A list within holds its own rows.
    event.stopPropagation();
    drag = { row, from: event.clientY, pointer: event.pointerId, rows: [], moving: false };
  }

  function moved(event: PointerEvent): void {
    if (drag === null || event.pointerId !== drag.pointer) return;
    // It was let go where nobody told.
    if (event.buttons === 0) return end();
    if (!drag.moving) {
      if (Math.abs(event.clientY - drag.from) < DRAG_PX) return;
      const { row } = drag;
      const like = sorting.like;
      drag.rows = [...list.children].filter(
        (child): child is HTMLElement =>
          child instanceof HTMLElement &&
          child.dataset["row"] !== undefined &&
          (like === undefined || child.getAttribute(like) === row.getAttribute(like)),
      );
      drag.moving = true;
      row.dataset["dragged"] = "";
      list.setPointerCapture(event.pointerId);
    }
    mark(event.clientY);
  }

  function released(event: PointerEvent): void {
    if (drag === null || event.pointerId !== drag.pointer) return;
    const { row, moving } = drag;
    const { before } = mark(event.clientY);
    end();
    if (!moving) return;
    // What was dragged was not pressed.
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    if (before !== idOf(row)) sorting.move(idOf(row), before);
  }

  function key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || drag?.moving !== true) return;
    event.preventDefault();
    event.stopPropagation();
    end();
  }

  list.addEventListener("pointerdown", pressed);
  list.addEventListener("pointermove", moved);
  list.addEventListener("pointerup", released);
  list.addEventListener("pointercancel", end);
  addEventListener("keydown", key, { capture: true });
  return () => {
    end();
    list.removeEventListener("pointerdown", pressed);
    list.removeEventListener("pointermove", moved);
    list.removeEventListener("pointerup", released);
    list.removeEventListener("pointercancel", end);
    removeEventListener("keydown", key, { capture: true });
  };
}

function spanOf(row: HTMLElement): { top: number; bottom: number } {
  const { top, bottom } = row.getBoundingClientRect();
  return { top, bottom };
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

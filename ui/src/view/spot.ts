/** Where a menu opens that was asked for by a pointer or by a key. */

/** A place in the window, in pixels. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Where the menu for an element opens, which the event asks for. The window's own menu stays away. */
export function menuSpot(event: MouseEvent & { currentTarget: HTMLElement }): Spot {
  event.preventDefault();
  // The key for the menu has no place on the screen.
  return event.clientX === 0 && event.clientY === 0 ? below(event.currentTarget) : { x: event.clientX, y: event.clientY };
}

/** Below an element. */
export function below(element: HTMLElement): Spot {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left + 16, y: bottom };
}

/** How large everything in the window is, in percent, and the steps from one size to the next. */

/** The sizes, as browsers have them; the core takes no others that are beyond. */
export const ZOOMS = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300] as const;

/** A step up, a step down, or back to how it is at first. */
export type ZoomStep = 1 | -1 | 0;

/** The size one step from `zoom`; at the ends it stays. */
export function zoomAfter(zoom: number, step: ZoomStep): number {
  switch (step) {
    case 0:
      return 100;
    case 1:
      return ZOOMS.find((size) => size > zoom) ?? zoom;
    case -1:
      return ZOOMS.findLast((size) => size < zoom) ?? zoom;
  }
}

/** Colours that can be read: contrast as WCAG 2.2 counts it, and moving an ink until there is enough of it. */

/** Red, green and blue of sRGB, of 255 each. */
export type Rgb = readonly [number, number, number];

/** The least contrast of text (WCAG 2.2, 1.4.3). */
export const LEAST = 4.5;

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** How many steps lie between an ink and black or white: finer ones cannot be seen. */
const STEPS = 32;

/** Relative luminance. */
export function luminance(colour: Rgb): number {
  const [r = 0, g = 0, b = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** From 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/**
 * The colour nearest to `ink` on its way to white or black that can be read on `ground`. It stays on its own side of the
 * ground where that has room: what was lighter is lighter still.
 */
export function readable(ink: Rgb, ground: Rgb): Rgb {
  const [own, other] = luminance(ink) >= luminance(ground) ? [WHITE, BLACK] : [BLACK, WHITE];
  // On any ground one of the two can be read.
  const end = contrast(own, ground) >= LEAST ? own : other;
  for (let step = 0; step < STEPS; step += 1) {
    const colour = between(ink, end, step / STEPS);
    if (contrast(colour, ground) >= LEAST) return colour;
  }
  return end;
}

/** As style sheets write it. */
export function hex(colour: Rgb): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function between(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (at: 0 | 1 | 2): number => Math.round(from[at] + (to[at] - from[at]) * share);
  return [part(0), part(1), part(2)];
}

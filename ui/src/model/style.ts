/**
 * How a style of the server's is drawn so that it can be read in either theme. A named ink is a token of the theme. A
 * ground of the server's own is drawn as it is, in both themes, and the ink on it is moved until it can be read; so is
 * an ink that is no named one. Text that was meant to be hidden, in the colour of its ground, can be read too.
 */
import type { Colour, Hue, Mark, Style } from "../bridge/generated";
import { hex, readable, type Rgb } from "./colours";

/** A theme's colours for text, as `view/tokens.css` has them. */
export interface Theme {
  readonly bg: Rgb;
  readonly text: Rgb;
}

/** Both themes; `test/contrast.test.ts` holds them to the tokens. */
export const THEMES = {
  light: { bg: [0xfb, 0xfa, 0xf8], text: [0x22, 0x1e, 0x1a] },
  dark: { bg: [0x1a, 0x18, 0x15], text: [0xed, 0xe7, 0xdf] },
} as const satisfies Record<string, Theme>;

/** What mIRC calls its colours, as most clients draw them; the token `--hue-…` of each is its ink in a theme. */
export const HUES: Readonly<Record<Hue, Rgb>> = {
  white: [0xff, 0xff, 0xff],
  black: [0x00, 0x00, 0x00],
  blue: [0x00, 0x00, 0x7f],
  green: [0x00, 0x93, 0x00],
  red: [0xff, 0x00, 0x00],
  brown: [0x7f, 0x00, 0x00],
  magenta: [0x9c, 0x00, 0x9c],
  orange: [0xfc, 0x7f, 0x00],
  yellow: [0xff, 0xff, 0x00],
  lightGreen: [0x00, 0xfc, 0x00],
  cyan: [0x00, 0x93, 0x93],
  lightCyan: [0x00, 0xff, 0xff],
  lightBlue: [0x00, 0x00, 0xfc],
  pink: [0xff, 0x00, 0xff],
  grey: [0x7f, 0x7f, 0x7f],
  lightGrey: [0xd2, 0xd2, 0xd2],
};

/** A colour in a style sheet: a token, or one for each theme. */
export type Paint = { readonly token: string } | { readonly light: string; readonly dark: string };

/** How a run is drawn; `null` for a colour is the colour of what stands around it. */
export interface Look {
  readonly marks: readonly Exclude<Mark, "reverse">[];
  readonly ink: Paint | null;
  readonly ground: Paint | null;
}

/** How `style` is drawn; `null`: as all text. */
export function lookOf(style: Style | undefined): Look | null {
  if (style === undefined) return null;
  const marks = style.marks.filter((mark) => mark !== "reverse");
  const look = { marks, ...coloursOf(style, style.marks.includes("reverse")) };
  return marks.length === 0 && look.ink === null && look.ground === null ? null : look;
}

function coloursOf({ ink, ground }: Style, reverse: boolean): Pick<Look, "ink" | "ground"> {
  if (ground === null) {
    const front = ink === null ? null : inkPaint(ink);
    // What can be read on the theme's ground, the theme's ground can be read on.
    return reverse ? { ink: { token: "bg" }, ground: front ?? { token: "text" } } : { ink: front, ground: null };
  }
  const front = (theme: Theme): Rgb => (ink === null ? theme.text : rgbOf(ink));
  const back = (): Rgb => rgbOf(ground);
  const [above, below] = reverse ? [back, front] : [front, back];
  return { ink: inBoth((theme) => readable(above(theme), below(theme))), ground: inBoth(below) };
}

/** How a name is drawn in a colour of its own. */
export function nameInk(colour: Colour): { readonly light: string; readonly dark: string } {
  return inBoth((theme) => readable(rgbOf(colour), theme.bg));
}

function inkPaint(colour: Colour): Paint {
  switch (colour.kind) {
    case "named":
      return { token: `hue-${colour.name}` };
    case "rgb":
      return inBoth((theme) => readable(rgbOf(colour), theme.bg));
  }
}

function rgbOf(colour: Colour): Rgb {
  switch (colour.kind) {
    case "named":
      return HUES[colour.name];
    case "rgb":
      return [colour.red, colour.green, colour.blue];
  }
}

function inBoth(colour: (theme: Theme) => Rgb): { readonly light: string; readonly dark: string } {
  return { light: hex(colour(THEMES.light)), dark: hex(colour(THEMES.dark)) };
}

/** What a body is drawn as: looks that can be read, links across looks, and nothing lost. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Colour, Hue, Mark, Span, Style } from "../src/bridge/generated";
import { contrast, hex, LEAST, readable, type Rgb } from "../src/model/colours";
import { MAX_LINKS, targetOf } from "../src/model/links";
import { partsOf, type Part, type Piece } from "../src/model/rich";
import { HUES, lookOf, THEMES, type Paint } from "../src/model/style";

const plain: Style = { marks: [], ink: null, ground: null };
const text = (words: string, style?: Partial<Style>): Span =>
  style === undefined ? { kind: "text", text: words } : { kind: "text", text: words, style: { ...plain, ...style } };
const named = (name: Hue): Colour => ({ kind: "named", name });
const run = (words: string): Piece => ({ kind: "run", run: { text: words, look: null } });
const wordsOf = (piece: Piece): string => (piece.kind === "link" ? piece.runs.map((one) => one.text).join("") : piece.run.text);
const piecesOf = (parts: readonly Part[]): readonly Piece[] =>
  parts.flatMap((part) => (part.kind === "text" ? part.pieces : part.kind === "plain" ? [run(part.text)] : []));
const textOf = (parts: readonly Part[]): string => piecesOf(parts).map(wordsOf).join("");

describe("the parts of a body", () => {
  it("of words alone are one text", () => {
    expect(partsOf([text("  a\n b ")])).toEqual([{ kind: "plain", text: "  a\n b " }]);
    expect(partsOf([text("")])).toEqual([]);
    expect(partsOf([text("a", {})])).toEqual([{ kind: "plain", text: "a" }]);
  });

  it("are the looks of their runs", () => {
    const parts = partsOf([text("a "), text("b", { marks: ["bold", "italic"] })]);
    const bold = { marks: ["bold", "italic"], ink: null, ground: null };
    expect(parts).toEqual([{ kind: "text", pieces: [run("a "), { kind: "run", run: { text: "b", look: bold } }] }]);
  });

  it("has binary frames between texts", () => {
    const parts = partsOf([text("a"), { kind: "binary", size: 1, head: [7] }, text("b")]);
    expect(parts).toEqual([{ kind: "plain", text: "a" }, { kind: "binary", size: 1, head: [7] }, { kind: "plain", text: "b" }]);
  });

  it("has links that change their looks on the way", () => {
    const pieces = piecesOf(partsOf([text("see https://exam"), text("ple.org/a", { marks: ["bold"] }), text(".")]));
    expect(pieces.map(wordsOf)).toEqual(["see ", "https://example.org/a", "."]);
    expect(pieces[1]).toMatchObject({ kind: "link", url: "https://example.org/a", host: null });
    expect(pieces[1]?.kind === "link" ? pieces[1].runs.map((one) => one.look?.marks ?? []) : null).toEqual([[], ["bold"]]);
  });

  it("shows the address of a link whose words are others, and links nothing else", () => {
    const url = "https://evil.example/";
    const pieces = piecesOf(partsOf([text("a "), { kind: "link", text: "https://bank.example", url }, text(" b")]));
    expect(pieces.map(wordsOf)).toEqual(["a ", "https://bank.example (", url, ")", " b"]);
    expect(pieces.filter((piece) => piece.kind === "link")).toEqual([{ kind: "link", runs: [{ text: url, look: null }], url, host: null }]);
    expect(piecesOf(partsOf([{ kind: "link", text: url, url }]))).toHaveLength(1);
    const odd = piecesOf(partsOf([{ kind: "link", text: "x", url: "javascript:alert(1)" }]));
    expect(odd.map((piece) => piece.kind)).toEqual(["run", "run", "run"]);
  });

  it("has names of rooms with their looks, which are no links", () => {
    const pieces = piecesOf(partsOf([text("in "), { kind: "room", text: "#rust", style: { ...plain, marks: ["bold"] } }, text(" https://a.example")]));
    expect(pieces.map((piece) => piece.kind)).toEqual(["run", "room", "run", "link"]);
    expect(pieces[1]).toMatchObject({ run: { text: "#rust", look: { marks: ["bold"] } } });
  });

  it("has no link at the end of a beginning, which may be half of one", () => {
    const body = [text("https://a.example https://b.example/pay")];
    const links = (cut: boolean): string[] => piecesOf(partsOf(body, cut)).filter((piece) => piece.kind === "link").map(wordsOf);
    expect(links(false)).toEqual(["https://a.example", "https://b.example/pay"]);
    expect(links(true)).toEqual(["https://a.example"]);
    expect(textOf(partsOf(body, true))).toBe("https://a.example https://b.example/pay");
    expect(piecesOf(partsOf([text("https://a.example.")], true)).map((piece) => piece.kind)).toEqual(["run"]);
  });

  it("bounds the links of a body, whoever made them", () => {
    const url = "https://example.org/";
    const spans = Array.from({ length: 150 }, (): Span[] => [{ kind: "link", text: url, url }, text(` ${url} `)]).flat();
    const pieces = piecesOf(partsOf(spans));
    expect(pieces.filter((piece) => piece.kind === "link")).toHaveLength(MAX_LINKS);
    expect(pieces.map(wordsOf).join("")).toBe(spans.map((span) => (span.kind === "binary" ? "" : span.text)).join(""));
  });

  it("lose and add no word, and every link says where it leads", () => {
    const words = fc.array(fc.constantFrom("https://", "example.org", "a", "/", " ", "<b>", "。", ")", "mailto:", "@"), { maxLength: 6 });
    const span = fc.tuple(words, fc.constantFrom<Partial<Style>[]>({}, { marks: ["bold"] }, { ink: named("red") }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 6 }), fc.boolean(), (spans, cut) => {
        const parts = partsOf(spans.map(([list, style]) => text(list.join(""), style)), cut);
        expect(textOf(parts)).toBe(spans.map(([list]) => list.join("")).join(""));
        for (const piece of piecesOf(parts)) {
          if (piece.kind === "link") expect(targetOf(wordsOf(piece))?.url).toBe(piece.url);
        }
      }),
    );
  });
});

const hues = Object.keys(HUES) as Hue[];
const part = fc.integer({ min: 0, max: 255 });
const rgb = fc.tuple(part, part, part);
const shade = (value: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(value.slice(at, at + 2), 16)) as unknown as Rgb;

describe("colours", () => {
  it("can be read on any ground, and stay as they are where they could be", () => {
    fc.assert(
      fc.property(rgb, rgb, (ink, ground) => {
        const moved = readable(ink, ground);
        expect(contrast(moved, ground)).toBeGreaterThanOrEqual(LEAST);
        if (contrast(ink, ground) >= LEAST) expect(moved).toEqual(ink);
      }),
      { numRuns: 2000 },
    );
    // A hidden word can be read, and what was lighter than its ground still is.
    expect(readable([0, 0, 0], [0, 0, 0])).not.toEqual([0, 0, 0]);
    expect(readable([90, 90, 160], [60, 60, 60]).every((value, at) => value > [90, 90, 160][at]!)).toBe(true);
  });

  const colour: fc.Arbitrary<Colour | null> = fc.oneof(
    fc.constant(null),
    fc.constantFrom(...hues).map(named),
    rgb.map(([red, green, blue]): Colour => ({ kind: "rgb", red, green, blue })),
  );
  const marks = fc.subarray<Mark>(["bold", "underline", "reverse"]);

  it("of every style can be read in both themes, reversed or not", () => {
    fc.assert(
      fc.property(colour, colour, marks, (ink, ground, marked) => {
        const look = lookOf({ marks: marked, ink, ground });
        for (const theme of ["light", "dark"] as const) {
          const own = (paint: Paint | null | undefined, otherwise: Rgb): Rgb | null => {
            if (paint === null || paint === undefined) return otherwise;
            if (!("token" in paint)) return shade(paint[theme]);
            if (paint.token === "bg" || paint.token === "text") return THEMES[theme][paint.token];
            return null; // A hue, which contrast.test.ts holds to the theme's ground, and which meets no other.
          };
          const front = own(look?.ink, THEMES[theme].text);
          const back = own(look?.ground, THEMES[theme].bg);
          if (front !== null && back !== null) expect(contrast(front, back)).toBeGreaterThanOrEqual(LEAST);
          else expect(front ?? back).toEqual(THEMES[theme].bg);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("that are reversed have changed places", () => {
    const look = (style: Partial<Style>) => lookOf({ ...plain, marks: ["reverse"], ...style });
    expect(look({})).toEqual({ marks: [], ink: { token: "bg" }, ground: { token: "text" } });
    expect(look({ ink: named("red") })).toEqual({ marks: [], ink: { token: "bg" }, ground: { token: "hue-red" } });
    expect(look({ ink: named("yellow"), ground: named("black") })).toMatchObject({
      ink: { light: "#000000", dark: "#000000" },
      ground: { light: "#ffff00", dark: "#ffff00" },
    });
    expect(look({ ground: named("black") })?.ground).toEqual({ light: hex(THEMES.light.text), dark: hex(THEMES.dark.text) });
  });
});

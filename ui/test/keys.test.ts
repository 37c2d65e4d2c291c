import { describe, expect, it } from "vitest";
import { sends, type Key } from "../src/model/composer";
import { searchStep, shortcutOf, type Shortcut, type Spot } from "../src/model/keys";

const key = (name: string, more: Partial<Key> = {}): Key => ({
  key: name,
  keyCode: name === "Enter" ? 13 : 0,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  isComposing: false,
  ...more,
});

describe("Enter", () => {
  it("sends alone", () => expect(sends(key("Enter"))).toBe(true));
  it("breaks the line with Shift", () => expect(sends(key("Enter", { shiftKey: true }))).toBe(false));
  it("never sends while an input method composes", () => {
    expect(sends(key("Enter", { isComposing: true }))).toBe(false);
    // WebKit ends the composition before it tells of the key.
    expect(sends(key("Enter", { keyCode: 229 }))).toBe(false);
  });
});

describe("shortcuts", () => {
  const table: [string, Key, Spot, Shortcut | null][] = [
    ["adds a server", key("n", { ctrlKey: true }), "field", "add"],
    ["opens settings", key(",", { ctrlKey: true }), "field", "settings"],
    ["opens help", key("/", { ctrlKey: true }), "elsewhere", "help"],
    ["opens the truth", key("i", { ctrlKey: true }), "field", "truth"],
    ["searches the conversation", key("f", { ctrlKey: true }), "field", "search"],
    ["searches everywhere", key("F", { ctrlKey: true, shiftKey: true }), "elsewhere", "searchAll"],
    ["leaves Alt to the system", key("f", { ctrlKey: true, altKey: true }), "field", null],
    ["goes up", key("ArrowUp", { altKey: true }), "field", "previous"],
    ["goes down", key("ArrowDown", { altKey: true }), "elsewhere", "next"],
    ["leaves arrows to the field", key("ArrowDown"), "field", null],
    ["goes back", key("Escape"), "field", "escape"],
    ["types from anywhere", key("a"), "elsewhere", "type"],
    ["types a character beyond the first plane", key("😀"), "elsewhere", "type"],
    ["types from a control", key("a"), "control", "type"],
    ["leaves a space to a control", key(" "), "control", null],
    ["leaves typing to a field", key("a"), "field", null],
    ["copies elsewhere", key("c", { ctrlKey: true }), "elsewhere", null],
    ["begins a composition in the composer", key("Process", { keyCode: 229 }), "elsewhere", "type"],
    ["leaves Escape to a composition", key("Escape", { isComposing: true }), "field", null],
  ];
  it.each(table)("%s", (_, pressed, spot, shortcut) => expect(shortcutOf(pressed, spot)).toBe(shortcut));
});

describe("keys in the field of the search", () => {
  it.each([
    [key("ArrowDown"), 1],
    [key("ArrowUp"), -1],
    [key("Enter"), "go"],
    [key("Enter", { isComposing: true }), null],
    [key("ArrowDown", { altKey: true }), null],
    [key("a"), null],
  ] as const)("%o", (pressed, asked) => expect(searchStep(pressed)).toBe(asked));
});

import { describe, expect, it } from "vitest";
import { sends, type Key } from "../src/model/composer";
import { en } from "../src/i18n/en";
import { BINDINGS, KEYS, searchStep, shortcutOf, sidebarKeyOf, type Shortcut, type SidebarKey, type Spot } from "../src/model/keys";

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
    ["goes anywhere", key("k", { ctrlKey: true }), "field", "switch"],
    ["finds a key by the sign that it writes, with Shift or without", key("/", { ctrlKey: true, shiftKey: true }), "field", "help"],
    ["zooms in where the sign needs Shift", key("+", { ctrlKey: true, shiftKey: true }), "field", "larger"],
    ["zooms in where it needs none", key("=", { ctrlKey: true }), "elsewhere", "larger"],
    ["zooms out", key("-", { ctrlKey: true }), "control", "smaller"],
    ["zooms back", key("0", { ctrlKey: true }), "field", "natural"],
    ["goes to the third", key("3", { ctrlKey: true }), "field", "nth"],
    ["leaves a letter with Shift to others", key("K", { ctrlKey: true, shiftKey: true }), "field", null],
    ["goes to what is unread above", key("ArrowUp", { altKey: true, shiftKey: true }), "field", "previousUnread"],
    ["goes to what is unread below", key("ArrowDown", { altKey: true, shiftKey: true }), "control", "nextUnread"],
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

describe("the list of keys", () => {
  const lines = KEYS.flatMap(({ lines }) => lines);
  it("has every key of the window, each once", () => {
    for (const { does } of BINDINGS) expect(lines.filter(({ name }) => name === does), does).toHaveLength(1);
    expect(new Set(lines.map(({ name }) => name)).size).toBe(lines.length);
  });
  it("says what each does, and with which keys", () => {
    for (const { name, caps } of lines) {
      expect(en.help[name], name).toMatch(/\w/);
      expect(caps.length, name).toBeGreaterThan(0);
    }
    expect(lines.find(({ name }) => name === "nextUnread")?.caps).toEqual(["Alt", "Shift", "↓"]);
  });
  it("gives no two things to one key", () => {
    const pressed = BINDINGS.flatMap(({ held, keys }) => keys.map((name) => `${held} ${name}`));
    expect(new Set(pressed).size).toBe(pressed.length);
  });
});

describe("keys in the list of conversations", () => {
  const table: [Key, SidebarKey | null][] = [
    [key("ArrowUp"), "up"],
    [key("End"), "last"],
    [key("ArrowLeft"), "fold"],
    [key("ArrowDown", { ctrlKey: true, shiftKey: true }), "moveDown"],
    [key("ArrowUp", { ctrlKey: true, shiftKey: true }), "moveUp"],
    [key("ArrowUp", { altKey: true }), null],
    [key("ArrowUp", { shiftKey: true }), null],
    [key("F10", { shiftKey: true }), "menu"],
    [key("F10"), null],
    [key("ContextMenu"), "menu"],
    [key("a"), null],
  ];
  it.each(table)("%o", (pressed, asked) => expect(sidebarKeyOf(pressed)).toBe(asked));
});

/** The words for IRC's own fields and commands: every one that the adapter publishes has its words in Chinese. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { zhCN } from "../src/i18n/zh-CN";

const folder = new URL("../../src-tauri/crates/proto/src/irc/", import.meta.url);
const source = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? "");

describe("IRC in Chinese", () => {
  it("has a name for every field and choice", () => {
    const text = source("settings.rs").split("\n];")[0] ?? "";
    const fields = found(text, /(?:field\(|Field \{ id: )"(\w+)"/g);
    expect(fields).toContain("nick");
    expect(fields.filter((id) => zhCN.fields[`irc.${id}`] === undefined)).toEqual([]);
    const choices = found(text, /choices: &\[([^\]]+)\]/g).flatMap((list) => found(list, /"(\w+)"/g));
    expect(choices.filter((choice) => zhCN.choices[`irc.login.${choice}`] === undefined)).toEqual([]);
  });

  it("has help for every command, and a name for every argument", () => {
    const text = source("commands.rs").split("\n];")[0] ?? "";
    const names = found(text, /(?:runs|says|tells)\(\s*"(\w+)"/g);
    expect(names).toContain("join");
    expect(names.filter((name) => zhCN.commands.help[`irc.${name}`] === undefined)).toEqual([]);
    expect(Object.keys(zhCN.commands.help).filter((key) => !names.includes(key.replace("irc.", "")))).toEqual([]);
    const words = [...text.matchAll(/runs\(\s*"\w+",\s*"([^"]*)"/g)].flatMap(([, all = ""]) => found(all, /[<[]([^>\]]+?)…?[>\]]/g));
    expect([...new Set(words)].filter((word) => zhCN.commands.arguments[`irc.${word}`] === undefined)).toEqual([]);
  });

  it("leaves no English in the help but names and signs", () => {
    for (const [key, help] of Object.entries(zhCN.commands.help)) {
      expect(help, key).toMatch(/\p{Script=Han}/u);
      expect(help.replace(/\b(ChanServ|NickServ|VERSION|TIME)\b|`[^`]*`|\/\w+/g, ""), key).not.toMatch(/[A-Za-z]/);
    }
  });
});

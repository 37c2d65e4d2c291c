/** The frame console: what is kept, filtered, drawn, read from a file and copied. */
import { readdirSync, readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { FakeBridge } from "../src/bridge/fake";
import { plainConfig } from "../src/bridge/fake-config";
import type { AccountConfig, ConsoleFrame, FrameContent } from "../src/bridge/generated";
import { readHex } from "../src/model/bytes";
import { filtered, FrameLog, hexOf, MAX_CHARACTERS, MAX_DRAWN, MAX_FRAMES, MAX_HEX, NO_FILTER, previewOf, rowFor, rowsInSight } from "../src/model/frames";
import { MAX_LINES, MAX_TRANSCRIPT, readTranscript, type LogLine } from "../src/model/transcript";
import { websocatCommand } from "../src/model/websocat";

const frame = (content: FrameContent, direction: ConsoleFrame["direction"] = "out", n = 1): ConsoleFrame => ({
  n,
  at: 0,
  gapUs: null,
  direction,
  content,
  size: 0,
  compressed: false,
});
const line = (content: FrameContent, direction: ConsoleFrame["direction"], n: number): LogLine => ({
  kind: "frame",
  n,
  frame: frame(content, direction, n),
});
const numbers = (lines: readonly LogLine[]): number[] => lines.map(({ n }) => n);

describe("what passed", () => {
  const bed = (): { bridge: FakeBridge; log: FrameLog } => {
    const bridge = new FakeBridge(0);
    return { bridge, log: new FrameLog(bridge, 1) };
  };
  const pass = (bridge: FakeBridge, count: number): void => {
    for (let at = 0; at < count; at += 1) bridge.pass(1, "in", { kind: "text", text: `${at}` }, 1);
  };

  it("is read once, in order, and no further than memory is given to it", async () => {
    const { bridge, log } = bed();
    pass(bridge, 700);
    await log.pull();
    expect(numbers(log.lines.value)).toEqual(Array.from({ length: 700 }, (_, at) => at + 1));
    pass(bridge, 1500);
    await log.pull();
    expect(log.lines.value).toHaveLength(MAX_FRAMES);
    expect(numbers(log.lines.value).at(-1)).toBe(2200);
    expect(log.dropped.value).toBe(200);
  });

  it("is kept no further than its characters have room, and the oldest goes first", async () => {
    const { bridge, log } = bed();
    const share = MAX_CHARACTERS / 16;
    for (let at = 0; at < 8; at += 1) bridge.pass(1, "in", { kind: "text", text: "天".repeat(share) }, share);
    await log.pull();
    for (let at = 0; at < 8; at += 1) bridge.pass(1, "out", { kind: "binary", hex: "00".repeat(share / 2) }, share / 2);
    await log.pull();
    expect(log.lines.value).toHaveLength(16);
    expect(log.dropped.value).toBe(0);
    bridge.pass(1, "in", { kind: "close", code: 1000, text: "x" }, 3);
    await log.pull();
    expect(numbers(log.lines.value)).toEqual(Array.from({ length: 16 }, (_, at) => at + 2));
    expect(log.dropped.value).toBe(1);
  });

  it("that nobody kept is counted", async () => {
    const { bridge, log } = bed();
    pass(bridge, 2500);
    await log.pull();
    expect(log.dropped.value).toBe(500);
    expect(numbers(log.lines.value)[0]).toBe(501);
  });

  it("stands still while it is paused, and goes on without a gap", async () => {
    const { bridge, log } = bed();
    pass(bridge, 2);
    await log.pull();
    log.paused.set(true);
    pass(bridge, 2);
    await log.pull();
    expect(numbers(log.lines.value)).toEqual([1, 2]);
    log.paused.set(false);
    await log.pull();
    expect(numbers(log.lines.value)).toEqual([1, 2, 3, 4]);
  });

  it("that is cleared does not come back", async () => {
    const { bridge, log } = bed();
    pass(bridge, 3);
    await log.pull();
    log.clear();
    pass(bridge, 1);
    await log.pull();
    expect(numbers(log.lines.value)).toEqual([4]);
  });
});

describe("the filter", () => {
  const lines: LogLine[] = [
    line({ kind: "text", text: "Hello 天气" }, "out", 1),
    line({ kind: "binary", hex: "00ff" }, "in", 2),
    line({ kind: "ping", hex: "" }, "out", 3),
    line({ kind: "close", code: 1001, text: "Going" }, "in", 4),
    { kind: "note", n: 5, at: 0, sign: "!", text: '{"kind":"hello"}' },
    line({ kind: "secret" }, "out", 6),
  ];
  it.each([
    [NO_FILTER, [1, 2, 3, 4, 5, 6]],
    [{ ...NO_FILTER, kind: "secret" as const }, [6]],
    [{ ...NO_FILTER, text: "HELLO" }, [1, 5]],
    [{ ...NO_FILTER, text: "天" }, [1]],
    [{ ...NO_FILTER, text: "ff" }, [2]],
    [{ ...NO_FILTER, text: "1001" }, [4]],
    [{ ...NO_FILTER, direction: "in" as const }, [2, 4]],
    [{ ...NO_FILTER, kind: "ping" as const }, [3]],
    [{ ...NO_FILTER, direction: "out" as const, kind: "binary" as const }, []],
  ])("%o lets through %o", (filter, wanted) => expect(numbers(filtered(lines, filter))).toEqual(wanted));
});

describe("the list", () => {
  it("draws what is in sight, and never more than its share", () => {
    for (const [count, top] of [[2000, 0], [2000, 20_000], [2000, 48_000], [3, 0]] as const) {
      const { first, last } = rowsInSight(count, 24, top, 480);
      expect(last - first).toBeLessThanOrEqual(MAX_DRAWN);
      expect(first).toBeLessThanOrEqual(Math.floor(top / 24));
      expect(last).toBeGreaterThanOrEqual(Math.min(count, Math.ceil((top + 480) / 24)));
    }
    const { first, last } = rowsInSight(2000, 24, 0, 100_000);
    expect(last - first).toBe(MAX_DRAWN);
    expect(rowsInSight(2000, 0, 0, 0)).toEqual({ first: 0, last: MAX_DRAWN });
    expect(rowsInSight(0, 24, 0, 480)).toEqual({ first: 0, last: 0 });
  });
  it.each([
    ["ArrowDown", -1, 0],
    ["ArrowDown", 9, 9],
    ["ArrowUp", -1, 9],
    ["ArrowUp", 0, 0],
    ["PageDown", 2, 7],
    ["PageUp", 2, 0],
    ["Home", 5, 0],
    ["End", 5, 9],
    ["x", 5, null],
  ])("goes by %s from %i to %s", (key, at, to) => expect(rowFor(key, at, 10, 5)).toBe(to));
  it("goes nowhere when it is empty", () => expect(rowFor("End", -1, 0, 5)).toBeNull());
});

describe("a payload", () => {
  it("is hexadecimal, within bounds", () => {
    expect(hexOf(frame({ kind: "text", text: "你a" }))[0]?.hex.trim()).toBe("e4 bd a0 61");
    expect(hexOf(frame({ kind: "close", code: 1001, text: "x" }))[0]?.hex.trim()).toBe("03 e9 78");
    expect(hexOf(frame({ kind: "close", code: null, text: "" }))).toEqual([]);
    expect(hexOf(frame({ kind: "binary", hex: "ab".repeat(10_000) }))).toHaveLength(MAX_HEX / 16);
    expect(hexOf(frame({ kind: "text", text: "天".repeat(10_000) }))).toHaveLength(MAX_HEX / 16);
  });
  it("that holds a password is nowhere to be read", () => {
    expect(hexOf(frame({ kind: "secret" }))).toEqual([]);
    expect(previewOf({ kind: "secret" })).toBe("");
  });
  it("in one line has no line breaks", () => {
    expect(previewOf({ kind: "text", text: "a\n\tb" })).toBe("a b");
    expect(previewOf({ kind: "close", code: 1001, text: "bye" })).toBe("1001 bye");
    expect(previewOf({ kind: "ping", hex: "00ff" })).toBe("00 ff");
  });
  it.each([
    ["00 fF\n10", [0, 255, 16]],
    ["", []],
    ["0", null],
    ["0g", null],
  ])("is read from the hexadecimal %j", (text, bytes) => expect(readHex(text)).toEqual(bytes));
});

describe("a transcript", () => {
  const read = (text: string): readonly LogLine[] => {
    const lines = readTranscript(text);
    if ("kind" in lines) throw new Error(JSON.stringify(lines));
    return lines;
  };

  it("shows frames with their times, and the rest as notes", () => {
    const lines = read('// a session\n# opened chat\n\n> a\\nb\\\\\n+250ms\n<b 00FF\n+12s\n< \n! {"kind":"x"}\nx 1000\n');
    expect(lines.map((one) => (one.kind === "note" ? `${one.sign} ${one.text}` : one.frame.content))).toEqual([
      "// a session",
      "# opened chat",
      { kind: "text", text: "a\nb\\" },
      { kind: "binary", hex: "00ff" },
      { kind: "text", text: "" },
      '! {"kind":"x"}',
      "x 1000",
    ]);
    const frames = lines.flatMap((one) => (one.kind === "frame" ? [one.frame] : []));
    expect(frames.map(({ at, gapUs, direction, size }) => [at, gapUs, direction, size])).toEqual([
      [0, null, "out", 4],
      [250, 250_000, "in", 2],
      [12_250, 12_000_000, "in", 0],
    ]);
  });

  it.each([
    ["? {}\n= x", 2],
    ["<b 0", 1],
    ["<b zz", 1],
    ["> a\\q", 1],
    ["> a\\", 1],
    ["+12", 1],
    ["+5h", 1],
    ["<html>", 1],
  ])("that cannot be read says where: %j", (text, at) => expect(readTranscript(text)).toMatchObject({ kind: "line", line: at }));

  it("is the same with either line end, and with a last one cut off", () => {
    for (const same of ["# opened chat\r\n> a\r\n", "# opened chat\r\n> a\r"]) {
      expect(read(same)).toEqual(read("# opened chat\n> a\n"));
    }
  });

  it("of any length is bounded", () => {
    expect(readTranscript("x".repeat(MAX_TRANSCRIPT + 1))).toEqual({ kind: "tooBig" });
    expect(readTranscript("> a\n".repeat(MAX_LINES + 1))).toEqual({ kind: "tooBig" });
    expect(read("> a\n".repeat(MAX_LINES))).toHaveLength(MAX_LINES);
  });

  it("is read as the core writes it", () => {
    // Written by the tests of the crate `proto`.
    const golden = JSON.parse(readFileSync(new URL("golden/transcript.json", import.meta.url), "utf8")) as {
      readonly exported: string;
      readonly shown: readonly { readonly at: number; readonly note?: string; readonly direction?: string; readonly content?: object }[];
      readonly unreadable: readonly string[];
    };
    const shown = read(golden.exported).map((one) =>
      one.kind === "note"
        ? { at: one.at, note: `${one.sign} ${one.text}` }
        : { at: one.frame.at, direction: one.frame.direction, content: one.frame.content },
    );
    expect(shown).toEqual(golden.shown);
    for (const line of golden.unreadable) {
      expect(readTranscript(`# opened\n${line}`), line).toMatchObject({ kind: "line", line: 2 });
    }
  });

  it("of the adapters' own tests can be read", () => {
    const folder = new URL("../../src-tauri/crates/proto/tests/transcripts/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const { parentPath, name } of files) {
      expect(Array.isArray(readTranscript(readFileSync(`${parentPath}/${name}`, "utf8"))), name).toBe(true);
    }
  });
});

describe("the websocat command", () => {
  const config = (more: Partial<AccountConfig> = {}): AccountConfig => ({ ...plainConfig("wss://a.test/ws"), ...more });
  const text = (words: string): ConsoleFrame => frame({ kind: "text", text: words });

  it("connects as the account does, with a placeholder for each secret", () => {
    const made = websocatCommand(
      config({
        subprotocols: ["a", "b"],
        origin: "https://a.test",
        headers: [{ name: "X-Room", value: "7" }, { name: "X-Api-Key", value: "s3cret" }],
        logIn: { kind: "bearer" },
      }),
      "wss://a.test/ws?EIO=4&token=s3cret",
      null,
    );
    expect(made).toBe(
      "websocat 'wss://a.test/ws?EIO=4&token=SECRET' --protocol='a,b' --origin='https://a.test' -H='X-Room: 7' -H='X-Api-Key: SECRET' -H='Authorization: Bearer SECRET'",
    );
  });
  it.each([
    [{ kind: "cookie" } as const, "-H='Cookie: SECRET'"],
    [{ kind: "header", name: "X-Me" } as const, "-H='X-Me: SECRET'"],
    [{ kind: "query", name: "who" } as const, "'wss://a.test/ws?who=SECRET'"],
    [{ kind: "basic", user: "alice" } as const, "-H=\"Authorization: Basic $(printf '%s' 'alice:SECRET' | base64)\""],
  ])("logs in by %o", (logIn, wanted) => expect(websocatCommand(config({ logIn }), "wss://a.test/ws", null)).toContain(wanted));
  it("has no token from a path, a subprotocol, or before the host", () => {
    const token = "eyJhbGciOiJIUzI1NiJ9.e30.secret-token";
    const made = websocatCommand(config({ subprotocols: ["v1", token] }), `wss://me:pw@a.test/x/${token}/ws?v=${token}`, null);
    expect(made).toBe("websocat 'wss://SECRET@a.test/x/SECRET/ws?v=SECRET' --protocol='v1,SECRET'");
  });
  it.each([
    ["wss://a.test/ws?a=b?c", "wss://a.test/ws?a=b?c"],
    ["wss://a.test/ws?a=b?c&d=?", "wss://a.test/ws?a=b?c&d=?"],
    ["wss://a.test/ws?x?token=abc", "wss://a.test/ws?x?token=SECRET"],
    ["wss://a.test?a=b", "wss://a.test?a=b"],
    ["wss://a.test/ws?eyJhbGciOiJIUzI1NiJ9", "wss://a.test/ws?SECRET"],
    ["wss://a.test/ws?c2VjcmV0LXRva2VuLTE=", "wss://a.test/ws?SECRET"],
    // It is never sent, and may hold a token.
    ["wss://a.test/ws?a=b#access_token=abc", "wss://a.test/ws?a=b"],
    ["wss://a.test/ws#abc", "wss://a.test/ws"],
  ])("dials the whole address: %s", (url, dialled) => expect(websocatCommand(config(), url, null)).toBe(`websocat '${dialled}'`));
  it("sends only what we sent, and no control frame", () => {
    expect(websocatCommand(config(), "ws://a/", frame({ kind: "text", text: "x" }, "in"))).toBe("websocat 'ws://a/'");
    expect(websocatCommand(config(), "ws://a/", frame({ kind: "ping", hex: "00" }))).toBe("websocat 'ws://a/'");
  });

  const hostile = [
    "plain",
    "it's; $(touch /tmp/x) `id` \\n %s %b",
    "two\nlines\r\n\ttab",
    "\u001b[201~rm -rf ~\n",
    "天气 🐦 \u0085\u2028",
    "\\0101 \\",
    "\u0001\u0031",
  ];
  it.each(hostile)("gives a shell exactly the bytes of %j, as one command without control characters", (words) => {
    const made = websocatCommand(config(), "ws://a'b/", text(words));
    expect(made).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    const echoed = execFileSync("/bin/sh", ["-c", made.replace(/ \| websocat .*$/s, "")]);
    expect(echoed.toString("utf8")).toBe(words);
  });
  it("gives a shell exactly the bytes of a binary frame", () => {
    const made = websocatCommand(config(), "ws://a/", frame({ kind: "binary", hex: "0031ff0a27" }));
    expect(made).toContain("| websocat --binary --no-line --no-close ");
    expect(execFileSync("/bin/sh", ["-c", made.split(" | websocat")[0] ?? ""]).toString("hex")).toBe("0031ff0a27");
  });
});

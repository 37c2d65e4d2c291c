/** What the core in memory holds for looking at the window. */
import type { FakeBridge } from "../src/bridge/fake";
import { plainConfig } from "../src/bridge/fake-config";
import { messageItem } from "../src/bridge/fake-rows";
import type { Colour, Hue, Span, Style } from "../src/bridge/generated";
import { HUES } from "../src/model/style";
import { irc } from "./irc";
import { expired, tell } from "./truths";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Fills `bridge` with the scene called `scene`. */
export function fill(bridge: FakeBridge, scene: string): void {
  switch (scene) {
    case "welcome":
      return;
    case "unusable":
      bridge.carry = () =>
        Promise.reject({ code: "unusable", text: "history.db: it is of a newer version (7)" });
      return;
    case "long":
      return long(bridge);
    case "looks":
      return looks(bridge);
    case "irc":
      return irc(bridge);
    default:
      return room(bridge);
  }
}

function room(bridge: FakeBridge): void {
  const now = bridge.clock;
  const line = { url: "ws://127.0.0.1:4747/lounge", address: "127.0.0.1:4747", tls: null, subprotocol: null, extensions: null, rttMs: 1, since: now };
  const lounge = bridge.account(plainConfig("ws://127.0.0.1:4747/lounge"), { kind: "online", line }, true);
  const spring = bridge.account(plainConfig("ws://localhost:8080/ws", "Spring Boot"), {
    kind: "waiting",
    until: now + 9000,
    attempt: 3,
    reason: { kind: "closed", code: 1001, text: "", by: "server" },
  });
  const company = bridge.account(plainConfig("wss://chat.company.test/ws", "Company"), {
    kind: "stopped",
    reason: expired(now),
  });
  bridge.account(plainConfig("wss://old.example.org/chat"), { kind: "off" });
  tell(bridge, lounge.account, spring.account, company.account);

  const say = (who: string, text: string, at: number) =>
    bridge.say(lounge.conversation, who === "me" ? { kind: "me" } : { kind: "person", name: who }, text, at,
      who === "me" ? { kind: "sent" } : null);
  const yesterday = now - 26 * HOUR;
  say("Mei", "Has anyone measured how a WebKit view behaves with a million rows?", yesterday);
  say("Mei", "I get 76 ms a frame with 20,000 plain ones.", yesterday + MINUTE);
  say("jonas", "Keep 200 in the page and anchor by hand. overflow-anchor is not there. 👍🏽 🐦 1️⃣ 2 3", yesterday + 2 * MINUTE);
  say("吴桐", "两个字也能搜到吗？比如“天气”。😀", now - 3 * HOUR);
  say("me", "Yes, and it finds them in a million messages while you type.", now - 3 * HOUR + MINUTE);
  const read = say("شيرين", "مرحبا <img src=x onerror=alert(1)> hello", now - 2 * HOUR);
  const found = bridge.conversations.find((conversation) => conversation.id === lounge.conversation);
  if (found !== undefined) found.read = read.place;
  say("jonas", "alice: the notes are at https://example.org/notes\nsecond line\n\nfourth line", now - 4 * MINUTE);
  bridge.put(lounge.conversation, now - 3 * MINUTE, {
    ...messageItem({ sender: { kind: "server" }, at: now - 3 * MINUTE }),
    body: { spans: [{ kind: "binary", size: 1234, head: [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 2, 0, 0, 0, 1, 64] }] },
  });
  bridge.say(lounge.conversation, { kind: "me" }, "Still there?", now - 2 * MINUTE, { kind: "unconfirmed" });
  bridge.say(lounge.conversation, { kind: "me" }, "A first try", now - MINUTE, { kind: "failed", why: "the server said: slow down" });
  bridge.say(lounge.conversation, { kind: "me" }, "A second try", now - MINUTE, { kind: "failed", why: "the server said: slow down" });
  if (found !== undefined) found.unread = 2;

  const own = (text: string, at: number, kind: "sent" | "queued" | "acknowledged") =>
    bridge.say(spring.conversation, { kind: "me" }, text, at, { kind });
  own("你好", now - 20 * MINUTE, "sent");
  bridge.say(spring.conversation, { kind: "server" }, "服务器已收到消息：你好", now - 20 * MINUTE + 50);
  bridge.put(spring.conversation, now - 18 * MINUTE, { kind: "gap", from: now - 18 * MINUTE, until: now - 10 * MINUTE, healing: { kind: "unavailable" } });
  for (const healing of [{ kind: "offered" }, { kind: "failed", why: { kind: "refused", text: "the server is busy" } }] as const) {
    bridge.put(spring.conversation, now - 10 * MINUTE, { kind: "gap", from: now - 12 * MINUTE, until: now - 10 * MINUTE, healing });
  }
  own("断线的时候也可以写。", now - 9 * MINUTE, "queued");
  own("恢复以后按顺序发出。", now - 8 * MINUTE, "queued");
  const waiting = bridge.conversations.find((conversation) => conversation.id === spring.conversation);
  if (waiting !== undefined) waiting.waiting = 2;
  for (let at = 0; at < 42; at += 1) bridge.say(company.conversation, { kind: "person", name: "Li" }, `公告 ${at}`, now - HOUR + at);
}

function long(bridge: FakeBridge): void {
  const line = { url: "ws://127.0.0.1:4747/lounge", address: "203.0.113.7:443", tls: "TLS 1.3", subprotocol: null, extensions: null, rttMs: 12, since: bridge.clock };
  const { conversation } = bridge.account(plainConfig("wss://irc.example.org/ws"), { kind: "online", line });
  const names = ["Mei", "jonas", "吴桐", "alice"];
  for (let at = 0; at < 2000; at += 1) {
    const words = `${at} ${"lorem ipsum 天气 ".repeat((at * 7) % 23)}`;
    bridge.say(conversation, { kind: "person", name: names[Math.floor(at / 3) % 4] ?? "" }, words, bridge.clock - (2000 - at) * MINUTE);
  }
}

/** Every look, alone and reversed, and links of every sort. */
function looks(bridge: FakeBridge): void {
  const { conversation } = bridge.account(plainConfig("wss://chat.example.org/ws"), { kind: "off" });
  const say = (...spans: Span[]) =>
    bridge.put(conversation, bridge.clock, messageItem({ sender: { kind: "person", name: "Ada" }, at: bridge.clock, body: { spans } }));
  const styled = (text: string, style: Partial<Style>): Span => ({ kind: "text", text, style: { marks: [], ink: null, ground: null, ...style } });
  const named = (name: Hue): Colour => ({ kind: "named", name });
  const hues = Object.keys(HUES) as Hue[];
  const marks = ["bold", "italic", "underline", "strikethrough", "monospace", "reverse"] as const;
  say(...marks.flatMap((mark) => [styled(mark, { marks: [mark] }), styled(" ", {})]), styled("all", { marks: [...marks] }));
  say(...hues.map((hue) => styled(`${hue} `, { ink: named(hue) })));
  say(...hues.map((hue) => styled(` ${hue} `, { ink: named(hue), marks: ["reverse"] })));
  say(...hues.map((hue) => styled(` ${hue} `, { ground: named(hue) })));
  say(...hues.map((hue, at) => styled(` on ${hue} `, { ink: named(hues[(at * 7 + 3) % hues.length] ?? hue), ground: named(hue) })));
  say(styled("hidden once ", { ink: named("black"), ground: named("black") }), styled("rgb", { ink: { kind: "rgb", red: 200, green: 255, blue: 0 } }));
  say(styled("看这里：https://example.org/路径。 (https://example.org/a_(b))\n  indented https://", {}), styled("exam", { marks: ["bold"] }), styled("ple.org/x", { ink: named("red") }), styled(".", {}));
  say(styled("\u202eturned https://example.org/a?b=c \u202c https://аpple.example/ mailto:me@example.org", {}));
  say({ kind: "link", text: "your bank", url: "https://evil.example/" }, styled(" and words behind it", {}));
}

/** A chat with rooms and people, with all that may happen in one. */
import type { FakeBridge } from "../src/bridge/fake";
import { member } from "../src/bridge/fake-chat";
import { plainConfig, WHOLE } from "../src/bridge/fake-config";
import { quoteOf, textItem } from "../src/bridge/fake-rows";
import type { Change, ConversationId, Item, Row, Sender } from "../src/bridge/generated";

const MINUTE = 60_000;

type Message = Extract<Item, { kind: "message" }>;

export function irc(bridge: FakeBridge): void {
  const now = bridge.clock;
  const line = { url: "wss://irc.example.org/ws", address: "203.0.113.7:443", tls: "TLS 1.3", subprotocol: "text.ircv3.net", extensions: null, rttMs: 12, since: now };
  const { account, conversation: server } = bridge.account({ ...plainConfig("wss://irc.example.org/ws"), protocol: "irc", fields: { nick: "alice" } }, { kind: "online", line });
  const view = bridge.accounts.find(({ id }) => id === account);
  if (view !== undefined) Object.assign(view, { capabilities: { ...WHOLE }, me: "alice" });
  const found = bridge.conversations.find(({ id }) => id === server);
  if (found !== undefined) found.title = "ExampleNet";

  const room = bridge.conversation(account, {
    kind: "room",
    title: "#rust-gui",
    topic: "Native and webview interfaces in Rust · be kind · the log is at https://example.org/log and what was said about anchors stands in the notes of last week, which everybody should read",
  });
  bridge.conversation(account, { kind: "room", title: "#websocket", unread: 42 });
  bridge.conversation(account, { kind: "room", title: "##offtopic", unread: 7, mentions: 2 });
  bridge.conversation(account, { kind: "direct", title: "mei", unread: 2, mentions: 2 });
  bridge.conversation(account, { kind: "room", title: "#old", left: true });

  let at = now - 60 * MINUTE;
  const put = (conversation: ConversationId, item: (at: number) => Item): Row => bridge.put(conversation, (at += MINUTE / 2), item(at));
  const say = (who: string, text: string, more: Partial<Message> = {}): Row => {
    const sender: Sender = who === "me" ? { kind: "me" } : { kind: "person", name: who };
    return put(room, (when) => textItem({ sender, at: when, named: true, delivery: who === "me" ? { kind: "acknowledged" } : null, ...more }, text));
  };
  const happen = (who: string, change: Change): Row => put(room, (when) => ({ kind: "happening", who: { kind: "person", name: who }, change, at: when }));

  put(room, () => ({ kind: "gap", from: null, until: null, healing: { kind: "unavailable" } }));
  const asked = say("Mei", "Has anyone measured how a WebKit view behaves with a million rows?");
  say("Mei", "I get 76 ms a frame with 20,000 plain ones.", { reactions: [{ text: "👍", names: ["jonas", "吴桐"], mine: true }, { text: "🐦", names: ["شيرين"], mine: false }, { text: "oh no", names: ["bob"], mine: false }] });
  for (const name of ["ann", "bob", "carl", "dora", "emil"]) happen(name, { kind: "joined" });
  happen("carl", { kind: "quit", why: "Ping timeout" });
  happen("ChanServ", { kind: "mode", text: "+o ann" });
  say("jonas", "Keep 200 in the page and anchor by hand.", { reply: quoteOf(asked) });
  say("jonas", "nods slowly", { tone: "action" });
  say("吴桐", "两个字也能搜到吗？比如“天气”。");
  happen("Mei", { kind: "topic", text: "Native and webview interfaces in Rust" });
  say("me", "Yes, and it finds them in a million messages while you type.", { reactions: [{ text: "🎉", names: ["吴桐"], mine: false }] });
  put(room, (when) => textItem({ sender: { kind: "person", name: "bob" }, at: when, retracted: { by: { kind: "person", name: "bob" }, why: "wrong room" } }, ""));
  say("me", "waves", { tone: "action" });
  say("NoticeBot", "The build of main is green again.", { tone: "notice" });
  const read = say("jonas", "Good.");
  const open = bridge.conversations.find(({ id }) => id === room);
  say("jonas", "alice: the notes are at https://example.org/notes", { mentionsMe: true });
  say("Mei", "And here is what was said before", { reply: { id: null, sender: null, text: "" } });
  if (open !== undefined) Object.assign(open, { read: read.place, unread: 2, mentions: 1 });

  const people = ["Mei", "jonas", "吴桐", "شيرين", "bob", "dora", "emil"].map((name, at) => member(name, { away: at % 3 === 1, account: at === 0 ? "mei" : null }));
  const many = Array.from({ length: 3000 }, (_, at) => member(`guest${String(at).padStart(4, "0")}`, { away: at % 7 === 0 }));
  const heads = [member("ann", { badge: "@", rank: 3 }), member("ChanServ", { badge: "@", rank: 3, bot: true }), member("alice", { badge: "+", rank: 1 })];
  bridge.gather(room, [...heads, ...people, ...many], ["Mei", "jonas"]);
}

/** What can be done with a message, and why not where it cannot. */
import type { AccountView, Item, Span } from "../bridge/generated";
import type { Message } from "./entries";

/** What one may want to do with a message. */
export type ActionName = "reply" | "react" | "copy" | "retract";

/** Why something cannot be done: there is no connection, the server has no such thing, or it has no name for the message. */
export type Why = "offline" | "incapable" | "unnamed";

/** An action; `why` is `null` where it can be done. */
export interface MessageAction {
  readonly name: ActionName;
  readonly why: Why | null;
}

/** What can be done with `message`, in the order in which it is offered. Only own messages are taken back. */
export function actionsOf(account: AccountView, message: Message): readonly MessageAction[] {
  const { replies, reactions, retraction } = account.capabilities;
  const online = account.status.kind === "online";
  const why = (able: boolean, waits: boolean): Why | null => {
    // What a server that is away can do is not known for sure, and a reply can wait for it.
    if (!online && !(waits && able)) return "offline";
    if (!able) return "incapable";
    return message.named ? null : "unnamed";
  };
  const actions: MessageAction[] = [
    { name: "reply", why: why(replies, true) },
    { name: "react", why: why(reactions, false) },
    { name: "copy", why: null },
  ];
  if (message.sender.kind === "me") actions.push({ name: "retract", why: why(retraction, false) });
  return actions;
}

/** Whether one of them can be done. */
export function canDo(account: AccountView, message: Message, name: ActionName): boolean {
  return actionsOf(account, message).some((action) => action.name === name && action.why === null);
}

/** A message as characters, for the clipboard; binary frames have none. */
export function plainText(spans: readonly Span[]): string {
  return spans.map((span) => (span.kind === "binary" ? "" : span.text)).join("");
}

/** The message that a row holds; `null`: it holds none, or it was taken back. */
export function messageOf(item: Item): Message | null {
  return item.kind === "message" && item.retracted === null ? item : null;
}

/** Reactions that are offered at once. */
export const COMMON_REACTIONS = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀"] as const;

/** Longest reaction that can be typed, in characters: a word, and no sentence. */
export const MAX_REACTION = 32;

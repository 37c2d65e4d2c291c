/** What can be done with the sidebar's conversations and accounts, in the order in which menus offer it. */
import type { AccountView, Conversation, NotifyRule, Sidebar } from "../bridge/generated";
import { accountMoveOf, moveOf, partingsOf, type Group, type Parting } from "./sidebar";

/** Something that can be done with a conversation; `able`: whether it can be done now. */
export type Tending =
  | { readonly name: "read" | "pin" | "unpin" | "mute" | "unmute"; readonly able: boolean }
  | { readonly name: "up" | "down"; readonly able: boolean }
  | { readonly name: "notify"; readonly rule: NotifyRule | null; readonly chosen: boolean; readonly able: boolean }
  | { readonly name: Parting; readonly able: boolean };

/** The rules that one can choose from; `null`: as the kind of the conversation has it. */
export const RULES: readonly (NotifyRule | null)[] = [null, "all", "mentions", "nothing"];

/** What can be done with a conversation. */
export function tendingsOf(group: Group, conversation: Conversation): readonly Tending[] {
  const { account } = group;
  const { id, pinned, muted, notify, unread } = conversation;
  return [
    { name: "read", able: unread > 0 },
    { name: pinned ? "unpin" : "pin", able: true },
    { name: muted ? "unmute" : "mute", able: true },
    { name: "up", able: moveOf(group, id, -1) !== null },
    { name: "down", able: moveOf(group, id, 1) !== null },
    ...RULES.map((rule) => ({ name: "notify" as const, rule, chosen: notify === rule, able: !muted })),
    ...partingsOf(account, conversation).map((name) => ({ name, able: name === "remove" || account.status.kind === "online" })),
  ];
}

/** Something that can be done with an account. */
export interface AccountTending {
  readonly name: "fold" | "unfold" | "join" | "truth" | "edit" | "connect" | "disconnect" | "up" | "down" | "remove";
  readonly able: boolean;
}

/** What can be done with an account. */
export function accountTendingsOf(sidebar: Sidebar, account: AccountView): readonly AccountTending[] {
  const joins: readonly AccountTending[] = account.capabilities.rooms ? [{ name: "join", able: account.status.kind === "online" }] : [];
  return [
    { name: "edit", able: true },
    { name: account.enabled ? "disconnect" : "connect", able: true },
    { name: "truth", able: true },
    ...joins,
    { name: account.collapsed ? "unfold" : "fold", able: true },
    { name: "up", able: accountMoveOf(sidebar, account.id, -1) !== null },
    { name: "down", able: accountMoveOf(sidebar, account.id, 1) !== null },
    { name: "remove", able: true },
  ];
}

/** The rule by which a conversation tells where the user chose none, as the core has it. */
export function ruleOfKind({ kind }: Conversation): NotifyRule {
  return kind === "direct" ? "all" : "mentions";
}

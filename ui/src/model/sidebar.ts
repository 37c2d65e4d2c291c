/** The sidebar: accounts with their conversations, what they are called, and moving between them. */
import type { AccountId, AccountView, Conversation, ConversationId, Sidebar } from "../bridge/generated";
import type { Words } from "../i18n/words";
import { hostOf } from "./status";

/** An account with its conversations, in the order in which they are shown. */
export interface Group {
  readonly account: AccountView;
  /** Another account is called the same. */
  readonly namesake: boolean;
  readonly conversations: readonly Conversation[];
}

/** The sidebar's accounts, each with its conversations. */
export function groupsOf(sidebar: Sidebar): readonly Group[] {
  return sidebar.accounts.map((account) => ({
    account,
    namesake: sidebar.accounts.some((other) => other.id !== account.id && other.label === account.label),
    conversations: sidebar.conversations.filter((conversation) => conversation.account === account.id),
  }));
}

/** Where an account's server is: the line above its conversations. Namesakes are told apart by what follows the host. */
export function accountPlace(words: Words, { account, namesake }: Group): string {
  const { url } = account.config;
  if (account.lounge) return words.thisComputer;
  return namesake ? url.trim().replace(/^[a-z]+:\/\//i, "") : hostOf(url);
}

/** What an account is called. */
export function accountName(words: Words, account: AccountView): string {
  return account.lounge && account.config.name === "" ? words.lounge : account.label;
}

/** What a conversation is called. */
export function conversationName(words: Words, account: AccountView, conversation: Conversation): string {
  return conversation.title ?? accountName(words, account);
}

/** What the server itself is called as an author. */
export function serverName(words: Words, account: AccountView): string {
  return account.config.name === "" || account.lounge ? words.server : account.config.name;
}

/** Whether a title is the name that somebody typed. */
export function sameTitle(title: string | null, typed: string): boolean {
  return title !== null && title.toLowerCase() === typed.trim().toLowerCase();
}

/** The room of that name where we are in it; `null`: it has to be asked for. */
export function roomCalled(sidebar: Sidebar, account: AccountId, name: string): ConversationId | null {
  const found = sidebar.conversations.find(
    (one) => one.account === account && one.kind === "room" && !one.left && sameTitle(one.title, name),
  );
  return found?.id ?? null;
}

/** What can be done with a conversation from outside of it. */
export type Parting = "leave" | "remove";

/** How a conversation is parted with: a room is left, what is left or of two people is deleted; else it stays. */
export function partingsOf(account: AccountView, { kind, left }: Conversation): readonly Parting[] {
  if (kind === "direct") return ["remove"];
  if (kind !== "room" || !account.capabilities.rooms) return left ? ["remove"] : [];
  return [left ? "remove" : "leave"];
}

/** The conversation with its account; `null` when it is not there any more. */
export function findConversation(
  sidebar: Sidebar,
  id: ConversationId | null,
): { account: AccountView; conversation: Conversation } | null {
  const conversation = sidebar.conversations.find((candidate) => candidate.id === id);
  const account = sidebar.accounts.find((candidate) => candidate.id === conversation?.account);
  return conversation === undefined || account === undefined ? null : { account, conversation };
}

/** The conversation `step` places below `selected` (above, when negative); stays at the ends. */
export function neighbour(
  sidebar: Sidebar,
  selected: ConversationId | null,
  step: 1 | -1,
): ConversationId | null {
  const ids = groupsOf(sidebar).flatMap((group) => group.conversations.map((conversation) => conversation.id));
  const at = ids.findIndex((id) => id === selected);
  if (at < 0) return ids.at(0) ?? null;
  return ids[Math.min(Math.max(at + step, 0), ids.length - 1)] ?? null;
}

/** Everything unread, for the window's title. */
export function unreadOf(sidebar: Sidebar): number {
  return sidebar.conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
}

/** Messages of an account that wait to be sent. */
export function waitingOf(sidebar: Sidebar, account: AccountId): number {
  const own = sidebar.conversations.filter((conversation) => conversation.account === account);
  return own.reduce((sum, conversation) => sum + conversation.waiting, 0);
}

/** `next`, with the very objects of `former` where they say the same: what has not changed is not drawn again. */
export function withKept(next: Sidebar, former: Sidebar | null): Sidebar {
  if (former === null) return next;
  const kept = <T extends { id: number }>(one: T, all: readonly T[]): T => {
    const held = all.find((candidate) => candidate.id === one.id);
    return held !== undefined && same(held, one) ? held : one;
  };
  return {
    ...next,
    accounts: next.accounts.map((account) => kept(account, former.accounts)),
    conversations: next.conversations.map((conversation) => kept(conversation, former.conversations)),
  };
}

/** Whether two answers of the store say the same; they are small and plain. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

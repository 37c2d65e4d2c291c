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

/** The conversations that the sidebar shows, from the top: of an account that is folded only the open one. */
export function shownIn(sidebar: Sidebar, selected: ConversationId | null): readonly Conversation[] {
  return groupsOf(sidebar).flatMap((group) => shownOf(group, selected));
}

/** The same of one account. */
export function shownOf({ account, conversations }: Group, selected: ConversationId | null): readonly Conversation[] {
  return account.collapsed ? conversations.filter(({ id }) => id === selected) : conversations;
}

/** The conversation `step` places below `selected` (above, when negative); stays at the ends. */
export function neighbour(
  sidebar: Sidebar,
  selected: ConversationId | null,
  step: 1 | -1,
): ConversationId | null {
  const ids = shownIn(sidebar, selected).map(({ id }) => id);
  const at = ids.findIndex((id) => id === selected);
  // Where all is folded and nothing open, there is still something to open.
  if (at < 0) return ids.at(0) ?? sidebar.conversations.at(0)?.id ?? null;
  return ids[Math.min(Math.max(at + step, 0), ids.length - 1)] ?? null;
}

/**
 * The next conversation below `selected` (above, when negative) in which something is unread, folded ones too, and from
 * the other end on. Those that are muted wait for nobody.
 */
export function nextUnread(sidebar: Sidebar, selected: ConversationId | null, step: 1 | -1): ConversationId | null {
  const all = groupsOf(sidebar).flatMap((group) => group.conversations);
  const at = all.findIndex(({ id }) => id === selected);
  const around = [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))];
  if (step < 0) around.reverse();
  return around.find(({ unread, muted }) => unread > 0 && !muted)?.id ?? null;
}

/** What stands before what, once something was moved. */
export interface Move<T> {
  /** Before which one it is to stand; `null`: behind all. */
  readonly before: T | null;
}

/** How a conversation moves a place up or down among its like, pinned or not; `null`: it cannot. */
export function moveOf(group: Group, id: ConversationId, step: 1 | -1): Move<ConversationId> | null {
  const pinned = group.conversations.find((one) => one.id === id)?.pinned;
  return moveIn(
    group.conversations.filter((one) => one.pinned === pinned).map((one) => one.id),
    id,
    step,
  );
}

/** How an account moves a place up or down; `null`: it cannot. */
export function accountMoveOf(sidebar: Sidebar, id: AccountId, step: 1 | -1): Move<AccountId> | null {
  return moveIn(
    sidebar.accounts.map((one) => one.id),
    id,
    step,
  );
}

function moveIn<T>(ids: readonly T[], id: T, step: 1 | -1): Move<T> | null {
  const at = ids.indexOf(id);
  if (at < 0 || ids[at + step] === undefined) return null;
  return { before: ids[step < 0 ? at - 1 : at + 2] ?? null };
}

/**
 * Before which of `rows` something is put that is let go at the height `y`; `null`: behind all. Each has its height in the
 * page, from the top.
 */
export function dropAt<T>(rows: readonly { readonly id: T; readonly top: number; readonly bottom: number }[], y: number): Move<T> {
  return { before: rows.find(({ top, bottom }) => y < (top + bottom) / 2)?.id ?? null };
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

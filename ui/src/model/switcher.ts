/** The quick switcher: what one may go to from anywhere, found by its name as that is typed. */
import type { AccountView, Conversation, ConversationId, Sidebar } from "../bridge/generated";
import type { Words } from "../i18n/words";
import { accountName, conversationName, findConversation } from "./sidebar";

/** What the window itself can do from here. */
export const COMMANDS = ["add", "join", "settings", "help", "truth"] as const;

/** One of these. */
export type CommandName = (typeof COMMANDS)[number];

/** Something to go to. */
export type Choice =
  | {
      readonly kind: "conversation";
      readonly key: string;
      readonly name: string;
      /** What stands beside the name: its account, and what it is about. */
      readonly beside: string;
      readonly account: AccountView;
      readonly conversation: Conversation;
    }
  | { readonly kind: "account"; readonly key: string; readonly name: string; readonly beside: string; readonly account: AccountView }
  | { readonly kind: "command"; readonly key: string; readonly name: string; readonly beside: string; readonly command: CommandName };

/** Choices that are shown: more are not read, and one letter more finds the rest. */
export const MAX_CHOICES = 50;

/** How well a choice fits, the best first; beyond these it does not. */
const FITS = { whole: 0, beginning: 1, word: 2, within: 3, beside: 4, letters: 5 } as const;
const NO_FIT = 6;

/**
 * What fits `query`, the best first; what is alike stands as {@link waiting} has it. With nothing typed these are the
 * conversations besides the open one: what names the reader, what is unread, then what was read last.
 */
export function choicesOf(words: Words, sidebar: Sidebar, open: ConversationId | null, query: string): readonly Choice[] {
  const conversations = sidebar.conversations
    .map((conversation) => conversationChoice(words, sidebar, conversation))
    .filter((choice) => choice !== null)
    .sort((a, b) => waiting(a.conversation) - waiting(b.conversation) || lastRead(b.conversation) - lastRead(a.conversation));
  const asked = folded(query).trim();
  if (asked === "") return conversations.filter(({ conversation }) => conversation.id !== open).slice(0, MAX_CHOICES);
  const others: Choice[] = [
    ...sidebar.accounts.map((account) => accountChoice(words, account)),
    ...COMMANDS.filter((command) => command !== "join" || joins(sidebar, open) !== null).map((command) => commandChoice(words, command)),
  ];
  const fitting = [...conversations, ...others].map((choice) => ({ choice, fit: fitOf(choice, asked) }));
  const found = fitting.filter(({ fit }) => fit < NO_FIT).sort((a, b) => a.fit - b.fit);
  return found.slice(0, MAX_CHOICES).map(({ choice }) => choice);
}

/** The account whose rooms can be joined from the open conversation, or any other. */
export function joins(sidebar: Sidebar, open: ConversationId | null): AccountView | null {
  const here = findConversation(sidebar, open)?.account;
  const able = sidebar.accounts.filter(({ capabilities }) => capabilities.rooms);
  return able.find((account) => account.id === here?.id) ?? able[0] ?? null;
}

/** Text as it is compared: without case and without the marks on its letters. */
export function folded(text: string): string {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

/** Lower, the more it waits for the reader; what is muted waits for nobody. */
function waiting({ unread, mentions, muted }: Conversation): number {
  if (muted || unread === 0) return 2;
  return mentions > 0 ? 0 : 1;
}

function lastRead({ read }: Conversation): number {
  return read?.sort ?? 0;
}

function fitOf(choice: Choice, asked: string): number {
  // The sign before a room's name is seldom typed.
  const bare = folded(choice.name).replace(/^[#&!+]+/, "");
  const name = asked.startsWith("#") ? folded(choice.name) : bare;
  if (name === asked) return FITS.whole;
  if (name.startsWith(asked)) return FITS.beginning;
  if (name.split(/[\s\p{P}_]+/u).some((word) => word.startsWith(asked))) return FITS.word;
  if (name.includes(asked)) return FITS.within;
  if (folded(choice.beside).includes(asked)) return FITS.beside;
  // Of a server or a command, letters that lie apart would find nearly anything.
  return choice.kind === "conversation" && hasInOrder(name, asked.replaceAll(" ", "")) ? FITS.letters : NO_FIT;
}

/** Whether the letters of `asked` stand in `text` in this order. */
function hasInOrder(text: string, asked: string): boolean {
  let at = 0;
  for (const letter of asked) {
    at = text.indexOf(letter, at) + letter.length;
    if (at < letter.length) return false;
  }
  return true;
}

function conversationChoice(words: Words, sidebar: Sidebar, conversation: Conversation): Extract<Choice, { kind: "conversation" }> | null {
  const account = sidebar.accounts.find(({ id }) => id === conversation.account);
  if (account === undefined) return null;
  const name = conversationName(words, account, conversation);
  const place = accountName(words, account);
  const about = [place === name ? "" : place, conversation.topic ?? ""].filter((text) => text !== "");
  return { kind: "conversation", key: `c${conversation.id}`, name, beside: about.join(" · "), account, conversation };
}

function accountChoice(words: Words, account: AccountView): Choice {
  return { kind: "account", key: `a${account.id}`, name: accountName(words, account), beside: account.config.url, account };
}

function commandChoice(words: Words, command: CommandName): Choice {
  return { kind: "command", key: command, name: words.switcher.commands[command], beside: "", command };
}

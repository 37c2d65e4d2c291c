/** What is to be opened as soon as the sidebar has it, and which conversation that is. */
import type { AccountId, Conversation, ConversationId, MessageId, Sidebar } from "../bridge/generated";
import { sameTitle } from "./sidebar";

/** An account, the room of some name in one, or a conversation, at some row of it; one that is not `coming` is there or will not be. */
export type Wanted =
  | { readonly account: AccountId; readonly title?: string }
  | {
      readonly conversation: ConversationId;
      readonly coming: boolean;
      /** Where the reader was. */
      readonly row?: MessageId | null;
      /** What to go to. */
      readonly message?: MessageId | null;
    };

/** The conversation that is wanted; `undefined`: the sidebar has none. */
export function wantedOf(sidebar: Sidebar, wanted: Wanted): Conversation | undefined {
  return sidebar.conversations.find((one) => {
    if ("conversation" in wanted) return one.id === wanted.conversation;
    return one.account === wanted.account && (wanted.title === undefined || sameTitle(one.title, wanted.title));
  });
}

/** Whether it may still come where it is not there. */
export function isComing(wanted: Wanted): boolean {
  return !("conversation" in wanted) || wanted.coming;
}

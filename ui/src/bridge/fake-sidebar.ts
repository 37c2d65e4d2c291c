/** The part of the fake core that has to do with the sidebar: what stands where, what is counted, pinned, muted and folded. */
import { FakeChat } from "./fake-chat";
import { fault } from "./fake-line";
import type { AccountId, Conversation, ConversationId, Count, NotifyRule, Sidebar, TxnId } from "./generated";

export class FakeSidebar extends FakeChat {
  sidebar(): Promise<Sidebar> {
    return this.carry(() => {
      const { rev, notices } = this;
      const conversations = [...this.conversations].sort((a, b) => Number(b.pinned) - Number(a.pinned));
      const accounts = this.accounts.map((account) => ({
        ...account,
        count: countOf(conversations.filter((one) => one.account === account.id)),
      }));
      return structuredClone({ rev, accounts, conversations, count: countOf(conversations), notices });
    });
  }

  moveAccount(txn: TxnId, account: AccountId, before: AccountId | null): Promise<void> {
    return this.once("moveAccount", txn, () => {
      this.accounts = moved(this.accounts, account, before);
      this.commit(null, true);
    });
  }

  collapse(txn: TxnId, account: AccountId, collapsed: boolean): Promise<void> {
    return this.once("collapse", txn, () => {
      const found = this.accounts.find((one) => one.id === account);
      if (found === undefined) throw fault("gone");
      found.collapsed = collapsed;
      this.commit(null, true);
    });
  }

  moveConversation(txn: TxnId, conversation: ConversationId, before: ConversationId | null): Promise<void> {
    return this.once("moveConversation", txn, () => {
      this.conversations = moved(this.conversations, conversation, before);
      this.commit(null, true);
    });
  }

  pin(txn: TxnId, conversation: ConversationId, pinned: boolean): Promise<void> {
    return this.#treat("pin", txn, conversation, { pinned });
  }

  mute(txn: TxnId, conversation: ConversationId, muted: boolean): Promise<void> {
    return this.#treat("mute", txn, conversation, { muted });
  }

  setNotify(txn: TxnId, conversation: ConversationId, notify: NotifyRule | null): Promise<void> {
    return this.#treat("setNotify", txn, conversation, { notify });
  }

  #treat(name: string, txn: TxnId, conversation: ConversationId, how: Partial<Conversation>): Promise<void> {
    return this.once(name, txn, () => {
      const found = this.conversations.find((one) => one.id === conversation);
      if (found === undefined) throw fault("gone");
      Object.assign(found, how);
      this.commit(null, true);
    });
  }
}

function countOf(conversations: readonly Conversation[]): Count {
  const heard = conversations.filter(({ muted }) => !muted);
  const sum = (of: (one: Conversation) => number): number => heard.reduce((all, one) => all + of(one), 0);
  return { unread: sum(({ unread }) => unread), mentions: sum(({ mentions }) => mentions) };
}

function moved<T extends { id: number }>(all: readonly T[], id: number, before: number | null): T[] {
  const one = all.find((other) => other.id === id);
  if (one === undefined) throw fault("gone");
  const rest = all.filter((other) => other !== one);
  const at = rest.findIndex((other) => other.id === before);
  const to = at < 0 ? rest.length : at;
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}

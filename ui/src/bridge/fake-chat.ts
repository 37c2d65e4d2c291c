/** The part of the fake core that has to do with talking: messages, commands, rooms, reactions, and who is there. */
import { fault } from "./fake-line";
import { messageItem, quoteOf, textItem } from "./fake-rows";
import { FakeStore } from "./fake-store";
import type { AccountId, AccountView, Conversation, ConversationId, Item, Member, MessageId, People, TxnId } from "./generated";

/** Somebody in a room. */
export function member(name: string, more: Partial<Member> = {}): Member {
  return { name, badge: "", rank: 0, away: false, bot: false, account: null, ...more };
}

export class FakeChat extends FakeStore {
  /** Who is where. */
  readonly crowds = new Map<ConversationId, People>();
  /** The command lines that ran. */
  readonly lines: string[] = [];
  /** What was told of writing, in order. */
  readonly typed: boolean[] = [];

  /** Somebody came or went, or is writing. */
  gather(conversation: ConversationId, members: Member[], typing: string[] = []): void {
    this.crowds.set(conversation, { members, typing });
    this.commit(conversation, false);
  }

  people(conversation: ConversationId): Promise<People> {
    this.ran.push("people");
    return this.carry(() => structuredClone(this.crowds.get(conversation) ?? { members: [], typing: [] }));
  }

  send(txn: TxnId, conversation: ConversationId, text: string, reply: MessageId | null): Promise<MessageId> {
    return this.once("send", txn, () => {
      if (text.length > 1000) throw fault("tooLong");
      const commands = this.#commandsOf(conversation);
      if (commands.size > 0 && text.startsWith("/") && !text.startsWith("//")) throw fault("invalid");
      const quoted = reply === null ? undefined : this.stored.get(reply)?.row;
      const said = { sender: { kind: "me" as const }, at: this.clock, delivery: { kind: "queued" as const } };
      const item = { ...said, reply: quoted === undefined ? null : quoteOf(quoted) };
      return this.put(conversation, this.clock, textItem(item, text.replace(/^\/\//, "/"))).place.id;
    });
  }

  command(txn: TxnId, conversation: ConversationId, line: string, unknown: boolean): Promise<ConversationId | null> {
    return this.once("command", txn, () => {
      const [, name = "", rest = ""] = /^\/(\S*)\s*([^]*)$/.exec(line) ?? [];
      const found = this.#conversation(conversation);
      const account = this.#accountOf(found.account);
      if (!this.#commandsOf(conversation).has(name.toLowerCase()) && !unknown) throw fault("unknownCommand");
      this.lines.push(line);
      if (name === "me") {
        this.put(conversation, this.clock, textItem({ sender: { kind: "me" }, at: this.clock, tone: "action", delivery: { kind: "queued" } }, rest));
        return null;
      }
      if (name === "query" || name === "msg") return this.#direct(account.id, rest.split(" ")[0] ?? "");
      if (account.status.kind !== "online") throw fault("offline");
      return null;
    });
  }

  join(txn: TxnId, account: AccountId, name: string, _password: string): Promise<void> {
    return this.once("join", txn, () => {
      this.#able(this.#accountOf(account), "rooms");
      const left = this.conversations.find((other) => other.account === account && other.title === name);
      if (left === undefined) this.conversation(account, { kind: "room", title: name });
      else Object.assign(left, { left: false });
      this.commit(null, true);
    });
  }

  leaveConversation(txn: TxnId, conversation: ConversationId): Promise<void> {
    return this.once("leaveConversation", txn, () => {
      const found = this.#conversation(conversation);
      this.#able(this.#accountOf(found.account), "rooms");
      found.left = true;
      this.commit(null, true);
    });
  }

  removeConversation(txn: TxnId, conversation: ConversationId): Promise<void> {
    return this.once("removeConversation", txn, () => {
      this.#conversation(conversation);
      this.conversations = this.conversations.filter((other) => other.id !== conversation);
      this.commit(null, true);
    });
  }

  react(txn: TxnId, message: MessageId, text: string, present: boolean): Promise<void> {
    return this.once("react", txn, () =>
      this.#touch(message, "reactions", (item) => {
        const others = item.reactions.map((one) => (one.text === text ? { ...one, mine: present } : one));
        const known = others.some((one) => one.text === text);
        const reactions = known || !present ? others : [...others, { text, names: [], mine: true }];
        return { ...item, reactions: reactions.filter((one) => one.mine || one.names.length > 0) };
      }),
    );
  }

  retract(txn: TxnId, message: MessageId): Promise<void> {
    return this.once("retract", txn, () =>
      this.#touch(message, "retraction", ({ sender, at }) => messageItem({ sender, at, retracted: { by: sender, why: null } })),
    );
  }

  typing(_conversation: ConversationId, typing: boolean): Promise<void> {
    return this.carry(() => void this.typed.push(typing));
  }

  #touch(id: MessageId, needs: "reactions" | "retraction", next: (item: Extract<Item, { kind: "message" }>) => Item): void {
    const stored = this.stored.get(id);
    if (stored === undefined) throw fault("gone");
    this.#able(this.#accountOf(this.#conversation(stored.conversation).account), needs);
    this.change(id, (item) => (item.kind === "message" ? next(item) : item));
  }

  #able(account: AccountView, needs: "rooms" | "reactions" | "retraction"): void {
    if (!account.capabilities[needs]) throw fault("incapable");
    if (account.status.kind !== "online") throw fault("offline");
  }

  #direct(account: AccountId, title: string): ConversationId {
    const found = this.conversations.find((other) => other.account === account && other.title === title);
    return found?.id ?? this.conversation(account, { kind: "direct", title });
  }

  #commandsOf(conversation: ConversationId): Set<string> {
    const { protocol } = this.#accountOf(this.#conversation(conversation).account).config;
    const commands = this.protocolsNow.find((candidate) => candidate.id === protocol)?.commands ?? [];
    return new Set(commands.map(({ name }) => name));
  }

  #conversation(id: ConversationId): Conversation {
    const found = this.conversations.find((candidate) => candidate.id === id);
    if (found === undefined) throw fault("gone");
    return found;
  }

  #accountOf(id: AccountId): AccountView {
    const found = this.accounts.find((candidate) => candidate.id === id);
    if (found === undefined) throw fault("gone");
    return found;
  }
}

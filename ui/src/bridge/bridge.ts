/**
 * The contract of the window with the core, as an interface: reads, intents and the bell. Two things implement it:
 * `tauri.ts` for the real window and `fake.ts` for tests. Nothing else lives here.
 */
import type {
  AccountConfig,
  AccountId,
  Bell,
  Changes,
  Code,
  ConsolePage,
  ConversationId,
  Draft,
  Fault,
  FormFault,
  GivenSecret,
  MessageId,
  NotifyRule,
  Page,
  Parting,
  People,
  Place,
  ProtocolView,
  RawFrame,
  Rev,
  Row,
  Search,
  SecretKind,
  SecretState,
  Settings,
  Sidebar,
  Sight,
  Truth,
  TxnId,
} from "./generated";

/** Questions to the store. They change nothing and may be asked at any time. */
export interface Reads {
  sidebar(): Promise<Sidebar>;
  settings(): Promise<Settings>;
  protocols(): Promise<ProtocolView[]>;
  checkConfig(config: AccountConfig): Promise<FormFault[]>;
  /** The newest `count` rows. */
  latest(conversation: ConversationId, count: number): Promise<Page>;
  /** At most `count` rows directly before `place`. */
  before(conversation: ConversationId, place: Place, count: number): Promise<Page>;
  /** At most `count` rows directly after `place`. */
  after(conversation: ConversationId, place: Place, count: number): Promise<Page>;
  /** About `count` rows with `message` in their middle. */
  around(conversation: ConversationId, message: MessageId, count: number): Promise<Page>;
  /**
   * What became of the rows from `from` to `to` after `since`, with what follows them when they ended at the live
   * edge. A window that holds no rows passes `null` for both.
   */
  changes(conversation: ConversationId, from: Place | null, to: Place | null, since: Rev): Promise<Changes>;
  /**
   * The messages that a query is after, the one that came last first: at most `count` of those before `before`, which is
   * a page's `more`. `within`: only in this conversation.
   */
  search(query: string, within: ConversationId | null, before: MessageId | null, count: number): Promise<Search>;
  /** The row of a message with the whole of its text, however long. */
  whole(message: MessageId): Promise<Row>;
  draft(conversation: ConversationId): Promise<Draft>;
  /** Who is there, and who is writing. */
  people(conversation: ConversationId): Promise<People>;
  /** What is true of an account's connection beyond its status. */
  truth(account: AccountId): Promise<Truth>;
  /** At most `count` frames of an account from `since` on, a page's `next`; the first time 0. */
  frames(account: AccountId, since: number, count: number): Promise<ConsolePage>;
}

/** What the user wants done. Doing one twice under one `txn` is doing it once (design invariant 6). */
export interface Intents {
  /** `secrets` go to the keyring and are kept nowhere else. */
  addAccount(txn: TxnId, config: AccountConfig, secrets: GivenSecret[]): Promise<AccountId>;
  editAccount(txn: TxnId, account: AccountId, config: AccountConfig, secrets: GivenSecret[]): Promise<void>;
  removeAccount(txn: TxnId, account: AccountId): Promise<void>;
  setEnabled(txn: TxnId, account: AccountId, enabled: boolean): Promise<void>;
  joinLounge(txn: TxnId): Promise<AccountId>;
  /**
   * `invalid` where the text begins with one slash and the protocol has commands. `reply` is the message it answers. `null`
   * where it told a service a password, which is no message.
   */
  send(txn: TxnId, conversation: ConversationId, text: string, reply: MessageId | null): Promise<MessageId | null>;
  /**
   * Does what a line behind a slash asks for, and says which conversation that leads to. `unknownCommand` where the
   * protocol's table lacks it, unless `unknown` lets it go to the server as it is.
   */
  command(txn: TxnId, conversation: ConversationId, line: string, unknown: boolean): Promise<ConversationId | null>;
  /** Asks to be let into a room; an empty password is none. */
  join(txn: TxnId, account: AccountId, name: string, password: string): Promise<void>;
  /** Goes out of a room; its history stays. */
  leaveConversation(txn: TxnId, conversation: ConversationId): Promise<void>;
  /** Deletes a conversation that is left, or one of two people, with its history. */
  removeConversation(txn: TxnId, conversation: ConversationId): Promise<void>;
  /** Puts an account before another one, or behind all. */
  moveAccount(txn: TxnId, account: AccountId, before: AccountId | null): Promise<void>;
  /** Folds an account's conversations away, or out again. */
  collapse(txn: TxnId, account: AccountId, collapsed: boolean): Promise<void>;
  /** Puts a conversation before another one of its account, or behind all; what is pinned stays before what is not. */
  moveConversation(txn: TxnId, conversation: ConversationId, before: ConversationId | null): Promise<void>;
  pin(txn: TxnId, conversation: ConversationId, pinned: boolean): Promise<void>;
  /** A conversation that is muted counts quietly and tells of nothing. */
  mute(txn: TxnId, conversation: ConversationId, muted: boolean): Promise<void>;
  /** Which messages of a conversation are told of; `null`: as its kind has it. */
  setNotify(txn: TxnId, conversation: ConversationId, rule: NotifyRule | null): Promise<void>;
  /** Puts a reaction to a message, or takes it away. */
  react(txn: TxnId, message: MessageId, text: string, present: boolean): Promise<void>;
  /** Takes an own message back. */
  retract(txn: TxnId, message: MessageId): Promise<void>;
  /** Tells the others whether something is being written. */
  typing(conversation: ConversationId, typing: boolean): Promise<void>;
  retry(txn: TxnId, message: MessageId): Promise<void>;
  /** Sends every message of the conversation again that failed, in order. */
  retryAll(txn: TxnId, conversation: ConversationId): Promise<void>;
  /** Changes the text of a message that is queued; `gone` when it may be on its way. */
  editMessage(txn: TxnId, message: MessageId, text: string): Promise<void>;
  discard(txn: TxnId, message: MessageId): Promise<void>;
  /** Asks the server for what a gap lacks. */
  heal(txn: TxnId, gap: MessageId): Promise<void>;
  saveDraft(txn: TxnId, conversation: ConversationId, text: string, reply: MessageId | null): Promise<void>;
  markRead(txn: TxnId, conversation: ConversationId, upto: MessageId): Promise<void>;
  setSettings(txn: TxnId, settings: Settings): Promise<void>;
  /** Cuts a waiting account's backoff short. Harmless when repeated, so it carries no `txn`. */
  connectNow(account: AccountId): Promise<void>;
  /** Opens where a link leads in the user's own program for it; `unopened` when there is none. Nothing of ours changes. */
  openLink(url: string): Promise<void>;
  /** The window may go as far as it is concerned; it holds `unkept` texts that the disk did not take. */
  leave(unkept: number): Promise<Parting>;
  /** The window goes, whatever is not sent or kept. */
  leaveAnyway(): Promise<void>;
  /** Trusts one certificate for `server`, a `host:port`, whatever is wrong with it. */
  trustCertificate(txn: TxnId, account: AccountId, server: string, sha256: string): Promise<void>;
  /** Gives a secret to the keyring; while that does not take it, it is kept until the program ends. */
  setSecret(account: AccountId, kind: SecretKind, value: string): Promise<SecretState>;
  forgetSecret(account: AccountId, kind: SecretKind): Promise<void>;
  /** Sends a frame as it is, past the protocol. */
  sendRaw(account: AccountId, frame: RawFrame): Promise<void>;
  /** Writes an account's frames to a file as a transcript, and says where it lies. */
  exportFrames(account: AccountId): Promise<string>;
}

/** Everything that the window can ask of the core. Each promise may reject with a {@link Fault}. */
export interface Bridge extends Reads, Intents {
  /** Calls `ring` at each bell until the returned function is called. */
  onBell(ring: (bell: Bell) => void): () => void;
  /** Calls `heard` when the user wants to close the window, until the returned function is called. */
  onClosing(heard: () => void): () => void;
  /** Calls `shown` when the user wants to see something, from outside the window, until the returned function is called. */
  onShow(shown: (sight: Sight) => void): () => void;
}

const CODES: Readonly<Record<Code, true>> = {
  gone: true,
  invalid: true,
  tooLong: true,
  disk: true,
  unusable: true,
  inUse: true,
  newer: true,
  unopened: true,
  offline: true,
  incapable: true,
  unknownCommand: true,
  internal: true,
};

/**
 * The fault that a rejected promise carries; `null` when it carries none, that is, when the answer was lost and it is
 * not known whether the core did what was asked.
 */
export function faultOf(error: unknown): Fault | null {
  if (typeof error !== "object" || error === null || !("code" in error) || !("text" in error)) return null;
  const { code, text } = error;
  if (typeof code !== "string" || typeof text !== "string" || !(code in CODES)) return null;
  return { code: code as Code, text };
}

/**
 * A core in memory for tests and for looking at the window in a browser: rows with revs, tombstones, answered
 * intents. Its bells can be dropped, doubled and delayed, and answers can be lost. No part of the built window.
 */
import type { Bridge } from "./bridge";
import { checkAddress, labelOf, plainConfig } from "./fake-config";
import { fault, FakeLine } from "./fake-line";
import { changesOf, compare, cutRow, emptyStream, textItem } from "./fake-rows";
import type {
  AccountConfig,
  AccountId,
  AccountView,
  Bell,
  Changes,
  Conversation,
  ConversationId,
  Delivery,
  FormFault,
  GivenSecret,
  Item,
  MessageId,
  Notice,
  Page,
  Place,
  Rev,
  Row,
  Sender,
  Settings,
  Sidebar,
  Status,
  Timestamp,
  TxnId,
} from "./generated";

/** What happens to a bell: how often it rings now, and a ring that is kept for {@link FakeBridge.ringLate}. */
export type BellFate = "pass" | "drop" | "double" | "late";

interface Stored {
  row: Row;
  conversation: ConversationId;
  /** The transaction that made it. */
  born: Rev;
}

export class FakeBridge extends FakeLine implements Bridge {
  rev: Rev = 1;
  accounts: AccountView[] = [];
  conversations: Conversation[] = [];
  notices: Notice[] = [];
  drafts = new Map<ConversationId, string>();
  settingsNow: Settings = { language: "system", theme: "system", background: "keep" };
  /** Decides the fate of each bell. */
  fate: () => BellFate = () => "pass";
  /** Rows that one `changes` answers at most; more is a reset. */
  maxChanges = 500;

  readonly #rows = new Map<MessageId, Stored>();
  readonly #gone = new Map<MessageId, { conversation: ConversationId; rev: Rev }>();
  readonly #rings = new Set<(bell: Bell) => void>();
  #late: Bell[] = [];
  #next = 1;

  // What tests do to the core.

  /** Adds an account with its one conversation. */
  account(config: AccountConfig, status: Status, lounge = false): { account: AccountId; conversation: ConversationId } {
    const account = this.#id();
    const conversation = this.#id();
    this.accounts.push({ id: account, config, enabled: true, label: labelOf(config), lounge, status });
    this.conversations.push(emptyStream(conversation, account));
    this.#commit(null, true);
    return { account, conversation };
  }

  status(account: AccountId, status: Status): void {
    const found = this.accounts.find((candidate) => candidate.id === account);
    if (found !== undefined) found.status = status;
    this.#commit(null, true);
  }

  /** Something was said; `at` other than the clock is for history. */
  say(conversation: ConversationId, sender: Sender, text: string, at = this.clock, delivery: Delivery | null = null): Row {
    return this.put(conversation, at, textItem({ sender, at, delivery }, text));
  }

  /** Adds a row. */
  put(conversation: ConversationId, sort: Timestamp, item: Item): Row {
    const place = { sort, id: this.#id() };
    const row: Row = { place, rev: this.rev + 1, item };
    this.#rows.set(place.id, { row, conversation, born: this.rev + 1 });
    const found = this.conversations.find((candidate) => candidate.id === conversation);
    if (found !== undefined && item.kind === "message" && item.sender.kind !== "me") found.unread += 1;
    this.#commit(conversation, true);
    return row;
  }

  /** Changes a row in place. */
  change(id: MessageId, item: (before: Item) => Item): void {
    const stored = this.#rows.get(id);
    if (stored === undefined) return;
    stored.row = { ...stored.row, rev: this.rev + 1, item: item(stored.row.item) };
    this.#commit(stored.conversation, false);
  }

  /** Deletes a row and leaves a tombstone. */
  remove(id: MessageId): void {
    const stored = this.#rows.get(id);
    if (stored === undefined) return;
    this.#rows.delete(id);
    this.#gone.set(id, { conversation: stored.conversation, rev: this.rev + 1 });
    this.#commit(stored.conversation, true);
  }

  /** Every row of a conversation, in order. */
  rows(conversation: ConversationId): Row[] {
    return [...this.#rows.values()]
      .filter((stored) => stored.conversation === conversation)
      .map((stored) => stored.row)
      .sort((a, b) => compare(a.place, b.place));
  }

  /** Rings every bell that was kept. */
  ringLate(): void {
    for (const bell of this.#late.splice(0)) this.#ring(bell);
  }

  // Reads.

  sidebar(): Promise<Sidebar> {
    return this.carry(() =>
      structuredClone({
        rev: this.rev,
        accounts: this.accounts,
        conversations: this.conversations,
        notices: this.notices,
      }),
    );
  }

  settings(): Promise<Settings> {
    return this.carry(() => ({ ...this.settingsNow }));
  }

  protocols(): Promise<{ id: string; name: string }[]> {
    return this.carry(() => [{ id: "plain", name: "Plain text" }]);
  }

  checkConfig(config: AccountConfig): Promise<FormFault[]> {
    return this.carry(() => checkAddress(config.url));
  }

  latest(conversation: ConversationId, count: number): Promise<Page> {
    return this.carry(() => {
      const rows = this.rows(conversation);
      return this.#page(rows.slice(-count), rows.length > count, false);
    });
  }

  before(conversation: ConversationId, place: Place, count: number): Promise<Page> {
    return this.carry(() => {
      const rows = this.rows(conversation);
      const older = rows.filter((row) => compare(row.place, place) < 0);
      return this.#page(older.slice(-count), older.length > count, older.length < rows.length);
    });
  }

  after(conversation: ConversationId, place: Place, count: number): Promise<Page> {
    return this.carry(() => {
      const rows = this.rows(conversation);
      const newer = rows.filter((row) => compare(row.place, place) > 0);
      return this.#page(newer.slice(0, count), newer.length < rows.length, newer.length > count);
    });
  }

  around(conversation: ConversationId, message: MessageId, count: number): Promise<Page> {
    return this.carry(() => {
      const rows = this.rows(conversation);
      const at = rows.findIndex((row) => row.place.id === message);
      if (at < 0) throw fault("gone");
      const start = Math.max(0, at - Math.floor(count / 2));
      return this.#page(rows.slice(start, start + count), start > 0, start + count < rows.length);
    });
  }

  changes(conversation: ConversationId, from: Place | null, to: Place | null, since: Rev): Promise<Changes> {
    return this.carry(() => {
      const gone = [...this.#gone].filter(([, one]) => one.conversation === conversation && one.rev > since);
      const born = (row: Row): Rev => this.#rows.get(row.place.id)?.born ?? 0;
      const removed = gone.map(([id]) => id);
      return changesOf({ rows: this.rows(conversation), born, removed, rev: this.rev }, from, to, since, this.maxChanges);
    });
  }

  whole(message: MessageId): Promise<Row> {
    return this.carry(() => {
      const stored = this.#rows.get(message);
      if (stored === undefined) throw fault("gone");
      return stored.row;
    });
  }

  draft(conversation: ConversationId): Promise<string> {
    return this.carry(() => this.drafts.get(conversation) ?? "");
  }

  // Intents.

  addAccount(txn: TxnId, config: AccountConfig, secrets: GivenSecret[]): Promise<AccountId> {
    return this.once("addAccount", txn, () => {
      const { account } = this.account(config, { kind: "connecting", url: config.url, phase: "dns", attempt: 1 });
      this.keep(account, secrets);
      return account;
    });
  }

  editAccount(txn: TxnId, account: AccountId, config: AccountConfig, secrets: GivenSecret[]): Promise<void> {
    return this.once("editAccount", txn, () => {
      const found = this.accounts.find((candidate) => candidate.id === account);
      if (found === undefined) throw fault("gone");
      found.config = config;
      found.label = labelOf(config);
      this.keep(account, secrets);
      this.#commit(null, true);
    });
  }

  removeAccount(txn: TxnId, account: AccountId): Promise<void> {
    return this.once("removeAccount", txn, () => {
      this.accounts = this.accounts.filter((candidate) => candidate.id !== account);
      this.conversations = this.conversations.filter((candidate) => candidate.account !== account);
      this.#commit(null, true);
    });
  }

  setEnabled(txn: TxnId, account: AccountId, enabled: boolean): Promise<void> {
    return this.once("setEnabled", txn, () => {
      const found = this.accounts.find((candidate) => candidate.id === account);
      if (found === undefined) throw fault("gone");
      found.enabled = enabled;
      found.status = enabled ? { kind: "connecting", url: found.config.url, phase: "tcp", attempt: 1 } : { kind: "off" };
      this.#commit(null, true);
    });
  }

  joinLounge(txn: TxnId): Promise<AccountId> {
    return this.once("joinLounge", txn, () => {
      const line = { url: "ws://127.0.0.1:4747/lounge", address: "127.0.0.1:4747", tls: null, subprotocol: null, extensions: null, rttMs: 1, since: this.clock };
      return this.account(plainConfig("ws://127.0.0.1:4747/lounge"), { kind: "online", line }, true).account;
    });
  }

  send(txn: TxnId, conversation: ConversationId, text: string): Promise<MessageId> {
    return this.once("send", txn, () => {
      if (text.length > 1000) throw fault("tooLong");
      return this.say(conversation, { kind: "me" }, text, this.clock, { kind: "queued" }).place.id;
    });
  }

  retry(txn: TxnId, message: MessageId): Promise<void> {
    return this.once("retry", txn, () =>
      this.change(message, (item) => (item.kind === "gap" ? item : { ...item, delivery: { kind: "queued" } })),
    );
  }

  retryAll(txn: TxnId, conversation: ConversationId): Promise<void> {
    return this.once("retryAll", txn, () => {
      for (const { place, item } of this.rows(conversation)) {
        if (item.kind !== "message" || item.delivery?.kind !== "failed") continue;
        this.change(place.id, (before) => (before.kind === "gap" ? before : { ...before, delivery: { kind: "queued" } }));
      }
    });
  }

  editMessage(txn: TxnId, message: MessageId, text: string): Promise<void> {
    return this.once("editMessage", txn, () => {
      const item = this.#rows.get(message)?.row.item;
      if (item?.kind !== "message" || item.delivery?.kind !== "queued") throw fault("gone");
      this.change(message, () => textItem({ sender: item.sender, at: item.at, delivery: item.delivery }, text));
    });
  }

  heal(txn: TxnId, gap: MessageId): Promise<void> {
    return this.once("heal", txn, () => {
      const item = this.#rows.get(gap)?.row.item;
      if (item?.kind !== "gap" || item.healing.kind === "unavailable") throw fault("gone");
      this.change(gap, () => ({ ...item, healing: { kind: "loading" } }));
    });
  }

  trustCertificate(txn: TxnId, account: AccountId, server: string, sha256: string): Promise<void> {
    return this.once("trustCertificate", txn, () => {
      const found = this.accounts.find((candidate) => candidate.id === account);
      if (found === undefined) throw fault("gone");
      found.config.trust.pins.push({ server, sha256 });
      this.status(account, { kind: "connecting", url: found.config.url, phase: "tcp", attempt: 1 });
    });
  }

  discard(txn: TxnId, message: MessageId): Promise<void> {
    return this.once("discard", txn, () => this.remove(message));
  }

  saveDraft(txn: TxnId, conversation: ConversationId, text: string): Promise<void> {
    return this.once("saveDraft", txn, () => void this.drafts.set(conversation, text));
  }

  markRead(txn: TxnId, conversation: ConversationId, upto: MessageId): Promise<void> {
    return this.once("markRead", txn, () => {
      const found = this.conversations.find((candidate) => candidate.id === conversation);
      const place = this.#rows.get(upto)?.row.place;
      if (found === undefined || place === undefined) return;
      found.read = place;
      found.unread = this.rows(conversation).filter(
        (row) => row.item.kind === "message" && row.item.sender.kind !== "me" && compare(row.place, place) > 0,
      ).length;
      this.#commit(null, true);
    });
  }

  setSettings(txn: TxnId, settings: Settings): Promise<void> {
    return this.once("setSettings", txn, () => {
      this.settingsNow = settings;
      this.#commit(null, true);
    });
  }

  connectNow(account: AccountId): Promise<void> {
    this.ran.push("connectNow");
    const url = this.accounts.find((candidate) => candidate.id === account)?.config.url ?? "";
    return this.carry(() => this.status(account, { kind: "connecting", url, phase: "tcp", attempt: 1 }));
  }

  onBell(ring: (bell: Bell) => void): () => void {
    this.#rings.add(ring);
    return () => void this.#rings.delete(ring);
  }

  #page(rows: Row[], hasOlder: boolean, hasNewer: boolean): Page {
    return { rows: rows.map(cutRow), hasOlder, hasNewer, rev: this.rev };
  }

  #id(): number {
    return this.#next++;
  }

  #commit(conversation: ConversationId | null, sidebar: boolean): void {
    this.rev += 1;
    const bell: Bell = { rev: this.rev, sidebar, conversations: conversation === null ? [] : [conversation] };
    switch (this.fate()) {
      case "pass":
        return this.#ring(bell);
      case "double":
        this.#ring(bell);
        return this.#ring(bell);
      case "late":
        this.#late.push(bell);
        return;
      case "drop":
        return;
    }
  }

  #ring(bell: Bell): void {
    for (const ring of [...this.#rings]) ring(bell);
  }
}

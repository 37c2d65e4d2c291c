/** The store of the core in memory: rows with revs, tombstones, bells that can be dropped, doubled and delayed; reads. */
import { BARE, checkAddress, labelOf, PROTOCOLS } from "./fake-config";
import { fault, FakeLine } from "./fake-line";
import { changesOf, compare, cutRow, emptyStream, hitOf, quoteOf, textItem } from "./fake-rows";
import type {
  AccountConfig,
  AccountId,
  AccountView,
  Bell,
  Changes,
  Conversation,
  ConversationId,
  Delivery,
  Draft,
  FormFault,
  Item,
  MessageId,
  Notice,
  Page,
  Place,
  ProtocolView,
  Rev,
  Row,
  Search,
  Sender,
  Settings,
  Status,
  Timestamp,
} from "./generated";

/** What happens to a bell: how often it rings now, and a ring that is kept for {@link FakeBridge.ringLate}. */
export type BellFate = "pass" | "drop" | "double" | "late";

interface Stored {
  row: Row;
  conversation: ConversationId;
  /** The transaction that made it. */
  born: Rev;
}

export class FakeStore extends FakeLine {
  rev: Rev = 1;
  accounts: AccountView[] = [];
  conversations: Conversation[] = [];
  notices: Notice[] = [];
  drafts = new Map<ConversationId, string>();
  /** The messages that are to be answered. */
  answers = new Map<ConversationId, MessageId>();
  settingsNow: Settings = {
    language: "system",
    theme: "system",
    density: "comfortable",
    zoom: 100,
    background: "keep",
    highlights: "",
    preview: "text",
    quiet: { on: false, from: 22 * 60, until: 7 * 60 },
  };
  protocolsNow: readonly ProtocolView[] = PROTOCOLS;
  /** Decides the fate of each bell. */
  fate: () => BellFate = () => "pass";
  /** Rows that one `changes` answers at most; more is a reset. */
  maxChanges = 500;

  protected readonly stored = new Map<MessageId, Stored>();
  readonly #gone = new Map<MessageId, { conversation: ConversationId; rev: Rev }>();
  readonly #rings = new Set<(bell: Bell) => void>();
  #late: Bell[] = [];
  #next = 1;

  // What tests do to the core.

  /** Adds an account with its one conversation. */
  account(config: AccountConfig, status: Status, lounge = false): { account: AccountId; conversation: ConversationId } {
    const account = this.id();
    const conversation = this.id();
    const view = { id: account, config, enabled: true, collapsed: false, label: labelOf(config), lounge, status };
    this.accounts.push({ ...view, capabilities: { ...BARE }, me: null, count: { unread: 0, mentions: 0 } });
    this.conversations.push(emptyStream(conversation, account));
    this.commit(null, true);
    return { account, conversation };
  }

  /** Adds a conversation to an account. */
  conversation(account: AccountId, more: Partial<Conversation>): ConversationId {
    const id = this.id();
    this.conversations.push({ ...emptyStream(id, account), ...more, id });
    this.commit(null, true);
    return id;
  }

  status(account: AccountId, status: Status): void {
    const found = this.accounts.find((candidate) => candidate.id === account);
    if (found !== undefined) found.status = status;
    this.commit(null, true);
  }

  /** Something was said; `at` other than the clock is for history. */
  say(conversation: ConversationId, sender: Sender, text: string, at = this.clock, delivery: Delivery | null = null): Row {
    return this.put(conversation, at, textItem({ sender, at, delivery }, text));
  }

  /** Adds a row. */
  put(conversation: ConversationId, sort: Timestamp, item: Item): Row {
    const place = { sort, id: this.id() };
    const row: Row = { place, rev: this.rev + 1, item };
    this.stored.set(place.id, { row, conversation, born: this.rev + 1 });
    const found = this.conversations.find((candidate) => candidate.id === conversation);
    if (found !== undefined && item.kind === "message" && item.sender.kind !== "me") {
      found.unread += 1;
      if (item.mentionsMe || found.kind === "direct") found.mentions += 1;
    }
    this.commit(conversation, true);
    return row;
  }

  /** Changes a row in place. */
  change(id: MessageId, item: (before: Item) => Item): void {
    const stored = this.stored.get(id);
    if (stored === undefined) return;
    stored.row = { ...stored.row, rev: this.rev + 1, item: item(stored.row.item) };
    this.commit(stored.conversation, false);
  }

  /** Deletes a row and leaves a tombstone. */
  remove(id: MessageId): void {
    const stored = this.stored.get(id);
    if (stored === undefined) return;
    this.stored.delete(id);
    this.#gone.set(id, { conversation: stored.conversation, rev: this.rev + 1 });
    this.commit(stored.conversation, true);
  }

  /** Every row of a conversation, in order. */
  rows(conversation: ConversationId): Row[] {
    return [...this.stored.values()]
      .filter((stored) => stored.conversation === conversation)
      .map((stored) => stored.row)
      .sort((a, b) => compare(a.place, b.place));
  }

  /** Rings every bell that was kept. */
  ringLate(): void {
    for (const bell of this.#late.splice(0)) this.#ring(bell);
  }

  // Reads.

  settings(): Promise<Settings> {
    return this.carry(() => ({ ...this.settingsNow }));
  }

  protocols(): Promise<ProtocolView[]> {
    return this.carry(() => structuredClone([...this.protocolsNow]));
  }

  checkConfig(config: AccountConfig): Promise<FormFault[]> {
    return this.carry(() => [...checkAddress(config.url), ...this.#checkFields(config)]);
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
      const born = (row: Row): Rev => this.stored.get(row.place.id)?.born ?? 0;
      const removed = gone.map(([id]) => id);
      return changesOf({ rows: this.rows(conversation), born, removed, rev: this.rev }, from, to, since, this.maxChanges);
    });
  }

  search(query: string, within: ConversationId | null, before: MessageId | null, count: number): Promise<Search> {
    this.ran.push("search");
    return this.carry(() => {
      if (/^has:(?!link)/.test(query)) return { kind: "unclear", fault: { kind: "has", value: query.slice(4) } };
      const hits = [...this.stored.values()]
        .filter((stored) => within === null || stored.conversation === within)
        .flatMap((stored) => hitOf(stored.row, stored.conversation, query) ?? [])
        .filter((hit) => before === null || hit.message < before)
        .sort((a, b) => b.message - a.message);
      return { kind: "found", hits: hits.slice(0, count), more: hits.length > count ? (hits[count - 1]?.message ?? null) : null };
    });
  }

  whole(message: MessageId): Promise<Row> {
    return this.carry(() => {
      const stored = this.stored.get(message);
      if (stored === undefined) throw fault("gone");
      return stored.row;
    });
  }

  draft(conversation: ConversationId): Promise<Draft> {
    return this.carry(() => {
      const answered = this.stored.get(this.answers.get(conversation) ?? 0);
      return { text: this.drafts.get(conversation) ?? "", reply: answered === undefined ? null : quoteOf(answered.row) };
    });
  }

  onBell(ring: (bell: Bell) => void): () => void {
    this.#rings.add(ring);
    return () => void this.#rings.delete(ring);
  }

  #checkFields({ protocol, fields = {} }: AccountConfig): FormFault[] {
    const known = this.protocolsNow.find((candidate) => candidate.id === protocol)?.fields ?? [];
    const wrong = known.filter(({ id, required }) => (fields[id] ?? "") === "" ? required : (fields[id] ?? "").startsWith("!"));
    return wrong.map(({ id }) => ({ kind: "field", id, value: fields[id] ?? "" }));
  }

  #page(rows: Row[], hasOlder: boolean, hasNewer: boolean): Page {
    return { rows: rows.map(cutRow), hasOlder, hasNewer, rev: this.rev };
  }

  protected id(): number {
    return this.#next++;
  }

  protected commit(conversation: ConversationId | null, sidebar: boolean): void {
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

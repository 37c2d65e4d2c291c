/**
 * The open conversation's window: reads pages at its ends, pulls its changes, starts over after a reset. It knows what
 * the reader looks at (the live edge, or some row), for that decides which end is cut and where to start over.
 */
import type { Bridge } from "../bridge/bridge";
import { faultOf } from "../bridge/bridge";
import type { ConversationId, MessageId, Place, Rev } from "../bridge/generated";
import { Cell } from "./cell";
import type { End, Window } from "./window";
import { PAGE_ROWS, windowOf, withChanges, withNewer, withOlder } from "./window";

/** A window on one conversation. */
export class Timeline {
  readonly conversation: ConversationId;
  /** The rows that are shown; `null` until the first page was read. */
  readonly window = new Cell<Window | null>(null);
  /** At which end a page is being read. */
  readonly loading = new Cell<End | null>(null);
  /** Everything up to here was read when the conversation was opened; `null`: no line is drawn. */
  readonly newAfter = new Cell<Place | null>(null);
  /** The reader is at the live edge and wants to stay there. */
  readonly following = new Cell<boolean>(true);
  /** The row that the reader was taken to, until it has been shown. */
  readonly sought = new Cell<MessageId | null>(null);
  /** The row that the reader looks at while not following. */
  anchor: MessageId | null = null;

  readonly #bridge: Bridge;
  readonly #asked = new Map<MessageId, Rev>();
  #turn: Promise<void> = Promise.resolve();

  /** At the newest rows, or at `row`, where the reader was. */
  constructor(bridge: Bridge, conversation: ConversationId, row: MessageId | null = null) {
    this.#bridge = bridge;
    this.conversation = conversation;
    this.anchor = row;
    this.following.set(row === null);
  }

  /** Brings the window up to the store: reads the page where the reader is at first, then what has changed. */
  pull(): Promise<void> {
    return this.#inTurn(async () => {
      const window = this.window.value;
      if (window === null) return this.#startOver();
      const from = window.rows.at(0)?.place ?? null;
      const to = window.rows.at(-1)?.place ?? null;
      const changes = await this.#bridge.changes(this.conversation, from, to, window.rev);
      if (changes.kind === "reset") return this.#startOver();
      const next = withChanges(window, changes, this.following.value ? "newest" : (this.anchor ?? "newest"));
      if (next.rows.length === 0 && (next.hasOlder || next.hasNewer)) return this.#readLatest();
      this.window.set(next);
      if (this.following.value && next.hasNewer) await this.#grow("newer");
    });
  }

  /** Reads the page before the first row, unless there is none or one is being read. */
  older(): Promise<void> {
    return this.#page("older");
  }

  /** Reads the page after the last row, unless there is none or one is being read. */
  newer(): Promise<void> {
    return this.#page("newer");
  }

  /** Shows the newest rows and follows them. */
  newest(): Promise<void> {
    this.following.set(true);
    this.sought.set(null);
    this.anchor = null;
    return this.#inTurn(async () => {
      if (this.window.value?.hasNewer !== false) await this.#readLatest();
    });
  }

  /** Shows the rows around `message` and stays there. Rejects with `gone` when it is not here any more. */
  around(message: MessageId): Promise<void> {
    this.following.set(false);
    this.anchor = message;
    this.sought.set(null);
    return this.#inTurn(async () => {
      const held = this.window.value?.rows.some((row) => row.place.id === message) ?? false;
      if (!held) this.window.set(windowOf(await this.#bridge.around(this.conversation, message, PAGE_ROWS)));
      this.sought.set(message);
    });
  }

  /** Whether the history before a gap is to be asked for: once for each state that the gap has been in. */
  asks(gap: MessageId, rev: Rev): boolean {
    if (this.#asked.get(gap) === rev) return false;
    this.#asked.set(gap, rev);
    return true;
  }

  async #page(end: End): Promise<void> {
    const window = this.window.value;
    if (window === null || this.loading.value !== null) return;
    if (end === "older" ? !window.hasOlder : !window.hasNewer) return;
    this.loading.set(end);
    try {
      await this.#inTurn(() => this.#grow(end));
    } finally {
      this.loading.set(null);
    }
  }

  async #grow(end: End): Promise<void> {
    const window = this.window.value;
    const edge = end === "older" ? window?.rows.at(0) : window?.rows.at(-1);
    if (window === null || edge === undefined) return this.#readLatest();
    if (end === "older") {
      const page = await this.#bridge.before(this.conversation, edge.place, PAGE_ROWS);
      this.window.set(withOlder(window, page));
    } else {
      const page = await this.#bridge.after(this.conversation, edge.place, PAGE_ROWS);
      this.window.set(withNewer(window, page));
    }
  }

  async #startOver(): Promise<void> {
    if (this.following.value || this.anchor === null) return this.#readLatest();
    try {
      this.window.set(windowOf(await this.#bridge.around(this.conversation, this.anchor, PAGE_ROWS)));
    } catch (error) {
      if (faultOf(error)?.code !== "gone") throw error;
      if (this.window.value === null) this.following.set(true);
      await this.#readLatest();
    }
  }

  async #readLatest(): Promise<void> {
    this.window.set(windowOf(await this.#bridge.latest(this.conversation, PAGE_ROWS)));
  }

  /** Runs `run` after everything that was asked for before: no two reads change the window at once. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(run);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

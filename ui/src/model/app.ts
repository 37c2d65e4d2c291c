/**
 * The window's model as one: what is read (sidebar, settings, the open conversation), when, and the intents. It holds
 * copies of what the store says and nothing that a reload would lose (design invariants 1 and 3).
 */
import type { Bridge } from "../bridge/bridge";
import { faultOf } from "../bridge/bridge";
import type {
  AccountConfig,
  AccountId,
  Body,
  ConversationId,
  Fault,
  GivenSecret,
  MessageId,
  Settings,
  Sidebar,
  TxnId,
} from "../bridge/generated";
import { Acts } from "./acts";
import { Cell } from "./cell";
import { Composer } from "./composer";
import { lastQueued, queuedText } from "./entries";
import { carryOut } from "./intent";
import { Panel, type Tab } from "./panel";
import { Parting } from "./parting";
import { Pulls } from "./pulls";
import { findConversation, neighbour, same, withKept } from "./sidebar";
import { Timeline } from "./timeline";
import { isUnusable, troubleOf, type Trouble } from "./trouble";
import { comparePlaces } from "./window";
import type { World } from "./world";

/** How often everything is read again without a bell: the longest that a lost one can go unnoticed. */
export const TICK_MS = 10_000;

/** How long after one mark of what was read the next is sent: in a flood, a few writes a second and not one a frame. */
export const MARK_MS = 250;

/** How long after a bell the next one makes the panel read again: in a flood, a few reads a second and not one a frame. */
export const RING_MS = 250;

/** The clock of countdowns, and of the panel. */
const SECOND_MS = 1000;

/** An open conversation. */
export interface Room {
  readonly conversation: ConversationId;
  readonly timeline: Timeline;
  readonly composer: Composer;
}

/** The window's model. */
export class App extends Acts {
  readonly bridge: Bridge;
  readonly sidebar = new Cell<Sidebar | null>(null);
  readonly settings = new Cell<Settings | null>(null);
  readonly room = new Cell<Room | null>(null);
  /** The truth about one account; nothing of it is read while this is closed. */
  readonly panel = new Cell<Panel | null>(null);
  readonly trouble = new Cell<Trouble | null>(null);
  /** Why the store cannot be opened at all. */
  readonly unusable = new Cell<Fault | null>(null);
  readonly parting: Parting;
  readonly now: Cell<number>;
  /** The conversation whose newest rows are before the reader's eyes: nothing of it is unread for long. */
  readonly inSight = new Cell<ConversationId | null>(null);

  readonly #world: World;
  readonly #pulls: Pulls;
  /**
   * The composers of conversations that were opened, as long as these exist: a text that is being kept or sent while
   * its conversation is out of sight has one owner, and none reads the draft behind it.
   */
  readonly #composers = new Map<ConversationId, Composer>();
  readonly #stops: (() => void)[] = [];
  /** A conversation or account to open as soon as the sidebar has it. */
  #wanted: { account: AccountId } | { conversation: ConversationId } | null = null;
  #present = false;
  #marking = false;
  #rung = 0;
  #marked: MessageId | null = null;
  #unfollow = (): void => undefined;

  constructor(bridge: Bridge, world: World) {
    super();
    this.bridge = bridge;
    this.#world = world;
    this.parting = new Parting(bridge, () => [...this.#composers.values()]);
    this.now = new Cell(world.now());
    this.#pulls = new Pulls(world, (error) => this.#readFailed(error));
  }

  /** Begins to read. `conversation` is the one to open, when it is still there. */
  start(conversation: ConversationId | null): void {
    if (conversation !== null) this.#wanted = { conversation };
    this.#stops.push(
      this.bridge.onBell((bell) => {
        if (bell.sidebar) {
          this.#pulls.dirty("sidebar");
          this.#pulls.dirty("settings");
        }
        if (this.#world.now() - this.#rung >= RING_MS) {
          this.#rung = this.#world.now();
          this.#pulls.dirty("truth");
        }
        const open = this.room.value?.conversation;
        if (open !== undefined && (bell.conversations?.includes(open) ?? true)) this.#pulls.dirty("timeline");
      }),
    );
    this.#stops.push(this.parting.start());
    this.#pulls.add("settings", async () => {
      const settings = await this.bridge.settings();
      if (!same(settings, this.settings.value)) this.settings.set(settings);
    });
    this.#pulls.add("sidebar", () => this.#pullSidebar());
    this.#every(TICK_MS, () => {
      this.#pulls.dirtyAll();
      this.#flush();
    });
    this.#every(SECOND_MS, () => {
      this.now.set(this.#world.now());
      this.#pulls.dirty("truth");
    });
  }

  /** Ends everything that goes on by itself. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** The window came into sight and focus, or went. */
  present(present: boolean): void {
    const came = present && !this.#present;
    this.#present = present;
    this.#look();
    if (!present) return this.#flush();
    this.#pulls.dirtyAll();
    const found = this.#found();
    if (came && found !== null && found.conversation.unread > 0) {
      this.room.value?.timeline.newAfter.set(found.conversation.read);
    }
    this.markRead();
  }

  /** Opens a conversation. */
  select(conversation: ConversationId): void {
    const sidebar = this.sidebar.value;
    if (sidebar === null || this.room.value?.conversation === conversation) return;
    const found = findConversation(sidebar, conversation);
    if (found === null) return;
    void this.room.value?.composer.flush();
    const timeline = new Timeline(this.bridge, conversation);
    if (found.conversation.unread > 0) timeline.newAfter.set(found.conversation.read);
    const composer = this.#composers.get(conversation) ?? new Composer(this.bridge, this.#world, conversation);
    this.#composers.set(conversation, composer);
    this.#marked = null;
    // The panel stands beside the room, so it tells of the room's account.
    const panel = this.panel.value;
    if (panel !== null) this.openTruth(found.account.id, panel.tab.value);
    this.room.set({ conversation, timeline, composer });
    this.#unfollow();
    this.#unfollow = timeline.following.subscribe(() => this.#look());
    // Asks once, and again after a failure: what was not read must not be typed over.
    this.#pulls.add("draft", () => composer.open());
    this.#pulls.add("timeline", async () => {
      await timeline.pull();
      this.markRead();
    });
  }

  /** Opens the truth about an account. */
  openTruth(account: AccountId, tab: Tab = "line"): void {
    const open = this.panel.value;
    if (open?.account === account) {
      open.tab.set(tab);
      return this.#pulls.dirty("truth");
    }
    const panel = new Panel(this.bridge, account, tab);
    this.panel.set(panel);
    this.#pulls.add("truth", () => panel.pull());
  }

  closeTruth(): void {
    this.panel.set(null);
    this.#pulls.remove("truth");
  }

  /** Opens the conversation above or below the open one. */
  step(step: 1 | -1): void {
    const sidebar = this.sidebar.value;
    if (sidebar === null) return;
    const next = neighbour(sidebar, this.room.value?.conversation ?? null, step);
    if (next !== null) this.select(next);
  }

  /** Reads rows at an end of the open timeline, telling of it when that fails. */
  async read(run: (timeline: Timeline) => Promise<void>): Promise<void> {
    const timeline = this.room.value?.timeline;
    if (timeline === undefined) return;
    try {
      await run(timeline);
      this.markRead();
    } catch (error) {
      this.#readFailed(error);
    }
  }

  /** Reads the whole of a text of which a row holds the beginning; `null` when that fails, which is told. */
  async whole(message: MessageId): Promise<Body | null> {
    try {
      const { item } = await this.bridge.whole(message);
      // The reader stays at the beginning of what grows, and does not jump to its end.
      const timeline = this.room.value?.timeline;
      timeline?.following.set(false);
      if (timeline !== undefined) timeline.anchor = message;
      return item.kind === "message" ? item.body : null;
    } catch (error) {
      this.#readFailed(error);
      return null;
    }
  }

  /** Puts a queued message of the open conversation into the composer, to be written anew. */
  async amend(message: MessageId): Promise<void> {
    const composer = this.room.value?.composer;
    try {
      // A row may hold only the beginning of its text.
      const text = queuedText((await this.bridge.whole(message)).item);
      if (text !== null) composer?.amend(message, text);
    } catch (error) {
      this.#readFailed(error);
    }
  }

  /** The same for the newest one that is queued. Says whether there is one. */
  amendLast(): boolean {
    const message = lastQueued(this.room.value?.timeline.window.value?.rows ?? []);
    if (message !== null) void this.amend(message);
    return message !== null;
  }

  /** Adds an account and opens its conversation. Rejects when it cannot be added. */
  async addAccount(txn: TxnId, config: AccountConfig, secrets: GivenSecret[] = []): Promise<void> {
    this.#await(await carryOut(txn, (name) => this.bridge.addAccount(name, config, secrets)));
  }

  /** Changes how an account reaches its server. Rejects when it cannot be changed. */
  async editAccount(txn: TxnId, account: AccountId, config: AccountConfig, secrets: GivenSecret[] = []): Promise<void> {
    await carryOut(txn, (name) => this.bridge.editAccount(name, account, config, secrets));
    this.#pulls.dirtyAll();
  }

  /** Joins the lounge on this computer and opens it. */
  joinLounge(): Promise<boolean> {
    return this.act(async (txn) => this.#await(await this.bridge.joinLounge(txn)));
  }

  /** Sends what the composer holds, and goes to the newest rows, where it will stand. */
  async send(): Promise<void> {
    const room = this.room.value;
    const amends = room?.composer.editing.value !== null;
    if (room === null || !(await room.composer.send())) return;
    this.#pulls.dirtyAll();
    // Who changed an older message stays there.
    if (amends) return;
    if (this.room.value?.conversation === room.conversation) await this.read((timeline) => timeline.newest());
  }

  /** A name for an intent that the view tries more than once, such as saving a form. */
  newTxn(): TxnId {
    return this.#world.newTxn();
  }

  /** Tells the core how far the user has read: only what is in sight, at the live edge of a window in focus. */
  markRead(): void {
    const found = this.#found();
    const timeline = this.room.value?.timeline;
    const window = timeline?.window.value;
    const last = window?.rows.at(-1)?.place;
    if (!this.#present || this.#marking || found === null || timeline?.following.value !== true) return;
    if (window?.hasNewer !== false || last === undefined || last.id === this.#marked) return;
    const { read } = found.conversation;
    if (read !== null && comparePlaces(last, read) <= 0) return;
    this.#marking = true;
    carryOut(this.#world.newTxn(), (txn) => this.bridge.markRead(txn, timeline.conversation, last.id))
      .then(
        () => true,
        // The next pull tries again.
        () => false,
      )
      .then((done) => {
        if (done && this.room.value?.timeline === timeline) this.#marked = last.id;
        this.#pulls.dirty("sidebar");
        this.#world.after(MARK_MS, () => {
          this.#marking = false;
          if (done) this.markRead();
        });
      });
  }

  /** Keeps every draft that is not kept yet, also of conversations that are out of sight. */
  #flush(): void {
    for (const composer of this.#composers.values()) void composer.flush();
  }

  #look(): void {
    const room = this.room.value;
    this.inSight.set(this.#present && room?.timeline.following.value === true ? room.conversation : null);
  }

  async #pullSidebar(): Promise<void> {
    const sidebar = withKept(await this.bridge.sidebar(), this.sidebar.value);
    if (this.trouble.value?.kind === "reading") this.trouble.set(null);
    if (same(sidebar, this.sidebar.value)) return;
    this.sidebar.set(sidebar);
    for (const id of this.#composers.keys()) {
      if (findConversation(sidebar, id) === null) this.#composers.delete(id);
    }
    const room = this.room.value;
    if (room !== null && findConversation(sidebar, room.conversation) === null) {
      this.#pulls.remove("timeline");
      this.#pulls.remove("draft");
      this.room.set(null);
    }
    const shown = this.panel.value?.account;
    if (shown !== undefined && !sidebar.accounts.some((account) => account.id === shown)) this.closeTruth();
    this.#open(sidebar);
    this.markRead();
  }

  /** Opens what is wanted, or anything when nothing is open. */
  #open(sidebar: Sidebar): void {
    const wanted = this.#wanted;
    if (wanted !== null) {
      const found = sidebar.conversations.find((conversation) =>
        "account" in wanted ? conversation.account === wanted.account : conversation.id === wanted.conversation,
      );
      if (found !== undefined || "conversation" in wanted) this.#wanted = null;
      if (found !== undefined) this.select(found.id);
    }
    const first = neighbour(sidebar, null, 1);
    if (this.room.value === null && first !== null) this.select(first);
  }

  #await(account: AccountId): void {
    this.#wanted = { account };
    if (this.sidebar.value !== null) this.#open(this.sidebar.value);
    this.#pulls.dirtyAll();
  }

  #found(): ReturnType<typeof findConversation> {
    const sidebar = this.sidebar.value;
    return sidebar === null ? null : findConversation(sidebar, this.room.value?.conversation ?? null);
  }

  protected async act(run: (txn: TxnId) => Promise<void>): Promise<boolean> {
    try {
      await carryOut(this.#world.newTxn(), run);
      return true;
    } catch (error) {
      const fault = faultOf(error);
      if (fault !== null && isUnusable(fault)) this.unusable.set(fault);
      // What is gone needs no more doing.
      else if (fault?.code !== "gone") this.trouble.set(troubleOf(error));
      return false;
    } finally {
      this.#pulls.dirtyAll();
    }
  }

  #readFailed(error: unknown): void {
    const fault = faultOf(error);
    if (fault !== null && isUnusable(fault)) this.unusable.set(fault);
    else if (fault?.code === "gone") this.#pulls.dirty("sidebar");
    else this.trouble.set({ kind: "reading" });
  }

  #every(ms: number, run: () => void): void {
    let cancel = (): void => undefined;
    const plan = (): void => {
      cancel = this.#world.after(ms, () => {
        plan();
        run();
      });
    };
    plan();
    this.#stops.push(() => cancel());
  }
}

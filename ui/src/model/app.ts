/**
 * The window's model as one: what is read (sidebar, settings, the open conversation), when, and the intents. It holds
 * copies of what the store says and nothing that a reload would lose (design invariants 1 and 3).
 */
import type { Bridge } from "../bridge/bridge";
import { faultOf } from "../bridge/bridge";
import type {
  AccountConfig,
  AccountId,
  ConversationId,
  Fault,
  GivenSecret,
  MessageId,
  Settings,
  Sidebar,
  TxnId,
} from "../bridge/generated";
import { Cell, type Watched } from "./cell";
import { Composer } from "./composer";
import { Gathering } from "./gathering";
import { carryOut } from "./intent";
import { Panel, type Tab } from "./panel";
import { Parting } from "./parting";
import { Pulls } from "./pulls";
import { Reading } from "./reading";
import { RoomActs, type Room } from "./room-acts";
import { findConversation, neighbour, same, sameTitle, withKept } from "./sidebar";
import { Talk } from "./talk";
import { Timeline } from "./timeline";
import { isUnusable, troubleOf, type Trouble } from "./trouble";
import { comparePlaces } from "./window";
import type { World } from "./world";

/** How often everything is read again without a bell: the longest that a lost one can go unnoticed. */
export const TICK_MS = 10_000;

/** How long after a bell the next one makes the panel read again: in a flood, a few reads a second and not one a frame. */
export const RING_MS = 250;

/** The clock of countdowns, and of the panel. */
const SECOND_MS = 1000;

/** What is to be opened: an account, the room of some name in one, or a conversation. */
type Wanted =
  | { account: AccountId; title?: string }
  | { conversation: ConversationId; coming: boolean };

/** The window's model. */
export class App extends RoomActs {
  readonly bridge: Bridge;
  readonly sidebar = new Cell<Sidebar | null>(null);
  readonly settings = new Cell<Settings | null>(null);
  readonly room = new Cell<Room | null>(null);
  /** The truth about one account; nothing of it is read while this is closed. */
  readonly panel = new Cell<Panel | null>(null);
  readonly trouble = new Cell<Trouble | null>(null);
  /** Why the store cannot be opened at all. */
  readonly unusable = new Cell<Fault | null>(null);
  /** The list of members is open. */
  readonly members: Watched<boolean>;
  readonly talk: Talk;
  readonly parting: Parting;
  readonly now: Cell<number>;
  /** The conversation whose newest rows are before the reader's eyes: nothing of it is unread for long. */
  readonly inSight = new Cell<ConversationId | null>(null);

  readonly #world: World;
  readonly #pulls: Pulls;
  readonly #reading: Reading;
  readonly #gathering: Gathering;
  /**
   * The composers of conversations that were opened, as long as these exist: a text that is being kept or sent while
   * its conversation is out of sight has one owner, and none reads the draft behind it.
   */
  readonly #composers = new Map<ConversationId, Composer>();
  readonly #stops: (() => void)[] = [];
  /** What to open as soon as the sidebar has it; a conversation that is not `coming` was there or is not. */
  #wanted: Wanted | null = null;
  #present = false;
  #narrow = false;
  #rung = 0;
  #unfollow = (): void => undefined;

  constructor(bridge: Bridge, world: World) {
    super();
    this.bridge = bridge;
    this.#world = world;
    this.parting = new Parting(bridge, () => [...this.#composers.values()]);
    this.now = new Cell(world.now());
    this.#reading = new Reading(bridge, world, () => this.#toMark(), () => this.#pulls.dirty("sidebar"));
    this.#pulls = new Pulls(world, (error) => this.readFailed(error));
    this.#gathering = new Gathering(bridge, world, this.#pulls);
    this.members = this.#gathering.shown;
    this.talk = new Talk(bridge, world, (conversation) => this.#spot(conversation), (to) => this.lead(to));
  }

  /** Begins to read. `conversation` is the one to open, when it is still there. */
  start(conversation: ConversationId | null): void {
    if (conversation !== null) this.#wanted = { conversation, coming: false };
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
        if (open !== undefined && (bell.conversations?.includes(open) ?? true)) {
          this.#pulls.dirty("timeline");
          this.#gathering.rung();
        }
      }),
    );
    this.#stops.push(this.parting.start());
    this.#stops.push(this.bridge.onShow((wanted) => this.select(wanted)));
    this.#pulls.add("settings", async () => {
      const settings = await this.bridge.settings();
      if (!same(settings, this.settings.value)) this.settings.set(settings);
    });
    this.#pulls.add("sidebar", () => this.#pullSidebar());
    this.#pulls.add("protocols", () => this.talk.pull());
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
    const composer = this.#composers.get(conversation) ?? this.#composer(conversation);
    this.#wanted = null;
    this.#reading.forget();
    // The panel stands beside the room, so it tells of the room's account.
    const panel = this.panel.value;
    if (panel !== null) this.openTruth(found.account.id, panel.tab.value);
    this.room.set({ conversation, timeline, composer, crowd: this.#gathering.open(conversation) });
    this.#unfollow();
    this.#unfollow = timeline.following.subscribe(() => this.#look());
    // Asks once, and again after a failure: what was not read must not be typed over.
    this.#pulls.add("draft", () => composer.open());
    this.#pulls.add("timeline", async () => {
      await timeline.pull();
      this.markRead();
    });
  }

  /** There is room for one panel at the right alone. */
  setNarrow(narrow: boolean): void {
    this.#narrow = narrow;
    if (narrow && this.panel.value !== null) this.#gathering.show(false);
  }

  /** Shows the list of members, or puts it away. */
  showMembers(shown: boolean): void {
    if (shown && this.#narrow) this.closeTruth();
    this.#gathering.show(shown);
  }

  /** Opens the truth about an account. */
  openTruth(account: AccountId, tab: Tab = "line"): void {
    if (this.#narrow) this.#gathering.show(false);
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
      this.readFailed(error);
    }
  }

  /** Adds an account and opens its conversation. Rejects when it cannot be added. */
  async addAccount(txn: TxnId, config: AccountConfig, secrets: GivenSecret[] = []): Promise<void> {
    this.#want({ account: await carryOut(txn, (name) => this.bridge.addAccount(name, config, secrets)) });
  }

  /** Changes how an account reaches its server. Rejects when it cannot be changed. */
  async editAccount(txn: TxnId, account: AccountId, config: AccountConfig, secrets: GivenSecret[] = []): Promise<void> {
    await carryOut(txn, (name) => this.bridge.editAccount(name, account, config, secrets));
    this.#pulls.dirtyAll();
  }

  /** Joins the lounge on this computer and opens it. */
  joinLounge(): Promise<boolean> {
    return this.act(async (txn) => this.#want({ account: await this.bridge.joinLounge(txn) }));
  }

  /** Sends what the composer holds, and goes to the newest rows, where it will stand. */
  send(): Promise<void> {
    return this.settle((composer) => composer.send());
  }

  /** The same, in the way that the user chose. */
  async settle(send: (composer: Composer) => Promise<boolean>): Promise<void> {
    const room = this.room.value;
    const amends = room?.composer.editing.value !== null;
    if (room === null || !(await send(room.composer))) return;
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
    this.#reading.mark();
  }

  #toMark(): { conversation: ConversationId; upto: MessageId } | null {
    const found = this.#found();
    const timeline = this.room.value?.timeline;
    const window = timeline?.window.value;
    const last = window?.rows.at(-1)?.place;
    if (!this.#present || found === null || timeline?.following.value !== true) return null;
    if (window?.hasNewer !== false || last === undefined) return null;
    const { read } = found.conversation;
    if (read !== null && comparePlaces(last, read) <= 0) return null;
    return { conversation: timeline.conversation, upto: last.id };
  }

  /** Asks to be let into a room and opens it. Rejects when it cannot be asked for. */
  async join(txn: TxnId, account: AccountId, name: string, password: string): Promise<void> {
    await carryOut(txn, (once) => this.bridge.join(once, account, name, password));
    this.#want({ account, title: name });
  }

  protected lead(conversation: ConversationId): void {
    this.#want({ conversation, coming: true });
  }

  #composer(conversation: ConversationId): Composer {
    const composer = new Composer(this.bridge, this.#world, conversation, this.talk.speechOf(conversation));
    this.#composers.set(conversation, composer);
    return composer;
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
      this.#gathering.close();
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
      const found = sidebar.conversations.find((one) => {
        if ("conversation" in wanted) return one.id === wanted.conversation;
        return one.account === wanted.account && (wanted.title === undefined || sameTitle(one.title, wanted.title));
      });
      if (found !== undefined || ("conversation" in wanted && !wanted.coming)) this.#wanted = null;
      if (found !== undefined) this.select(found.id);
    }
    const first = neighbour(sidebar, null, 1);
    if (this.room.value !== null || first === null) return;
    const coming = this.#wanted;
    this.select(first);
    this.#wanted = coming;
  }

  #want(wanted: Wanted): void {
    this.#wanted = wanted;
    if (this.sidebar.value !== null) this.#open(this.sidebar.value);
    this.#pulls.dirtyAll();
  }

  #found(): ReturnType<typeof findConversation> {
    return this.#spot(this.room.value?.conversation ?? null);
  }

  #spot(conversation: ConversationId | null): ReturnType<typeof findConversation> {
    const sidebar = this.sidebar.value;
    return sidebar === null ? null : findConversation(sidebar, conversation);
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

  protected readFailed(error: unknown): void {
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

/**
 * The window's model as one: what is read (sidebar, settings, the open conversation), when, and the intents. It holds
 * copies of what the store says and nothing that a reload would lose (design invariants 1 and 3).
 */
import type { Bridge } from "../bridge/bridge";
import type {
  AccountConfig,
  AccountId,
  ConversationId,
  GivenSecret,
  Hit,
  MessageId,
  Settings,
  Sidebar,
  Sight,
  TxnId,
} from "../bridge/generated";
import type { Spot } from "./address";
import { Beside } from "./beside";
import { Cell } from "./cell";
import { Composer } from "./composer";
import { Composers } from "./composers";
import { Gathering } from "./gathering";
import { carryOut } from "./intent";
import { Parting } from "./parting";
import { Reading } from "./reading";
import { RoomActs, type Room } from "./room-acts";
import { findConversation, neighbour, nextUnread, same, shownIn, withKept } from "./sidebar";
import { Talk } from "./talk";
import { Timeline } from "./timeline";
import { isComing, wantedOf, type Wanted } from "./wanted";
import { comparePlaces } from "./window";
import { every, type World } from "./world";

/** How often everything is read again without a bell: the longest that a lost one can go unnoticed. */
export const TICK_MS = 10_000;

/** How long after a bell the next one makes the panel read again: in a flood, a few reads a second and not one a frame. */
export const RING_MS = 250;

/** The clock of countdowns, and of the panel. */
const SECOND_MS = 1000;

/** The window's model. */
export class App extends RoomActs {
  readonly sidebar = new Cell<Sidebar | null>(null);
  readonly settings = new Cell<Settings | null>(null);
  readonly room = new Cell<Room | null>(null);
  readonly beside: Beside;
  readonly talk: Talk;
  readonly parting: Parting;
  readonly now: Cell<number>;
  /** The conversation whose newest rows are before the reader's eyes: nothing of it is unread for long. */
  readonly inSight = new Cell<ConversationId | null>(null);

  readonly #reading: Reading;
  readonly #gathering: Gathering;
  readonly #composers: Composers;
  readonly #stops: (() => void)[] = [];
  #wanted: Wanted | null = null;
  #present = false;
  #rung = 0;
  #unfollow = (): void => undefined;

  constructor(bridge: Bridge, world: World) {
    super(bridge, world);
    this.#composers = new Composers((id) => new Composer(bridge, world, id, this.talk.speechOf(id)));
    this.parting = new Parting(bridge, () => this.#composers.all());
    this.now = new Cell(world.now());
    this.#reading = new Reading(bridge, world, () => this.#toMark(), () => this.pulls.dirty("sidebar"));
    this.#gathering = new Gathering(bridge, world, this.pulls);
    this.beside = new Beside(bridge, this.pulls, this.#gathering, () => this.room.value?.conversation ?? null);
    this.talk = new Talk(bridge, world, (conversation) => this.#spot(conversation), (to) => this.lead(to));
  }

  /** Begins to read. `conversation` is the one to open, at `row`, or to go to `message` in, when they are still there. */
  start(conversation: ConversationId | null, row: MessageId | null = null, message: MessageId | null = null): void {
    if (conversation !== null) this.#wanted = { conversation, coming: false, row, message };
    this.#stops.push(
      this.bridge.onBell((bell) => {
        if (bell.sidebar) {
          this.pulls.dirty("sidebar");
          this.pulls.dirty("settings");
        }
        if (this.world.now() - this.#rung >= RING_MS) {
          this.#rung = this.world.now();
          this.beside.read();
        }
        const open = this.room.value?.conversation;
        if (open !== undefined && (bell.conversations?.includes(open) ?? true)) {
          this.pulls.dirty("timeline");
          this.#gathering.rung();
        }
      }),
    );
    this.#stops.push(this.parting.start());
    this.#stops.push(this.bridge.onShow((sight) => this.show(sight)));
    this.pulls.add("settings", async () => {
      const settings = await this.bridge.settings();
      if (!same(settings, this.settings.value)) this.settings.set(settings);
    });
    this.pulls.add("sidebar", () => this.#pullSidebar());
    this.pulls.add("protocols", () => this.talk.pull());
    const tick = every(this.world, TICK_MS, () => {
      this.pulls.dirtyAll();
      this.#composers.flush();
    });
    const second = every(this.world, SECOND_MS, () => {
      this.now.set(this.world.now());
      this.beside.read();
    });
    this.#stops.push(tick, second);
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
    if (!present) return this.#composers.flush();
    this.pulls.dirtyAll();
    const found = this.#found();
    if (came && found !== null && found.conversation.unread > 0) {
      this.room.value?.timeline.newAfter.set(found.conversation.read);
    }
    this.markRead();
  }

  /** Where the reader is; `null`: nowhere yet. */
  get spot(): Spot | null {
    const timeline = this.room.value?.timeline;
    if (timeline === undefined) return null;
    return { conversation: timeline.conversation, row: timeline.following.value ? null : timeline.anchor };
  }

  /** Opens a conversation at its end, or where the reader was. */
  select(conversation: ConversationId, row: MessageId | null = null): void {
    const sidebar = this.sidebar.value;
    if (sidebar === null || this.room.value?.conversation === conversation) return;
    const found = findConversation(sidebar, conversation);
    if (found === null) return;
    void this.room.value?.composer.flush();
    const timeline = new Timeline(this.bridge, conversation, row);
    if (found.conversation.unread > 0) timeline.newAfter.set(found.conversation.read);
    const composer = this.#composers.of(conversation);
    this.#wanted = null;
    this.#reading.forget();
    this.beside.follow(found.account.id);
    this.room.set({ conversation, timeline, composer, crowd: this.#gathering.open(conversation) });
    this.beside.search.moved();
    this.#unfollow();
    this.#unfollow = timeline.following.subscribe(() => this.#look());
    // Asks once, and again after a failure: what was not read must not be typed over.
    this.pulls.add("draft", () => composer.open());
    this.pulls.add("timeline", async () => {
      await timeline.pull();
      this.markRead();
    });
  }

  /** Opens a conversation, at a message of it where one is named. */
  show({ conversation, message }: Sight): void {
    this.#want({ conversation, coming: false, message });
  }

  /** Opens an account: the first of its conversations. */
  openAccount(account: AccountId): void {
    this.#want({ account });
  }

  /** Opens the conversation above or below the open one. */
  step(step: 1 | -1): void {
    this.#go((sidebar, open) => neighbour(sidebar, open, step));
  }

  /** Opens the next one above or below in which something is unread. */
  stepUnread(step: 1 | -1): void {
    this.#go((sidebar, open) => nextUnread(sidebar, open, step));
  }

  /** Opens the one at this place in the sidebar, counted from 1. */
  openNth(place: number): void {
    this.#go((sidebar, open) => shownIn(sidebar, open)[place - 1]?.id ?? null);
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
    this.pulls.dirtyAll();
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
    this.pulls.dirtyAll();
    // Who changed an older message stays there.
    if (amends) return;
    if (this.room.value?.conversation === room.conversation) await this.read((timeline) => timeline.newest());
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

  /** Goes to a message that was found, and to its conversation. */
  async follow(hit: Hit): Promise<void> {
    this.select(hit.conversation);
    this.beside.led();
    if (this.room.value?.conversation === hit.conversation) await this.find(hit.message);
    else this.trouble.set({ kind: "doing", code: "gone", text: "" });
  }

  protected lead(conversation: ConversationId): void {
    this.#want({ conversation, coming: true });
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
    this.#composers.settle((id) => findConversation(sidebar, id) !== null);
    const room = this.room.value;
    if (room !== null && findConversation(sidebar, room.conversation) === null) {
      this.pulls.remove("timeline");
      this.pulls.remove("draft");
      this.#gathering.close();
      this.room.set(null);
    }
    this.beside.settle(sidebar);
    this.#open(sidebar);
    this.markRead();
  }

  /** Opens what is wanted, or anything when nothing is open. */
  #open(sidebar: Sidebar): void {
    const wanted = this.#wanted;
    if (wanted !== null) {
      const found = wantedOf(sidebar, wanted);
      if (found !== undefined || !isComing(wanted)) this.#wanted = null;
      if (found !== undefined) this.select(found.id, "row" in wanted ? wanted.row : null);
      const message = "message" in wanted ? (wanted.message ?? null) : null;
      if (found !== undefined && message !== null) void this.find(message);
    }
    const first = neighbour(sidebar, null, 1);
    if (this.room.value !== null || first === null) return;
    const coming = this.#wanted;
    this.select(first);
    this.#wanted = coming;
  }

  #go(where: (sidebar: Sidebar, open: ConversationId | null) => ConversationId | null): void {
    const sidebar = this.sidebar.value;
    const to = sidebar === null ? null : where(sidebar, this.room.value?.conversation ?? null);
    if (to !== null) this.select(to);
  }

  #want(wanted: Wanted): void {
    this.#wanted = wanted;
    if (this.sidebar.value !== null) this.#open(this.sidebar.value);
    this.pulls.dirtyAll();
  }

  #found(): ReturnType<typeof findConversation> {
    return this.#spot(this.room.value?.conversation ?? null);
  }

  #spot(conversation: ConversationId | null): ReturnType<typeof findConversation> {
    const sidebar = this.sidebar.value;
    return sidebar === null ? null : findConversation(sidebar, conversation);
  }
}

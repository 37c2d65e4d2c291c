/** What the user does in the open conversation: reading, changing, answering, and finding what was answered. */
import { faultOf } from "../bridge/bridge";
import type { AccountId, Body, ConversationId, MessageId, Sidebar } from "../bridge/generated";
import { messageOf, plainText } from "./actions";
import { Acts } from "./acts";
import type { Cell } from "./cell";
import type { Composer } from "./composer";
import type { Crowd } from "./crowd";
import { lastQueued, queuedText } from "./entries";
import { roomCalled } from "./sidebar";
import type { Timeline } from "./timeline";

/** An open conversation. */
export interface Room {
  readonly conversation: ConversationId;
  readonly timeline: Timeline;
  readonly composer: Composer;
  readonly crowd: Crowd;
}

/** Characters of a message that stand above the answer to it. */
const ANSWERED = 200;

export abstract class RoomActs extends Acts {
  abstract readonly room: Cell<Room | null>;
  abstract readonly sidebar: Cell<Sidebar | null>;

  /** Opens a conversation as soon as the sidebar has it. */
  protected abstract lead(conversation: ConversationId): void;

  /** The reader stays at the beginning of a row that grows, and does not jump to its end. */
  stay(message: MessageId): void {
    const timeline = this.room.value?.timeline;
    if (timeline === undefined) return;
    timeline.following.set(false);
    timeline.anchor = message;
  }

  /** Reads the whole of a text of which a row holds the beginning; `null` when that fails, which is told. */
  async whole(message: MessageId): Promise<Body | null> {
    try {
      const { item } = await this.bridge.whole(message);
      this.stay(message);
      return item.kind === "message" ? item.body : null;
    } catch (error) {
      this.readFailed(error);
      return null;
    }
  }

  /** All of a message's characters; `null` when they cannot be read, which is told. */
  async textOf(message: MessageId): Promise<string | null> {
    try {
      const { item } = await this.bridge.whole(message);
      return item.kind === "message" ? plainText(item.body.spans) : null;
    } catch (error) {
      this.readFailed(error);
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
      this.readFailed(error);
    }
  }

  /** The same for the newest one that is queued. Says whether there is one. */
  amendLast(): boolean {
    const message = lastQueued(this.room.value?.timeline.window.value?.rows ?? []);
    if (message !== null) void this.amend(message);
    return message !== null;
  }

  /** The next message answers this one of the open conversation. */
  answer(id: MessageId): void {
    const row = this.room.value?.timeline.window.value?.rows.find(({ place }) => place.id === id);
    const message = row === undefined ? null : messageOf(row.item);
    if (message === null) return;
    const text = plainText(message.body.spans).slice(0, ANSWERED);
    this.room.value?.composer.answer({ id, sender: message.sender, text });
  }

  /** Goes to a message of the open conversation. */
  async find(message: MessageId): Promise<void> {
    try {
      await this.room.value?.timeline.around(message);
    } catch (error) {
      if (faultOf(error)?.code !== "gone") return this.readFailed(error);
      this.trouble.set({ kind: "doing", code: "gone", text: "" });
    }
  }

  /**
   * Opens the room of that name in the open conversation's account, where we are in it. Else nothing happens, and the answer
   * is the account where it can be asked for; `null`: nothing is to be asked.
   */
  enter(name: string): AccountId | null {
    const [room, sidebar] = [this.room.value, this.sidebar.value];
    const account = sidebar?.conversations.find((one) => one.id === room?.conversation)?.account;
    if (sidebar === null || account === undefined) return null;
    const found = roomCalled(sidebar, account, name);
    if (found === null) return account;
    this.lead(found);
    return null;
  }

  /** Does what a command line asks for in a conversation, and goes where it leads. */
  run(conversation: ConversationId, line: string): Promise<boolean> {
    return this.act(async (txn) => {
      const to = await this.bridge.command(txn, conversation, line, false);
      if (to !== null) this.lead(to);
    });
  }
}

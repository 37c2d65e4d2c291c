/** What the user can ask for with one press: each tells of its failure, and says whether it was done. */
import type { Bridge } from "../bridge/bridge";
import { faultOf } from "../bridge/bridge";
import type { AccountId, ConversationId, Fault, MessageId, NotifyRule, SecretKind, Settings, TxnId } from "../bridge/generated";
import { Cell } from "./cell";
import { carryOut } from "./intent";
import { Pulls } from "./pulls";
import { isUnusable, troubleOf, type Trouble } from "./trouble";
import type { World } from "./world";
import { zoomAfter, type ZoomStep } from "./zoom";

export abstract class Acts {
  readonly bridge: Bridge;
  readonly trouble = new Cell<Trouble | null>(null);
  /** Why the store cannot be opened at all. */
  readonly unusable = new Cell<Fault | null>(null);

  protected readonly world: World;
  protected readonly pulls: Pulls;
  #zooming: Promise<unknown> = Promise.resolve();

  constructor(bridge: Bridge, world: World) {
    this.bridge = bridge;
    this.world = world;
    this.pulls = new Pulls(world, (error) => this.readFailed(error));
  }

  /** A name for an intent that the view tries more than once, such as saving a form. */
  newTxn(): TxnId {
    return this.world.newTxn();
  }

  removeAccount(account: AccountId): Promise<boolean> {
    return this.act((txn) => this.bridge.removeAccount(txn, account));
  }

  setEnabled(account: AccountId, enabled: boolean): Promise<boolean> {
    return this.act((txn) => this.bridge.setEnabled(txn, account, enabled));
  }

  connectNow(account: AccountId): Promise<boolean> {
    return this.act(() => this.bridge.connectNow(account));
  }

  trustCertificate(account: AccountId, server: string, sha256: string): Promise<boolean> {
    return this.act((txn) => this.bridge.trustCertificate(txn, account, server, sha256));
  }

  /** Gives a secret and uses it at once. */
  giveSecret(account: AccountId, kind: SecretKind, value: string): Promise<boolean> {
    return this.act(async () => {
      await this.bridge.setSecret(account, kind, value);
      await this.bridge.connectNow(account);
    });
  }

  forgetSecret(account: AccountId, kind: SecretKind): Promise<boolean> {
    return this.act(() => this.bridge.forgetSecret(account, kind));
  }

  retryAll(conversation: ConversationId): Promise<boolean> {
    return this.act((txn) => this.bridge.retryAll(txn, conversation));
  }

  heal(gap: MessageId): Promise<boolean> {
    return this.act((txn) => this.bridge.heal(txn, gap));
  }

  retry(message: MessageId): Promise<boolean> {
    return this.act((txn) => this.bridge.retry(txn, message));
  }

  discard(message: MessageId): Promise<boolean> {
    return this.act((txn) => this.bridge.discard(txn, message));
  }

  /** Goes into a room again. */
  rejoin(account: AccountId, name: string): Promise<boolean> {
    return this.act((txn) => this.bridge.join(txn, account, name, ""));
  }

  /** Goes out of a room. */
  leaveConversation(conversation: ConversationId): Promise<boolean> {
    return this.act((txn) => this.bridge.leaveConversation(txn, conversation));
  }

  /** Deletes a conversation with its history. */
  removeConversation(conversation: ConversationId): Promise<boolean> {
    return this.act((txn) => this.bridge.removeConversation(txn, conversation));
  }

  /** Has a conversation stand before those that are not pinned, or among them again. */
  pin(conversation: ConversationId, pinned: boolean): Promise<boolean> {
    return this.act((txn) => this.bridge.pin(txn, conversation, pinned));
  }

  /** Has a conversation count quietly and tell of nothing, or not any more. */
  mute(conversation: ConversationId, muted: boolean): Promise<boolean> {
    return this.act((txn) => this.bridge.mute(txn, conversation, muted));
  }

  /** Says which messages of a conversation one is told of; `null`: as its kind has it. */
  setNotify(conversation: ConversationId, rule: NotifyRule | null): Promise<boolean> {
    return this.act((txn) => this.bridge.setNotify(txn, conversation, rule));
  }

  /** Puts a conversation before another one of its account, or behind all. */
  moveConversation(conversation: ConversationId, before: ConversationId | null): Promise<boolean> {
    return this.act((txn) => this.bridge.moveConversation(txn, conversation, before));
  }

  moveAccount(account: AccountId, before: AccountId | null): Promise<boolean> {
    return this.act((txn) => this.bridge.moveAccount(txn, account, before));
  }

  /** Folds an account's conversations away, or out again. */
  collapse(account: AccountId, collapsed: boolean): Promise<boolean> {
    return this.act((txn) => this.bridge.collapse(txn, account, collapsed));
  }

  react(message: MessageId, text: string, present: boolean): Promise<boolean> {
    return this.act((txn) => this.bridge.react(txn, message, text, present));
  }

  retract(message: MessageId): Promise<boolean> {
    return this.act((txn) => this.bridge.retract(txn, message));
  }

  /** Marks everything in a conversation as read, wherever the reader is. */
  markAllRead(conversation: ConversationId): Promise<boolean> {
    return this.act(async (txn) => {
      const last = (await this.bridge.latest(conversation, 1)).rows.at(-1);
      if (last !== undefined) await this.bridge.markRead(txn, conversation, last.place.id);
    });
  }

  /** Opens a link outside of the window. Asked once: where the answer is lost it may be open already. */
  async openLink(url: string): Promise<boolean> {
    try {
      await this.bridge.openLink(url);
      return true;
    } catch (error) {
      this.trouble.set(troubleOf(error));
      return false;
    }
  }

  setSettings(settings: Settings): Promise<boolean> {
    return this.act((txn) => this.bridge.setSettings(txn, settings));
  }

  /** Makes everything in the window larger or smaller by a step, or as it is at first. Each step goes on from the last. */
  zoom(step: ZoomStep): Promise<boolean> {
    const zoomed = this.#zooming.then(() =>
      this.act(async (txn) => {
        const settings = await this.bridge.settings();
        await this.bridge.setSettings(txn, { ...settings, zoom: zoomAfter(settings.zoom, step) });
      }),
    );
    this.#zooming = zoomed;
    return zoomed;
  }

  /** Runs an intent, tells of its failure, and reads again what it may have changed. */
  protected async act(run: (txn: TxnId) => Promise<void>): Promise<boolean> {
    try {
      await carryOut(this.world.newTxn(), run);
      return true;
    } catch (error) {
      const fault = faultOf(error);
      if (fault !== null && isUnusable(fault)) this.unusable.set(fault);
      // What is gone needs no more doing.
      else if (fault?.code !== "gone") this.trouble.set(troubleOf(error));
      return false;
    } finally {
      this.pulls.dirtyAll();
    }
  }

  /** Tells of a read that has failed. */
  protected readFailed(error: unknown): void {
    const fault = faultOf(error);
    if (fault !== null && isUnusable(fault)) this.unusable.set(fault);
    else if (fault?.code === "gone") this.pulls.dirty("sidebar");
    else this.trouble.set({ kind: "reading" });
  }
}

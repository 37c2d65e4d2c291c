/**
 * Writing to one conversation: the draft, which is a row like any other, and sending it. The text leaves the composer
 * only after the core has it (design invariants 1 and 3).
 */
import type { Bridge } from "../bridge/bridge";
import { faultOf } from "../bridge/bridge";
import type { ConversationId, MessageId, Quote, Sender, TxnId } from "../bridge/generated";
import { Cell } from "./cell";
import { carryOut } from "./intent";
import { slashOf } from "./slash";
import type { Failure } from "./trouble";
import type { World } from "./world";

/** How long typing must rest before the draft is kept: short against what a person would miss, long against a key. */
export const DRAFT_MS = 400;

/** The message that is answered, and how it begins. */
export interface Answered {
  readonly id: MessageId;
  readonly sender: Sender;
  readonly text: string;
}

/** What the store holds of a composer. */
interface Kept {
  readonly text: string;
  /** The message that is answered. */
  readonly reply: MessageId | null;
}

/** What a composer must know of its account. */
export interface Speech {
  /** Lines behind a slash are commands there. */
  commands(): boolean;
  /** The user lets this command go to the server, though the table lacks it. */
  lets(name: string): boolean;
  /** From now on the user does. */
  let(name: string): void;
  /** A command has led to another conversation. */
  led(conversation: ConversationId): void;
  /** Something is being written, or nothing any more. */
  wrote(blank: boolean): void;
  /** It was sent. */
  sent(): void;
}

/** The composer of one conversation. */
export class Composer {
  readonly conversation: ConversationId;
  readonly text = new Cell<string>("");
  /** Why the last try to send failed: a code, or `lost` when the core never answered. */
  readonly trouble = new Cell<Failure | null>(null);
  /** The queued message that is written anew here; `null`: a new one is written. */
  readonly editing = new Cell<MessageId | null>(null);

  /** The message that the next one answers. */
  readonly answering = new Cell<Answered | null>(null);
  /** The name of a command that the table lacks, while the user is asked whether it is to go to the server. */
  readonly unknown = new Cell<string | null>(null);

  readonly #bridge: Bridge;
  readonly #world: World;
  readonly #speech: Speech;
  /** What the store holds as the draft; `null`: not known. */
  #kept: Kept | null = null;
  /** The user has written here. */
  #touched = false;
  /** The user has chosen here what is answered, or that nothing is. */
  #chosen = false;
  /** The draft, while a queued message stands in its place; and that message as it was. */
  #aside = "";
  #former = "";
  #cancel: (() => void) | null = null;
  #saving: Promise<void> = Promise.resolve();
  #sending = false;
  /** Where the messages end, in the text, that were finished while one before them was on its way. */
  #ends: number[] = [];
  /** An intent whose answer was lost for good: the same text is sent under the same name again. */
  #unsettled: { txn: TxnId; text: string } | null = null;

  constructor(bridge: Bridge, world: World, conversation: ConversationId, speech: Speech) {
    this.#bridge = bridge;
    this.#world = world;
    this.#speech = speech;
    this.conversation = conversation;
  }

  /** Reads the draft, unless what was written here is newer than any draft. */
  async open(): Promise<void> {
    if (this.#touched || this.#kept !== null) return;
    const draft = await this.#bridge.draft(this.conversation);
    if (this.#touched || this.#kept !== null) return;
    this.#kept = { text: draft.text, reply: draft.reply?.id ?? null };
    if (this.editing.value === null) this.text.set(draft.text);
    else this.#aside = draft.text;
    if (this.#chosen) await this.flush();
    else this.answering.set(answeredOf(draft.reply));
  }

  /** Puts a queued message in the place of the draft, to be written anew. */
  amend(message: MessageId, text: string): void {
    if (this.#sending) return;
    if (this.editing.value === null) this.#aside = this.text.value;
    this.#former = text;
    this.editing.set(message);
    this.trouble.set(null);
    this.text.set(text);
  }

  /** The next message answers this one. */
  answer(answered: Answered): void {
    this.leaveAmending();
    if (this.editing.value === null) this.#choose(answered);
  }

  /** The next message answers nothing. */
  leaveAnswering(): void {
    this.#choose(null);
  }

  #choose(answered: Answered | null): void {
    this.answering.set(answered);
    this.#chosen = true;
    void this.flush();
  }

  /** The unknown command goes to the server as it is, now and later. */
  letUnknown(): Promise<boolean> {
    const name = this.unknown.value;
    if (name !== null) this.#speech.let(name);
    this.unknown.set(null);
    return this.send();
  }

  /** What begins with a slash is said, and is no command. */
  sayInstead(): Promise<boolean> {
    this.unknown.set(null);
    this.edit(`/${this.text.value}`);
    return this.send();
  }

  /** Leaves the message as it was, and gives the draft back. */
  leaveAmending(): void {
    if (this.editing.value === null || this.#sending) return;
    this.#backToDraft();
  }

  #backToDraft(): void {
    this.editing.set(null);
    this.trouble.set(null);
    this.text.set(this.#aside);
  }

  /** The user changed the text. */
  edit(text: string): void {
    if (this.editing.value !== null) {
      this.trouble.set(null);
      return this.text.set(text);
    }
    this.#touched = true;
    // Who changes what was finished has not finished it.
    const finished = this.text.value.slice(0, this.#ends.at(-1) ?? 0);
    if (!text.startsWith(finished)) this.#ends = [];
    this.text.set(text);
    this.trouble.set(null);
    this.unknown.set(null);
    // What is typed behind a slash is said to nobody.
    if (!this.#isCommand(text)) this.#speech.wrote(text.trim() === "");
    this.#cancel?.();
    this.#cancel = this.#world.after(DRAFT_MS, () => void this.flush());
  }

  /** Keeps the draft at once. Call before the composer goes out of sight; harmless when nothing is to be kept. */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    // While a message is on its way to the store, its text is no draft; and what was not read is not written over.
    const isNew = this.#touched || (this.#chosen && this.#kept !== null);
    return isNew && !this.#sending ? this.#keep() : this.#saving;
  }

  /** Whether the core holds everything that was written here. */
  get isKept(): boolean {
    if (this.editing.value !== null && this.text.value !== this.#former) return false;
    return (!this.#touched && !this.#chosen) || this.#isStored(this.#draft);
  }

  /**
   * Sends the text, unless it is blank. While one is on its way to the core, the next waits its turn. Says whether the
   * core has one more.
   */
  async send(): Promise<boolean> {
    if (this.editing.value !== null) return this.#change(this.editing.value);
    this.#ends.push(this.text.value.length);
    if (this.#sending) return false;
    this.#sending = true;
    this.#cancel?.();
    this.#cancel = null;
    let hasSent = false;
    try {
      for (let end = this.#ends.shift(); end !== undefined; end = this.#ends.shift()) {
        const text = this.text.value.slice(0, end);
        if (text.trim() === "") continue;
        if (!(await this.#sendOne(text))) break;
        hasSent = true;
      }
    } finally {
      this.#sending = false;
      this.#ends = [];
    }
    if (hasSent) await this.#keep();
    return hasSent;
  }

  async #change(message: MessageId): Promise<boolean> {
    const text = this.text.value;
    if (this.#sending || text.trim() === "") return false;
    this.#sending = true;
    try {
      await carryOut(this.#world.newTxn(), (txn) => this.#bridge.editMessage(txn, message, text));
    } catch (error) {
      this.trouble.set(faultOf(error)?.code ?? "lost");
      return false;
    } finally {
      this.#sending = false;
    }
    this.#backToDraft();
    return true;
  }

  async #sendOne(text: string): Promise<boolean> {
    const txn = this.#unsettled?.text === text ? this.#unsettled.txn : this.#world.newTxn();
    const name = this.#isCommand(text) ? (slashOf(text)?.name ?? "") : null;
    const answered = this.answering.value;
    let led: ConversationId | null = null;
    try {
      if (name === null) {
        await carryOut(txn, (once) => this.#bridge.send(once, this.conversation, text, answered?.id ?? null));
        if (this.answering.value === answered) this.answering.set(null);
        this.#speech.sent();
      } else {
        const lets = this.#speech.lets(name);
        led = await carryOut(txn, (once) => this.#bridge.command(once, this.conversation, text, lets));
      }
    } catch (error) {
      const fault = faultOf(error);
      this.#unsettled = fault === null ? { txn, text } : null;
      if (fault?.code === "unknownCommand") this.unknown.set(name);
      else this.trouble.set(fault?.code ?? "lost");
      return false;
    }
    if (led !== null) this.#speech.led(led);
    this.#unsettled = null;
    this.trouble.set(null);
    // What was typed behind the text while it was on its way stays.
    const typed = this.text.value;
    if (typed.startsWith(text)) {
      this.text.set(typed.slice(text.length));
      this.#ends = this.#ends.map((end) => end - text.length);
    }
    this.#touched = true;
    return true;
  }

  #isCommand(text: string): boolean {
    return slashOf(text) !== null && this.#speech.commands();
  }

  get #draft(): Kept {
    const text = this.editing.value === null ? this.text.value : this.#aside;
    return { text, reply: this.answering.value?.id ?? null };
  }

  #isStored({ text, reply }: Kept): boolean {
    return this.#kept?.text === text && this.#kept.reply === reply;
  }

  /** Saves the draft as it stands when its turn comes; saves follow each other, so the last one wins. */
  #keep(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const draft = this.#draft;
      if (this.#isStored(draft)) return;
      const { text, reply } = draft;
      try {
        await carryOut(this.#world.newTxn(), (txn) => this.#bridge.saveDraft(txn, this.conversation, text, reply));
        this.#kept = draft;
      } catch {
        // The next key, tick or change of focus tries again: it may or may not have been kept.
        this.#kept = null;
      }
    });
    return this.#saving;
  }
}

/** What is answered, as the store quotes it; `null`: nothing, or what is not here. */
function answeredOf(quote: Quote | null): Answered | null {
  if (quote === null || quote.id === null || quote.sender === null) return null;
  return { id: quote.id, sender: quote.sender, text: quote.text };
}

/** What a key event tells of a key; the DOM's `KeyboardEvent` has it. */
export interface Key {
  readonly key: string;
  readonly keyCode: number;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing: boolean;
}

/**
 * Whether a key belongs to an input method that is composing. WebKit tells of the key that ends a composition after
 * its end, with `isComposing` false, but with the key code 229 (UI Events §7.3.1).
 */
export function isComposing(key: Key): boolean {
  return key.isComposing || key.keyCode === 229;
}

/** Whether a key in the composer sends: Enter alone, and never while an input method is composing. */
export function sends(key: Key): boolean {
  return (
    key.key === "Enter" && !key.shiftKey && !key.ctrlKey && !key.altKey && !key.metaKey && !isComposing(key)
  );
}

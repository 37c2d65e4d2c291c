/** What the protocols let people type: their commands, and what a composer must know of its account. */
import type { Bridge } from "../bridge/bridge";
import type { AccountView, CommandView, Conversation, ConversationId, ProtocolView } from "../bridge/generated";
import { Cell } from "./cell";
import type { Speech } from "./composer";
import { TypingNotices } from "./typing";
import type { World } from "./world";

/** A conversation with its account. */
export interface Spot {
  readonly account: AccountView;
  readonly conversation: Conversation;
}

export class Talk {
  /** The protocols that there are; empty until they were read. */
  readonly protocols = new Cell<readonly ProtocolView[]>([]);

  readonly #bridge: Bridge;
  readonly #world: World;
  readonly #find: (conversation: ConversationId) => Spot | null;
  readonly #led: (conversation: ConversationId) => void;
  /** Commands that the user lets go to the server, each with its account: asked once. */
  readonly #let = new Set<string>();

  /** `find` tells where a conversation is; `led` hears where a command leads. */
  constructor(
    bridge: Bridge,
    world: World,
    find: (conversation: ConversationId) => Spot | null,
    led: (conversation: ConversationId) => void,
  ) {
    this.#bridge = bridge;
    this.#world = world;
    this.#find = find;
    this.#led = led;
  }

  /** Reads the protocols, which stay as they are while the program runs. */
  async pull(): Promise<void> {
    if (this.protocols.value.length === 0) this.protocols.set(await this.#bridge.protocols());
  }

  /** What can be typed behind a slash to an account. */
  commandsOf(account: AccountView): readonly CommandView[] {
    return this.protocols.value.find(({ id }) => id === account.config.protocol)?.commands ?? [];
  }

  /** What the composer of a conversation must know. */
  speechOf(conversation: ConversationId): Speech {
    const account = (): AccountView | null => this.#find(conversation)?.account ?? null;
    const key = (name: string): string => `${account()?.id ?? 0} ${name}`;
    const notices = new TypingNotices(this.#world, (typing) => {
      // Nobody misses a notice that is lost.
      this.#bridge.typing(conversation, typing).catch(() => undefined);
    });
    return {
      commands: () => {
        const known = account();
        return known !== null && this.commandsOf(known).length > 0;
      },
      lets: (name) => this.#let.has(key(name)),
      let: (name) => void this.#let.add(key(name)),
      led: (to) => this.#led(to),
      wrote: (blank) => {
        const known = account();
        if (known?.capabilities.typing === true && known.status.kind === "online") notices.wrote(blank);
      },
      sent: () => notices.sent(),
    };
  }
}

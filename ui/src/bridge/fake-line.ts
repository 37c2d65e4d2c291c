/** The core in memory, below its rows: carrying answers, and what is told of an account's line. */
import { FakeClosing } from "./fake-closing";
import type {
  AccountId,
  Code,
  ConsoleFrame,
  ConsolePage,
  Fault,
  FrameContent,
  GivenSecret,
  RawFrame,
  SecretKind,
  SecretState,
  Timestamp,
  Traffic,
  Truth,
  TxnId,
} from "./generated";

/** The fault with that code. */
export function fault(code: Code): Fault {
  return { code, text: `fake ${code}` };
}

/** Frames that the core keeps of an account. */
const MAX_FRAMES = 2000;

export class FakeLine extends FakeClosing {
  /** The clock. */
  clock: Timestamp;
  /** Names of the commands that ran, in order. */
  readonly ran: string[] = [];
  /** The links that were opened. */
  readonly opened: string[] = [];
  /** What was told of accounts' lines. */
  readonly truths = new Map<AccountId, Truth>();
  /** The secrets that were given. */
  readonly secrets = new Map<string, string>();
  /** Carries an answer to the window: tests delay it here. */
  carry: <T>(answer: () => T) => Promise<T> = async (answer) => answer();

  readonly #frames = new Map<AccountId, ConsoleFrame[]>();
  readonly #done = new Map<TxnId, unknown>();
  #lost = 0;
  #fault: Fault | null = null;

  constructor(clock: Timestamp) {
    super();
    this.clock = clock;
  }

  /** The next `count` intents are carried out, but their answers are lost. */
  loseAnswers(count: number): void {
    this.#lost = count;
  }

  /** The next intent fails. */
  failNext(code: Code): void {
    this.#fault = { code, text: `fake ${code}` };
  }

  /** A frame passed. */
  pass(account: AccountId, direction: ConsoleFrame["direction"], content: FrameContent, size: number, at = this.clock): void {
    const frames = this.#frames.get(account) ?? [];
    const last = frames.at(-1);
    frames.push({
      n: (last?.n ?? 0) + 1,
      at,
      gapUs: last === undefined ? null : Math.max(0, at - last.at) * 1000,
      direction,
      content,
      size,
      compressed: false,
    });
    this.#frames.set(account, frames.slice(-MAX_FRAMES));
  }

  truth(account: AccountId): Promise<Truth> {
    this.ran.push("truth");
    return this.carry(() => structuredClone(this.told(account)));
  }

  frames(account: AccountId, since: number, count: number): Promise<ConsolePage> {
    this.ran.push("frames");
    return this.carry(() => {
      const kept = this.#frames.get(account) ?? [];
      const first = kept[0]?.n ?? 1;
      const from = Math.max(since, 1);
      const frames = kept.filter((frame) => frame.n >= from).slice(0, count);
      return { frames: structuredClone(frames), next: (frames.at(-1)?.n ?? from - 1) + 1, dropped: Math.max(0, first - from) };
    });
  }

  sendRaw(account: AccountId, frame: RawFrame): Promise<void> {
    this.ran.push("sendRaw");
    const failing = this.#fault;
    this.#fault = null;
    return this.carry(() => {
      if (failing !== null) throw failing;
      const size = frame.kind === "text" ? new TextEncoder().encode(frame.text).length : frame.hex.length / 2;
      this.pass(account, "out", frame, size);
    });
  }

  exportFrames(account: AccountId): Promise<string> {
    this.ran.push("exportFrames");
    return this.carry(() => `exports/whinchat-${account}.transcript`);
  }

  openLink(url: string): Promise<void> {
    this.ran.push("openLink");
    const failing = this.#fault;
    this.#fault = null;
    return this.carry(() => {
      if (failing !== null) throw failing;
      this.opened.push(url);
    });
  }

  setSecret(account: AccountId, kind: SecretKind, value: string): Promise<SecretState> {
    this.ran.push("setSecret");
    return this.carry(() => {
      this.keep(account, [{ kind, value }]);
      return { kind, kept: { kind: "keyring" } };
    });
  }

  forgetSecret(account: AccountId, kind: SecretKind): Promise<void> {
    this.ran.push("forgetSecret");
    return this.carry(() => {
      this.secrets.delete(`${account} ${kind}`);
      this.#put(account, { kind, kept: { kind: "nowhere", trouble: "missing" } });
    });
  }

  /** What is told of an account's line; it may be changed. */
  told(account: AccountId): Truth {
    const traffic: Traffic = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, roundTrips: [] };
    const truth = this.truths.get(account) ?? { account, attempts: [], traffic, secrets: [] };
    this.truths.set(account, truth);
    return truth;
  }

  protected keep(account: AccountId, secrets: readonly GivenSecret[]): void {
    for (const { kind, value } of secrets) {
      this.secrets.set(`${account} ${kind}`, value);
      this.#put(account, { kind, kept: { kind: "keyring" } });
    }
  }

  /** Runs an intent under its `txn`, once, and carries the answer; or loses it, or fails, as tests wish. */
  protected once<T>(name: string, txn: TxnId, run: () => T): Promise<T> {
    this.ran.push(name);
    const failing = this.#fault;
    this.#fault = null;
    let answer: () => T;
    try {
      if (failing !== null) throw failing;
      const value = this.#done.has(txn) ? (this.#done.get(txn) as T) : run();
      this.#done.set(txn, value);
      answer = () => value;
    } catch (error) {
      answer = () => {
        throw error;
      };
    }
    if (this.#lost === 0) return this.carry(answer);
    this.#lost -= 1;
    return this.carry<T>(() => {
      throw new Error("the answer was lost");
    });
  }

  #put(account: AccountId, state: SecretState): void {
    const truth = this.told(account);
    truth.secrets = [...truth.secrets.filter((other) => other.kind !== state.kind), state];
  }
}

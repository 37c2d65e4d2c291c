/**
 * Looking for what was said: what is typed, where, what was found, and which of it the keyboard is at. It asks while one
 * types, one question at a time, and answers that the reader no longer waits for are not shown.
 */
import type { Bridge } from "../bridge/bridge";
import type { ConversationId, Hit, MessageId, QueryFault, Search as Answer } from "../bridge/generated";
import type { Words } from "../i18n/words";
import { Cell } from "./cell";
import type { Pulls } from "./pulls";

/** Hits that one page asks for: more than the panel shows at once. */
export const PAGE_HITS = 40;

/** The most hits that are kept: nobody reads on, and each is some nodes of the page. */
export const MAX_HITS = 400;

/** Where is looked: in the open conversation, or in all. */
export type Scope = "here" | "everywhere";

/** What there is to show. */
export type Results =
  | { readonly kind: "nothing" }
  | { readonly kind: "found"; readonly hits: readonly Hit[]; readonly more: MessageId | null }
  | { readonly kind: "unclear"; readonly fault: QueryFault }
  | { readonly kind: "failed" };

/** The ways to ask for more than words. */
export const WAYS = ['"…"', "from:", "in:", "after:", "before:", "has:link"] as const;

const TOPIC = "search";
const NOTHING: Results = { kind: "nothing" };

interface Question {
  readonly query: string;
  readonly within: ConversationId | null;
}

export class Search {
  /** The panel is open. */
  readonly open = new Cell<boolean>(false);
  readonly query = new Cell<string>("");
  readonly scope = new Cell<Scope>("here");
  readonly results = new Cell<Results>(NOTHING);
  /** What is shown is no answer yet to what is asked. */
  readonly waiting = new Cell<boolean>(false);
  /** The hit that Enter leads to. */
  readonly at = new Cell<MessageId | null>(null);
  /** Counts each wish to type, also while the panel is open. */
  readonly called = new Cell<number>(0);

  readonly #bridge: Bridge;
  readonly #pulls: Pulls;
  /** The open conversation. */
  readonly #here: () => ConversationId | null;
  #answered: Question | null = null;
  #growing = false;

  constructor(bridge: Bridge, pulls: Pulls, here: () => ConversationId | null) {
    this.#bridge = bridge;
    this.#pulls = pulls;
    this.#here = here;
  }

  /** Opens the panel, or turns it to this scope. */
  show(scope: Scope): void {
    this.scope.set(scope);
    this.open.set(true);
    this.called.set(this.called.value + 1);
    this.#pulls.add(TOPIC, () => this.#pull());
    this.#wait();
  }

  /** Puts the panel away; what was found is there when it comes again. */
  hide(): void {
    this.open.set(false);
    this.#pulls.remove(TOPIC);
  }

  /** Looks for something else. */
  type(query: string): void {
    this.query.set(query);
    this.#ask();
  }

  /** Looks elsewhere. */
  turn(scope: Scope): void {
    this.scope.set(scope);
    this.#ask();
  }

  /** Another conversation is open. */
  moved(): void {
    if (this.open.value && this.scope.value === "here") this.#ask();
  }

  /** Goes to the next hit, or the one before. */
  step(step: 1 | -1): void {
    const results = this.results.value;
    if (results.kind !== "found") return;
    const next = stepped(results.hits, this.at.value, step);
    this.at.set(next);
    if (next === results.hits.at(-1)?.message) void this.more();
  }

  /** The hit that the keyboard is at. */
  current(): Hit | null {
    const results = this.results.value;
    if (results.kind !== "found") return null;
    return results.hits.find((hit) => hit.message === this.at.value) ?? null;
  }

  /** Reads the hits behind the last. */
  async more(): Promise<void> {
    const asked = this.#answered;
    const before = this.results.value;
    if (this.#growing || asked === null || before.kind !== "found" || before.more === null) return;
    if (before.hits.length >= MAX_HITS) return;
    this.#growing = true;
    try {
      const page = await this.#bridge.search(asked.query, asked.within, before.more, PAGE_HITS);
      // Whoever typed on, or was answered anew, has other hits.
      if (page.kind === "found" && this.results.value === before) {
        this.results.set({ kind: "found", hits: [...before.hits, ...page.hits], more: page.more });
      }
    } catch {
      // Scrolling on asks again.
    } finally {
      this.#growing = false;
    }
  }

  #question(): Question {
    return { query: this.query.value.trim(), within: this.scope.value === "here" ? this.#here() : null };
  }

  #ask(): void {
    this.#wait();
    this.#pulls.dirty(TOPIC);
  }

  #wait(): void {
    const question = this.#question();
    if (question.query === "") {
      this.#answered = null;
      this.results.set(NOTHING);
      this.at.set(null);
    }
    this.waiting.set(question.query !== "" && !isSame(question, this.#answered));
  }

  async #pull(): Promise<void> {
    const question = this.#question();
    if (question.query === "") return;
    let answer: Answer | null = null;
    try {
      answer = await this.#bridge.search(question.query, question.within, null, PAGE_HITS);
    } catch {
      // Told in the panel; the next tick asks again.
    }
    // What was typed meanwhile is asked next.
    if (!isSame(question, this.#question())) return;
    const again = isSame(question, this.#answered);
    if (answer === null) {
      if (!again) this.#settle(question, { kind: "failed" });
      return;
    }
    this.#settle(question, again ? renewed(this.results.value, answer) : answer);
  }

  #settle(question: Question, results: Results): void {
    this.#answered = question;
    this.waiting.set(false);
    if (JSON.stringify(results) !== JSON.stringify(this.results.value)) this.results.set(results);
    const hits = results.kind === "found" ? results.hits : [];
    if (!hits.some((hit) => hit.message === this.at.value)) this.at.set(hits[0]?.message ?? null);
    // A failure is no answer: the same question is asked again.
    if (results.kind === "failed") this.#answered = null;
  }
}

function isSame(one: Question, other: Question | null): boolean {
  return other !== null && one.query === other.query && one.within === other.within;
}

/** The first page read again, with the hits behind it that the reader has come to. */
function renewed(before: Results, page: Answer): Results {
  const last = page.kind === "found" ? page.hits.at(-1) : undefined;
  if (page.kind !== "found" || before.kind !== "found" || last === undefined || page.more === null) return page;
  const behind = before.hits.filter((hit) => hit.message < last.message);
  return behind.length === 0 ? page : { kind: "found", hits: [...page.hits, ...behind], more: before.more };
}

/** The hit `step` places on from `at`; stays at the ends. */
export function stepped(hits: readonly Hit[], at: MessageId | null, step: 1 | -1): MessageId | null {
  const place = hits.findIndex((hit) => hit.message === at);
  const next = place < 0 ? 0 : Math.min(Math.max(place + step, 0), hits.length - 1);
  return hits[next]?.message ?? null;
}

/** What is said about the results in one line; empty: they speak for themselves. */
export function resultsWords(words: Words, results: Results, waiting: boolean, count: (many: number) => string): string {
  if (waiting) return words.search.waiting;
  switch (results.kind) {
    case "nothing":
      return "";
    case "failed":
      return words.search.failed;
    case "unclear":
      return faultWords(words, results.fault);
    case "found":
      if (results.hits.length === 0) return words.search.none;
      return words.search.found(results.hits.length, count(results.hits.length), results.more !== null);
  }
}

/** What is wrong with a query. */
export function faultWords(words: Words, fault: QueryFault): string {
  const { faults } = words.search;
  switch (fault.kind) {
    case "nothing":
      return faults.nothing;
    case "tooLong":
      return faults.tooLong;
    case "noValue":
      return faults.noValue(fault.operator);
    case "day":
      return faults.day(fault.value);
    case "has":
      return faults.has(fault.value);
    case "noConversation":
      return faults.noConversation(fault.value);
  }
}

/** Who is in the open conversation, and who is writing. They are memory of the core, and of the window a copy. */
import type { Bridge } from "../bridge/bridge";
import { faultOf } from "../bridge/bridge";
import type { Conversation, ConversationId, Member, People } from "../bridge/generated";
import type { Words } from "../i18n/words";
import { Cell } from "./cell";
import { namesInWords } from "./happenings";
import { same } from "./sidebar";

/** How long after one read the next bell makes it read again while the members are shown: four times a second. */
export const SHOWN_MS = 250;

/** The same while they are not shown, for their number and for who is writing. */
export const HIDDEN_MS = 1000;

/** Of more members than these, a read takes long enough to be left to a shown list, and else to the slow tick. */
const MANY = 2000;

/** The people of one conversation. */
export class Crowd {
  readonly conversation: ConversationId;
  readonly people = new Cell<People | null>(null);

  readonly #bridge: Bridge;
  #read = Number.NEGATIVE_INFINITY;

  constructor(bridge: Bridge, conversation: ConversationId) {
    this.#bridge = bridge;
    this.conversation = conversation;
  }

  /** How long a bell at `now` has to wait before the next read, in milliseconds; `null`: the tick will do. */
  waits(now: number, shown: boolean): number | null {
    if (!shown && (this.people.value?.members.length ?? 0) > MANY) return null;
    return Math.max(0, this.#read + (shown ? SHOWN_MS : HIDDEN_MS) - now);
  }

  /** Reads them; `now` is when. */
  async pull(now: number): Promise<void> {
    this.#read = now;
    try {
      const people = await this.#bridge.people(this.conversation);
      if (!same(people, this.people.value)) this.people.set(people);
    } catch (error) {
      if (faultOf(error)?.code !== "gone") throw error;
    }
  }
}

/** Whether there are members to show in a conversation: of a room there may be, also before the server has told. */
export function hasMembers({ kind }: Conversation, people: People | null): boolean {
  return kind === "room" || (people?.members.length ?? 0) > 0;
}

/** One line of the list of members. */
export type MemberLine =
  | { readonly kind: "head"; readonly badge: string; readonly count: number }
  | { readonly kind: "member"; readonly member: Member };

/** The lines of the list: those whose name or account holds `search`, in groups by their badge. */
export function memberLines(members: readonly Member[], search: string): readonly MemberLine[] {
  const wanted = search.trim().toLowerCase();
  const holds = (text: string): boolean => text.toLowerCase().includes(wanted);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    if (wanted !== "" && !holds(member.name) && !holds(member.account ?? "")) continue;
    const badge = member.badge.slice(0, 1);
    const group = groups.get(badge);
    if (group === undefined) groups.set(badge, [member]);
    else group.push(member);
  }
  return [...groups].flatMap(([badge, all]) => [
    { kind: "head" as const, badge, count: all.length },
    ...all.map((member) => ({ kind: "member" as const, member })),
  ]);
}

/** Which lines of `count` are drawn when the list is scrolled to `top`: what is in sight and a few around it. */
export function linesInSight(count: number, top: number, height: number, line: number): { readonly from: number; readonly to: number } {
  const AROUND = 8;
  const from = Math.max(0, Math.floor(top / line) - AROUND);
  return { from: Math.min(from, count), to: Math.min(count, Math.ceil((top + height) / line) + AROUND) };
}

/** Who is writing, in words; empty: nobody. */
export function typingSentence(words: Words, names: readonly string[]): string {
  return names.length === 0 ? "" : words.members.typing(namesInWords(words, names), names.length);
}

/** Where the reader is, as the page's own address says it, so that a reload, a mend and a new window find it again. */
import type { ConversationId, MessageId, Sight } from "../bridge/generated";

/** An open conversation. */
export interface Spot {
  readonly conversation: ConversationId;
  /** The lowest row before the reader's eyes; `null`: the end, whatever comes. */
  readonly row: MessageId | null;
}

/** `#conversation`, or `#conversation/row`. The core keeps it too (`place.rs`), and takes nothing but digits. */
export function addressOf({ conversation, row }: Spot): string {
  return row === null ? `#${conversation}` : `#${conversation}/${row}`;
}

/** What an address says; `null`: nothing. */
export function spotIn(hash: string): Spot | null {
  const [, conversation, row] = /^#(\d+)(?:\/(\d+))?$/.exec(hash) ?? [];
  const [found, at] = [numberOf(conversation), numberOf(row)];
  return found === null ? null : { conversation: found, row: at };
}

/** The message that a new window is to go to, as `#conversation.message`; `null`: none. */
export function sightIn(hash: string): Sight | null {
  const [, conversation, message] = /^#(\d+)\.(\d+)$/.exec(hash) ?? [];
  const [found, at] = [numberOf(conversation), numberOf(message)];
  return found === null ? null : { conversation: found, message: at };
}

function numberOf(digits: string | undefined): number | null {
  const number = Number(digits);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}

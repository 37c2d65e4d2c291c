/** The words of the search, in English. */

export const searchWords = {
  open: "Search",
  close: "Close the search",
  label: "Search messages",
  where: "Where to search",
  here: "This conversation",
  everywhere: "Everywhere",
  waiting: "Searching…",
  failed: "The history could not be read. It is tried again.",
  none: "No message has all of that.",
  found: (many: number, count: string, more: boolean) =>
    more ? `The newest ${count} messages; scroll for more` : many === 1 ? "1 message" : `${count} messages`,
  results: "Messages that were found",
  how: "Type words, or the beginning of one. All of them must stand in the message.",
  /** What each way of asking means, in the order of the model’s `WAYS`. */
  ways: [
    "words in just this order",
    "who said it; from:me is you",
    "the conversation",
    "from that day on: 2026-11-29, today, yesterday",
    "before that day",
    "messages with a link",
  ] as readonly string[],
  keys: "↑ and ↓ choose, Enter goes there, Esc closes",
  faults: {
    nothing: "Add a word to look for.",
    tooLong: "That is too much to look for at once.",
    noValue: (operator: string) => `What shall stand behind ${operator}: ?`,
    day: (value: string) => `“${value}” is no day. Write it as 2026-11-29, or today, or yesterday.`,
    has: (value: string) => `“${value}” cannot be looked for behind has: – only link can.`,
    noConversation: (value: string) => `No conversation is called “${value}”.`,
  },
};

/** The words of rooms and people: happenings, messages and what is done with them, members, commands, in English. */

const few = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;

export const chatWords = {
  happening: {
    names: list,
    namesMore: (names: readonly string[], more: number) => `${names.join(", ")} and ${few(more, "other", "others")}`,
    between: "; ",
    why: (text: string) => ` (${text})`,
    joined: (who: string) => `${who} joined`,
    left: (who: string) => `${who} left`,
    quit: (who: string) => `${who} went offline`,
    kicked: (who: string, by: string) => `${who} was removed by ${by}`,
    kickedMe: (by: string) => `You were removed by ${by}`,
    renamed: (who: string, to: string) => `${who} is now ${to}`,
    renamedMe: (to: string) => `You are now ${to}`,
    renames: (count: number) => `${count} people go by other names`,
    topic: (who: string, text: string) => `${who} set the topic: ${text}`,
    topicGone: (who: string) => `${who} took the topic away`,
    mode: (who: string, text: string) => `${who} set ${text}`,
    modes: (count: number) => `${count} settings were changed`,
    retitled: (to: string) => `This room is now called ${to}`,
    split: (names: string) => `The network fell apart, and with it went ${names}`,
    rejoined: (names: string) => `The network is whole again, and ${names} came back`,
    ways: {
      "in in": (names: string) => `${names} joined`,
      "out out": (names: string) => `${names} left`,
      "in out": (names: string) => `${names} came and went`,
      "out in": (names: string) => `${names} left and came back`,
    },
    open: "Show each of them",
    shut: "Show them in one line",
  },

  message: {
    notice: "notice",
    /** Others than the server's own for what somebody is; none where the server's will do. */
    titles: {},
    titleGap: ", ",
    mention: "mentions you",
    retracted: (by: string) => `${by} took a message back`,
    quoteGone: "A message that is not here",
    quoteEmpty: "A message without words, or one that was taken back",
    quoteOpen: (name: string) => `Go to the message of ${name}`,
    earlier: "Earlier messages are on the server",
    reacted: (text: string, names: string) => `${text}: ${names}`,
    reactions: "Reactions",
    actions: (name: string) => `Actions for the message of ${name}`,
    reply: "Reply",
    react: "React…",
    copy: "Copy the text",
    copied: "Copied",
    copyFailed: "The text could not be copied",
    retract: "Take back",
    why: {
      offline: "There is no connection",
      incapable: "This server has no such thing",
      unnamed: "The server has no name for this message",
    },
    reactTitle: "React to the message",
    reactOther: "Another emoji, or a word",
    reactSend: "Put it",
  },

  room: {
    topic: "Show the whole topic",
    left: "You are not in this room.",
    again: "Go in again",
    me: (name: string) => `You are ${name} here`,
    answering: (name: string) => `Reply to ${name}`,
    answerLeave: "No reply",
    offline: "There is no connection, so this could not be done. Your text is still here.",
    incapable: "This server cannot do that. Your text is still here.",
    invalid: "This command is not complete, or something in it cannot be. Your text is still here.",
    unknown: (name: string) => `Whinchat does not know /${name}, but the server may. Send it as it is?`,
    unknownSend: "Send it as it is",
    unknownSay: "Say it as a message",
    menu: (name: string) => `Actions for ${name}`,
    leave: "Leave",
    remove: "Delete…",
    markRead: "Mark as read",
    mentions: (count: number) => few(count, "mention", "mentions"),
    kinds: { stream: "The server’s own", room: "Room", direct: "Conversation of two" },
    gone: "not in it",
    removeTitle: (name: string) => `Delete ${name}?`,
    removeText: "Its history on this computer is deleted and cannot be brought back.",
    removeYes: "Delete",
  },

  join: {
    open: "Join a room…",
    title: "Join a room",
    at: (name: string) => `at ${name}`,
    room: "Name of the room",
    password: "Password of the room",
    passwordHint: "if it has one; goes to the system’s keyring",
    join: "Join",
    missing: "Type the name of the room.",
  },

  members: {
    open: "Members",
    close: "Close the members",
    label: (name: string) => `Members of ${name}`,
    count: (count: string) => `${count} members`,
    search: "Search members",
    none: "Nobody by that name",
    nobody: "The server has not told who is here.",
    away: "away",
    bot: "bot",
    talk: (name: string) => `Open a conversation with ${name}`,
    groups: { "~": "Owners", "&": "Admins", "@": "Operators", "%": "Half-operators", "+": "Voiced", "": "Members" } as Readonly<
      Record<string, string>
    >,
    typing: (names: string, count: number) => `${names} ${count === 1 ? "is" : "are"} writing…`,
  },

  commands: {
    label: "Commands",
    keys: "Tab completes, ↑ and ↓ choose, Esc closes",
    /** By protocol and command; what is not here is told in the words of the protocol’s own table. */
    help: {} as Readonly<Record<string, string>>,
    /** By protocol and what stands between the brackets. */
    arguments: {} as Readonly<Record<string, string>>,
  },

  hints: {
    label: "What it may become",
    keys: "Tab or Enter takes one, ↑ and ↓ choose, Esc closes",
  },

  emoji: {
    open: "Emoji",
    title: "Choose an emoji",
    search: "Search emoji",
    found: "Found",
    none: "No emoji is called so.",
    groups: "Kinds of emoji",
    group: {
      smileys: "Smileys",
      people: "People",
      nature: "Animals and nature",
      food: "Food and drink",
      travel: "Travel and places",
      activities: "Activities",
      objects: "Objects",
      symbols: "Symbols",
      flags: "Flags",
    },
  },

  /** By id. */
  protocols: { plain: "Plain messages", irc: "IRC" } as Readonly<Record<string, string>>,
  presets: "Well-known servers",
  /** By protocol and field; what is not here is called by the protocol’s own name for it. */
  fields: { "irc.nick": "Nickname", "irc.channels": "Channels to join", "irc.login": "The password is for" } as Readonly<
    Record<string, string>
  >,
  fieldHints: { "irc.channels": "at the first log-in, with commas or spaces between" } as Readonly<Record<string, string>>,
  /** By protocol, field and value. */
  choices: { "irc.login.sasl": "Your account (SASL)", "irc.login.pass": "The server itself (PASS)" } as Readonly<
    Record<string, string>
  >,
  fieldMissing: (name: string) => `Type this too: ${name}.`,
};

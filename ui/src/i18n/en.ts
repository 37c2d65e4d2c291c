/** Every word of the window, in English. Its shape is what each other language must have. */

import { aroundWords } from "./en-around";
import { chatWords } from "./en-chat";
import { panelWords } from "./en-panel";
import { reachWords } from "./en-reach";
import { searchWords } from "./en-search";

const few = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const en = {
  tongue: "en" as "en" | "zh-CN",
  you: "You",
  server: "Server",
  lounge: "Lounge",
  thisComputer: "On this computer",

  search: searchWords,

  welcome: {
    title: "Talk to any chat server",
    text: "Whinchat keeps every word on this computer, tells the truth about the line, and speaks what your server speaks.",
    join: "Join the lounge on this computer",
    or: "or",
    add: "add a server",
    byAddress: "by its address",
  },

  sidebar: {
    label: "Servers and conversations",
    add: "Add a server",
    open: "Show servers",
    close: "Hide servers",
    unread: (count: number) => few(count, "unread message", "unread messages"),
    waiting: (count: number) => few(count, "message waits to be sent", "messages wait to be sent"),
  },

  account: {
    menu: (name: string) => `Actions for ${name}`,
    edit: "Edit…",
    connect: "Connect",
    disconnect: "Disconnect",
    remove: "Remove…",
  },

  state: {
    online: "connected",
    connecting: "connecting",
    waiting: "reconnecting",
    stopped: "needs you",
    off: "off",
  },

  status: {
    online: "Connected",
    to: (host: string) => `to ${host}`,
    rtt: (ms: number) => `${ms} ms`,
    plain: "not encrypted",
    local: "on this computer",
    connecting: "Connecting",
    waiting: (duration: string) => `Reconnecting in ${duration}`,
    now: "Reconnecting now",
    stopped: "Needs you",
    off: "Disconnected",
    offWhy: "you turned this server off",
    connectNow: "Connect now",
    edit: "Edit the server",
    trust: "Look at the certificate",
    secret: "Enter the password",
    reason: (reason: string) => `— ${reason}`,
  },

  timeline: {
    label: (name: string) => `Messages of ${name}`,
    empty: "Nothing here yet. Say something.",
    loading: "Loading…",
    start: "The history on this computer begins here.",
    today: "Today",
    yesterday: "Yesterday",
    unread: "New",
    newest: "To the newest",
    firstUnread: "First unread message",
    newestCount: (count: number) => few(count, "new message", "new messages"),
    gap: (from: string, until: string) => `Not connected from ${from} to ${until}; messages of that time may be missing`,
    gapAt: (at: string) => `Not connected at ${at}; messages of that time may be missing`,
    gapOpen: (from: string) => `Not connected since ${from}; messages may be missing`,
    gapOffered: "Some messages may be missing here",
    gapLoading: "Loading what is missing here…",
    gapFailed: {
      offline: "What is missing here could not be loaded: there is no connection",
      silent: "What is missing here could not be loaded: the server does not answer",
      stuck: "What is missing here could not be loaded: the server’s history does not go on",
      refused: "What is missing here could not be loaded: the server refused",
    },
    gapSaid: (text: string) => `The server said: “${text}”`,
    gapLoad: "Load",
    gapAgain: "Try again",
    binary: (size: string) => `Binary message · ${size}`,
    binaryMore: (count: string) => `and ${count} more`,
    enters: (room: string) => `Opens ${room}, or asks to enter it`,
    opens: (url: string) => `Opens outside Whinchat: ${url}`,
    trueHost: (host: string) => `the host is ${host}`,
    whole: (characters: string) => `Show all ${characters} characters`,
  },

  delivery: {
    menu: "Actions for this message",
    edit: "Edit…",
    cancel: "Do not send",
    failures: (count: number) => few(count, "message has failed", "messages have failed"),
    retryAll: "Send all again",
    queued: "queued",
    sending: "sending…",
    sent: "sent",
    acknowledged: "acknowledged",
    unconfirmed: "not confirmed — it may or may not have arrived",
    failed: (why: string) => `failed: ${why}`,
    again: "Send again",
    retry: "Retry",
    discard: "Discard",
  },

  composer: {
    label: (name: string) => `Message to ${name}`,
    placeholder: (name: string) => `Message ${name}`,
    send: "Send",
    amending: "Editing a message that is not sent yet",
    amendingHint: "Enter keeps the change, Esc leaves it as it was",
    keep: "Keep the change",
    leave: "Leave it as it was",
    onItsWay: "This message may be on its way, so it cannot be changed any more.",
    tooLong: "This message is too long to be sent. Shorten it, or send it in parts.",
    failed: "This message could not be kept, so it was not sent. Your text is still here.",
    lost: "There was no answer. Send it again: a message that was kept is not sent twice.",
  },

  form: {
    addTitle: "Add a server",
    addText: "An address is enough to begin.",
    editTitle: "Edit the server",
    url: "Address",
    urlHint: "wss://chat.example.org/ws",
    urlGood: "This address can be used",
    urlPlain: "This address can be used; messages will travel unencrypted",
    name: "Your name for it",
    nameHint: "optional",
    protocol: "Protocol",
    details: "Addresses, subprotocols, Origin, headers",
    subprotocols: "Subprotocols",
    subprotocolsHint: "in order of preference, with spaces between",
    origin: "Origin",
    originHint: "https://example.org",
    headers: "Extra headers",
    headerName: "Name",
    headerValue: "Value",
    addHeader: "Add a header",
    removeHeader: "Remove this header",
    use: (url: string) => `Use ${url}`,
    cancel: "Cancel",
    connect: "Connect",
    save: "Save",
  },

  remove: {
    title: (name: string) => `Remove ${name}?`,
    text: "Its history on this computer is deleted and cannot be brought back. The server keeps what it has.",
    waiting: (count: number) =>
      count === 1 ? "1 message that waits to be sent is lost." : `${count} messages that wait to be sent are lost.`,
    yes: "Remove",
    no: "Keep",
  },

  settings: {
    title: "Settings",
    language: "Language",
    theme: "Colours",
    system: "As the system",
    light: "Light",
    dark: "Dark",
    background: "When the window is closed",
    keep: "Go on receiving, with an icon in the tray",
    quit: "End Whinchat",
    highlights: "Words that call you, besides your name",
    highlightsHint: "with commas between",
  },

  parting: {
    title: "Close Whinchat?",
    unsent: (count: number) =>
      count === 1
        ? "1 message is not sent yet. It stays on this computer and goes out at the next start."
        : `${count} messages are not sent yet. They stay on this computer and go out at the next start.`,
    unkept: (count: number) =>
      count === 1
        ? "1 text that you are writing could not be kept. It is lost when the window closes."
        : `${count} texts that you are writing could not be kept. They are lost when the window closes.`,
    anyway: "Close anyway",
    stay: "Stay",
  },

  help: {
    title: "Keyboard",
    truth: "The truth about the connection",
    members: "Members of the room",
    search: "Search the conversation",
    searchAll: "Search everywhere",
    join: "Join a room",
    rows: "From message to message",
    rowMenu: "What can be done with the message",
    complete: "Complete a name or a command",
    hints: "Emoji, people, rooms while you type",
    emoji: "Choose an emoji",
    add: "Add a server",
    settings: "Settings",
    help: "This list",
    parts: { going: "Going around", message: "Messages", sidebar: "In the list of conversations", window: "Window" },
    switch: "Go to a conversation, a server or a command",
    previous: "Previous conversation",
    next: "Next conversation",
    amend: "Change what is not sent yet, or say something again",
    previousUnread: "Previous unread conversation",
    nextUnread: "Next unread conversation",
    nth: "First to ninth conversation",
    sidebar: "From one to the other",
    arrange: "Move it up or down",
    menu: "What can be done with it",
    larger: "Larger",
    smaller: "Smaller",
    natural: "As large as at first",
    send: "Send the message",
    breakLine: "Begin a new line",
    escape: "Close, or back to the message",
    scroll: "Scroll the messages",
    newest: "To the newest message",
  },

  notice: {
    historySetAside: (path: string) =>
      `The history on this computer could not be read. It was set aside at ${path}, and a new one was begun.`,
    diskTrouble: (text: string) => `The disk does not take what should be kept; Whinchat keeps trying. ${text}`,
    close: "Close",
  },

  trouble: {
    reading: "What is shown may be out of date: it could not be read. Whinchat keeps trying.",
    disk: "The disk did not take it, so nothing was changed. Try again.",
    lost: "There was no answer, so it is not known whether it was done.",
    gone: "What this was about is not there any more.",
    offline: "There is no connection, so this could not be done.",
    incapable: "This server cannot do that.",
    unopened: (text: string) => `No program on this computer opened this link: ${text}`,
    other: (text: string) => `This could not be done: ${text}`,
  },

  unusable: {
    other: {
      title: "The history cannot be opened",
      text: "Whinchat shows nothing that it has not kept, so it cannot go on. Nothing was deleted.",
    },
    inUse: {
      title: "Whinchat is already open",
      text: "Another window of Whinchat uses this history. Go on there, and close this one.",
    },
    newer: {
      title: "This history is from a newer Whinchat",
      text: "This version cannot read it and leaves it as it is. Install the newer version again to go on.",
    },
  },

  ...aroundWords,
  ...chatWords,
  ...panelWords,
  ...reachWords,
};

/** The languages' names, each in itself. */
export const LANGUAGE_NAMES = { en: "English", "zh-CN": "中文" } as const;

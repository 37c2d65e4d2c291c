/** Every word of the window, in English. Its shape is what each other language must have. */

const few = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const en = {
  tongue: "en" as "en" | "zh-CN",
  you: "You",
  server: "Server",
  lounge: "Lounge",
  thisComputer: "On this computer",

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
    waiting: (seconds: number) => `Reconnecting in ${duration(seconds)}`,
    now: "Reconnecting now",
    stopped: "Needs you",
    off: "Disconnected",
    offWhy: "you turned this server off",
    connectNow: "Connect now",
    edit: "Edit the server",
    reason: (reason: string) => `— ${reason}`,
  },

  phase: {
    dns: (host: string) => `to ${host}: looking up its address`,
    tcp: (host: string) => `to ${host}: opening the connection`,
    proxy: (host: string) => `to ${host}: asking the proxy`,
    tls: (host: string) => `to ${host}: securing the connection`,
    upgrade: (host: string) => `to ${host}: asking for a WebSocket`,
    login: (host: string) => `to ${host}: logging in`,
  },

  timedOut: {
    dns: (seconds: number) => `the address was not found within ${seconds} s`,
    tcp: (seconds: number) => `nothing answered within ${seconds} s`,
    proxy: (seconds: number) => `the proxy did not answer within ${seconds} s`,
    tls: (seconds: number) => `the connection was not secured within ${seconds} s`,
    upgrade: (seconds: number) => `no WebSocket was opened within ${seconds} s`,
    login: (seconds: number) => `the log-in was not done within ${seconds} s`,
  },

  tls: {
    expired: "the server’s certificate has expired",
    notYetValid: "the server’s certificate is not valid yet; is this computer’s clock right?",
    wrongName: "the server’s certificate is for another name",
    unknownIssuer: "the server’s certificate is from nobody whom this computer trusts",
    revoked: "the server’s certificate was withdrawn",
    wrongPurpose: "the server’s certificate is not meant for a server",
    badCertificate: "the server’s certificate is broken",
    clientCertificateWanted: "the server asks for a certificate of yours",
    noCommonVersion: "the server speaks no version of TLS that is safe",
    notTls: "what answered does not speak TLS; perhaps the address should begin with ws://",
    changed: "the server’s certificate is not the one that you trust for it",
    other: "the connection could not be secured",
  },

  refusal: {
    unauthorized: (status: number) => `the server wants a log-in (HTTP ${status}), and Whinchat cannot log in yet`,
    forbidden: (status: number) => `the server does not let this program in (HTTP ${status}); it may want another Origin`,
    notFound: (status: number) => `there is no WebSocket at this path (HTTP ${status})`,
    tooMany: (status: number) => `the server asks to come back later (HTTP ${status})`,
    redirect: (status: number) => `the server points elsewhere (HTTP ${status})`,
    redirectTo: (status: number, location: string) => `the server points to ${location} (HTTP ${status})`,
    other: (status: number) => `the server answered HTTP ${status}, no WebSocket`,
  },

  reason: {
    badAddress: "the address cannot be used as it stands",
    dns: (host: string) => `no address was found for ${host}`,
    refused: (address: string) => `connection refused by ${address}`,
    unreachable: (address: string) => `there is no way to ${address} at the moment`,
    notWebSocket: "what answered does not speak WebSocket",
    subprotocol: (chosen: string) => `the server chose the subprotocol ${chosen}, which was not offered`,
    noSubprotocol: "the server chose none of the subprotocols that were offered",
    closedByServer: (why: string) => `the server closed the connection: ${why}`,
    closedByUs: (why: string) => `Whinchat closed the connection: ${why}`,
    dropped: "the connection broke off without a goodbye",
    silent: (seconds: number) => `the server has been silent for ${seconds} s`,
    tooBig: (size: string) => `the server sent a message of more than ${size}`,
    brokenFrames: "the server broke the rules of WebSocket",
    file: (path: string) => `the file ${path} cannot be used`,
    internal: "something in Whinchat failed; this is a bug",
  },

  proxyFault: {
    unauthorized: (proxy: string) => `the proxy ${proxy} wants another log-in`,
    forbidden: (proxy: string) => `the proxy ${proxy} does not allow this server`,
    unreachable: (proxy: string) => `the proxy ${proxy} cannot reach the server`,
    notAProxy: (proxy: string) => `what answers at ${proxy} is not such a proxy`,
    other: (proxy: string) => `the proxy ${proxy} did not let the connection through`,
  },

  secret: {
    logIn: "the password or token",
    proxy: "the proxy’s password",
    clientKey: "the password of your certificate",
  },

  secretTrouble: {
    missing: (secret: string) => `${secret} is needed`,
    locked: (secret: string) => `${secret} is in the keyring, which is locked`,
    noKeyring: (secret: string) => `${secret} is needed again: this system has no keyring to keep it in`,
    failed: (secret: string) => `${secret} could not be read from the keyring`,
  },

  close: {
    known: {
      1000: "finished normally",
      1001: "going away",
      1002: "protocol error",
      1003: "cannot take this kind of message",
      1006: "broke off without a goodbye",
      1007: "text that is not UTF-8",
      1008: "against the server’s rules",
      1009: "message too big",
      1010: "an extension is missing",
      1011: "error inside the server",
      1012: "restarting",
      1013: "try again later",
      1014: "bad answer from a server behind it",
      1015: "the connection could not be secured",
    },
    none: "no code given (1005)",
    private: (code: number) => `code ${code} of this server`,
    unknown: (code: number) => `code ${code}`,
    said: (why: string, text: string) => `${why} “${text}”`,
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
    newestCount: (count: number) => few(count, "new message", "new messages"),
    gap: (from: string, until: string) => `Not connected from ${from} to ${until}; messages of that time may be missing`,
    gapAt: (at: string) => `Not connected at ${at}; messages of that time may be missing`,
    gapOpen: (from: string) => `Not connected since ${from}; messages may be missing`,
    binary: (size: string) => `Binary message · ${size}`,
    binaryMore: (count: string) => `and ${count} more`,
    whole: (characters: string) => `Show all ${characters} characters`,
  },

  delivery: {
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
    details: "Subprotocols, Origin, headers",
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

  address: {
    empty: "Type the address of a server.",
    noScheme: "An address begins with ws:// or wss://.",
    wrongScheme: "This is not a WebSocket address; those begin with ws:// or wss://.",
    noHost: "The address has no host.",
    badPort: "The port must be a number from 1 to 65535.",
    badHost: "The host is neither a name nor an address.",
    credentials: "Take the user name and the password out: an address is kept in plain text.",
    fragment: "A WebSocket address has no # in it.",
    tooLong: "The address is too long.",
    other: (text: string) => `This address cannot be read: ${text}`,
  },

  fault: {
    subprotocol: (value: string) => `“${value}” cannot be a subprotocol: letters, digits and - . _ + only.`,
    header: (value: string) => `The header “${value}” cannot be sent.`,
    secretHeader: (value: string) => `“${value}” would carry a log-in, and headers are kept in plain text.`,
    origin: (value: string) => `“${value}” cannot be sent as an Origin.`,
    protocol: (value: string) => `There is no protocol “${value}”.`,
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
  },

  help: {
    title: "Keyboard",
    addServer: "Add a server",
    settings: "Settings",
    help: "This list",
    previous: "Previous conversation",
    next: "Next conversation",
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

};

/** The languages' names, each in itself. */
export const LANGUAGE_NAMES = { en: "English", "zh-CN": "中文" } as const;

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

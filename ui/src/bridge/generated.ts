// Written by the tests of the crate `engine` from its contract. Do not edit; refresh with
// WHINCHAT_WRITE=1 cargo test -p engine contract

export type AccountConfig = { 
/**
 * The id of a protocol in `proto::ALL`.
 */
protocol: string, 
/**
 * What the user calls the account; empty: the host of the address.
 */
name: string, 
/**
 * The address, as typed: `ws://` or `wss://`.
 */
url: string, 
/**
 * Further addresses of the same server, for when the first cannot be reached.
 */
fallbacks: Array<string>, 
/**
 * Subprotocols to offer, in order of preference (RFC 6455 §1.9).
 */
subprotocols: Array<string>, 
/**
 * The `Origin` header to send; empty: none.
 */
origin: string, 
/**
 * Extra headers of the handshake.
 */
headers: Array<Header>, 
/**
 * How we say who we are.
 */
logIn: LogIn, 
/**
 * Through whom the server is reached.
 */
proxy: Proxy, 
/**
 * Whom to trust beyond what the system trusts, and who we are in TLS.
 */
trust: Trust, 
/**
 * Whether frames may be compressed.
 */
compression: Compression, 
/**
 * What the protocol itself wants to know, by the names of its fields.
 */
fields?: { [key in string]: string }, };

export type Header = { 
/**
 * The field name, RFC 9110 §5.1.
 */
name: string, 
/**
 * The field value, RFC 9110 §5.5.
 */
value: string, };

export type LogIn = { "kind": "none" } | { "kind": "basic", 
/**
 * The user-id; it has no colon.
 */
user: string, } | { "kind": "bearer" } | { "kind": "cookie" } | { "kind": "query", 
/**
 * The parameter's name.
 */
name: string, } | { "kind": "header", 
/**
 * The header's name.
 */
name: string, } | { "kind": "protocol", 
/**
 * The account's name at the server; empty where the password is the server's own.
 */
user: string, };

export type Proxy = { "kind": "system" } | { "kind": "none" } | { "kind": "http", 
/**
 * Its host.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * The user to log in as; empty: no log-in.
 */
user: string, } | { "kind": "socks5", 
/**
 * Its host.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * The user to log in as (RFC 1929); empty: no log-in.
 */
user: string, };

export type Trust = { 
/**
 * A PEM file with authorities to trust for this account; empty: none.
 */
authorities: string, 
/**
 * Our certificate: a PEM file, or PKCS#12 (`.p12`, `.pfx`) with the key in it; empty: none. Its password lies in
 * the keyring as [`SecretKind::ClientKey`].
 */
certificate: string, 
/**
 * Our private key as a PEM file; empty: it is in the file of the certificate.
 */
key: string, 
/**
 * Certificates that are trusted for one server each, whatever is wrong with them.
 */
pins: Array<Pin>, };

export type Pin = { 
/**
 * The server's host and port, as `host:port`.
 */
server: string, 
/**
 * SHA-256 of the certificate's DER form: 64 lower-case hexadecimal digits.
 */
sha256: string, };

export type Compression = "offer" | "off";

export type SecretKind = "logIn" | "proxy" | "clientKey" | "rooms";

export type SecretTrouble = "missing" | "locked" | "noKeyring" | "failed";

export type ProxyFault = "unauthorized" | "forbidden" | "unreachable" | "notAProxy" | "unnamed" | "other";

export type Attempt = { 
/**
 * When it began; with the account, its identity.
 */
at: Timestamp, 
/**
 * The address that was dialled, without a log-in in it.
 */
url: string, 
/**
 * The steps in the order in which they were begun.
 */
steps: Array<Step>, 
/**
 * Who was met on the way.
 */
peer: Peer, 
/**
 * How it came out.
 */
outcome: Outcome, };

export type Step = { 
/**
 * Which.
 */
phase: Phase, 
/**
 * How long it took, in microseconds; `None`: it was not finished.
 */
tookUs: number | null, };

export type Peer = { 
/**
 * The address that answered, with its port: the proxy's where there is one.
 */
address: string | null, 
/**
 * The proxy, as `http://host:port` or `socks5://host:port`.
 */
proxy: string | null, 
/**
 * The TLS version as people write it (`TLS 1.3`).
 */
tls: string | null, 
/**
 * The cipher suite, as IANA names it.
 */
cipher: string | null, 
/**
 * The server's certificate.
 */
certificate: Certificate | null, 
/**
 * The subprotocol that the server chose.
 */
subprotocol: string | null, 
/**
 * The extensions that the server took, as in `Sec-WebSocket-Extensions`.
 */
extensions: string | null, };

export type Certificate = { 
/**
 * Whose it is: the common name, else the whole subject.
 */
subject: string, 
/**
 * Who signed it.
 */
issuer: string, 
/**
 * The hosts that it is for, at most 20.
 */
names: Array<string>, 
/**
 * Its first moment.
 */
notBefore: Timestamp, 
/**
 * Its last moment.
 */
notAfter: Timestamp, 
/**
 * SHA-256 of its DER form: 64 lower-case hexadecimal digits.
 */
sha256: string, };

export type Outcome = { "kind": "trying" } | { "kind": "failed", 
/**
 * Why.
 */
reason: Reason, } | { "kind": "online", 
/**
 * Since when.
 */
since: Timestamp, } | { "kind": "ended", 
/**
 * Since when it was.
 */
since: Timestamp, 
/**
 * Until when.
 */
until: Timestamp, 
/**
 * Why it ended.
 */
reason: Reason, };

export type Place = { 
/**
 * The time that the row is sorted by.
 */
sort: Timestamp, 
/**
 * The row itself; later arrivals have greater ids.
 */
id: MessageId, };

export type Body = { 
/**
 * In reading order.
 */
spans: Array<Span>, };

export type Span = { "kind": "text", 
/**
 * Shown by `textContent`, never parsed.
 */
text: string, 
/**
 * Left out where it is plain, as in every row that was stored before there were styles.
 */
style?: Style, } | { "kind": "link", 
/**
 * Shown as a text is.
 */
text: string, 
/**
 * Where it leads.
 */
url: Target, } | { "kind": "room", 
/**
 * The name as it stands there, which is also what the room is asked for by.
 */
text: string, 
/**
 * As for a text.
 */
style?: Style, } | { "kind": "binary", 
/**
 * Its length in bytes.
 */
size: number, 
/**
 * Its first bytes, at most [`BINARY_HEAD`].
 */
head: Array<number>, };

export type Style = { 
/**
 * What is set apart about its letters.
 */
marks: Array<Mark>, 
/**
 * The colour of its letters; `None`: the reader's.
 */
ink: Colour | null, 
/**
 * The colour behind them; `None`: the reader's.
 */
ground: Colour | null, };

export type Mark = "bold" | "italic" | "underline" | "strikethrough" | "monospace" | "reverse";

export type Colour = { "kind": "named", 
/**
 * Which.
 */
name: Hue, } | { "kind": "rgb", 
/**
 * Of 255.
 */
red: number, 
/**
 * Of 255.
 */
green: number, 
/**
 * Of 255.
 */
blue: number, };

export type Hue = "white" | "black" | "blue" | "green" | "red" | "brown" | "magenta" | "orange" | "yellow" | "lightGreen" | "cyan" | "lightCyan" | "lightBlue" | "pink" | "grey" | "lightGrey";

export type Target = string;

export type Scheme = "https" | "http" | "mailto" | "xmpp" | "irc" | "ircs";

export type Sender = { "kind": "server" } | { "kind": "me" } | { "kind": "person", 
/**
 * The name that is shown.
 */
name: string, };

export type ConversationKind = "stream" | "room" | "direct";

export type Delivery = { "kind": "queued" } | { "kind": "sending" } | { "kind": "sent" } | { "kind": "acknowledged" } | { "kind": "unconfirmed" } | { "kind": "failed", 
/**
 * Why, in words of the server or of the adapter.
 */
why: string, };

export type Phase = "dns" | "tcp" | "proxy" | "tls" | "upgrade" | "login";

export type CloseBy = "server" | "us";

export type TlsFault = "expired" | "notYetValid" | "wrongName" | "unknownIssuer" | "revoked" | "wrongPurpose" | "badCertificate" | "clientCertificateWanted" | "noCommonVersion" | "notTls" | "changed" | "other";

export type Refusal = { "kind": "unauthorized", 
/**
 * The `WWW-Authenticate` challenge, at most 200 characters.
 */
challenge: string | null, } | { "kind": "forbidden" } | { "kind": "notFound" } | { "kind": "tooMany", 
/**
 * `Retry-After` in seconds.
 */
retryAfterS: number | null, } | { "kind": "redirect", 
/**
 * The `Location`, at most 500 characters.
 */
location: string | null, } | { "kind": "other" };

export type Reason = { "kind": "badAddress", 
/**
 * What is wrong with it.
 */
text: string, } | { "kind": "dns", 
/**
 * The host that was asked for.
 */
host: string, 
/**
 * The resolver's words.
 */
text: string, } | { "kind": "refused", 
/**
 * The last address tried, with its port.
 */
address: string, } | { "kind": "unreachable", 
/**
 * The last address tried, with its port.
 */
address: string, 
/**
 * The system's words.
 */
text: string, } | { "kind": "timedOut", 
/**
 * Which.
 */
phase: Phase, 
/**
 * How long it was given.
 */
seconds: number, } | { "kind": "tls", 
/**
 * The verdict.
 */
fault: TlsFault, 
/**
 * The verifier's words.
 */
text: string, 
/**
 * The certificate that the server showed.
 */
certificate: Certificate | null, } | { "kind": "proxy", 
/**
 * Its address, as `host:port`.
 */
proxy: string, 
/**
 * The verdict.
 */
fault: ProxyFault, 
/**
 * Its words.
 */
text: string, } | { "kind": "secret", 
/**
 * Which.
 */
secret: SecretKind, 
/**
 * Why.
 */
trouble: SecretTrouble, } | { "kind": "file", 
/**
 * Which.
 */
path: string, 
/**
 * What is wrong with it.
 */
text: string, } | { "kind": "status", 
/**
 * The HTTP status.
 */
status: number, 
/**
 * What it means.
 */
refusal: Refusal, 
/**
 * The first line of text of its body, at most 200 characters.
 */
text: string, } | { "kind": "notWebSocket", 
/**
 * What was wrong.
 */
text: string, } | { "kind": "subprotocol", 
/**
 * What the server chose.
 */
chosen: string | null, } | { "kind": "closed", 
/**
 * The status code; `None`: the frame had none (1005).
 */
code: number | null, 
/**
 * The reason, control characters taken out, at most 123 bytes.
 */
text: string, 
/**
 * Who closed first.
 */
by: CloseBy, } | { "kind": "dropped", 
/**
 * The system's words.
 */
text: string, } | { "kind": "silent", 
/**
 * For how long.
 */
seconds: number, } | { "kind": "tooBig", 
/**
 * The most bytes that are taken.
 */
limit: number, } | { "kind": "notLetIn", 
/**
 * The server's words, or the adapter's.
 */
text: string, } | { "kind": "brokenFrames", 
/**
 * How.
 */
text: string, } | { "kind": "internal", 
/**
 * What.
 */
text: string, };

export type Line = { 
/**
 * Which of the account's addresses is in use.
 */
url: string, 
/**
 * The address that answered, with its port: the proxy's where there is one.
 */
address: string, 
/**
 * The TLS version as people write it (`TLS 1.3`); `None`: not encrypted.
 */
tls: string | null, 
/**
 * The subprotocol that the server chose.
 */
subprotocol: string | null, 
/**
 * The extensions that the server took, as in `Sec-WebSocket-Extensions`.
 */
extensions: string | null, 
/**
 * Round-trip time of the last ping in milliseconds, once known.
 */
rttMs: number | null, 
/**
 * Since when.
 */
since: Timestamp, };

export type Status = { "kind": "off" } | { "kind": "connecting", 
/**
 * Which of the account's addresses is tried.
 */
url: string, 
/**
 * The step that is under way.
 */
phase: Phase, 
/**
 * 1 for the first try since the last session that held.
 */
attempt: number, } | { "kind": "online", 
/**
 * How.
 */
line: Line, } | { "kind": "waiting", 
/**
 * When.
 */
until: Timestamp, 
/**
 * 1 for the first try since the last session that held; the one that failed last.
 */
attempt: number, 
/**
 * Why it is not connected.
 */
reason: Reason, } | { "kind": "stopped", 
/**
 * Why.
 */
reason: Reason, };

export type Row = { 
/**
 * Where it stands; `place.id` is its identity.
 */
place: Place, 
/**
 * The transaction that changed it last.
 */
rev: Rev, 
/**
 * What it is.
 */
item: Item, };

export type Item = { "kind": "message", 
/**
 * Who said it.
 */
sender: Sender, 
/**
 * How the server sets their name off.
 */
flair: Flair | null, 
/**
 * How.
 */
tone: Tone, 
/**
 * What; of a long text only the beginning, at most [`MAX_SHOWN`] characters.
 */
body: Body, 
/**
 * How many characters the whole text has, when `body` holds only its beginning.
 */
whole: number | null, 
/**
 * When: the server's time where it gave one, else when it was received or written.
 */
at: Timestamp, 
/**
 * For our own messages, what is known of their way.
 */
delivery: Delivery | null, 
/**
 * For our own messages, the intent that made them.
 */
txn: TxnId | null, 
/**
 * The message that it answers.
 */
reply: Quote | null, 
/**
 * In the order in which each was first put.
 */
reactions: Array<Reaction>, 
/**
 * It names us.
 */
mentionsMe: boolean, 
/**
 * The server has a name for it, so that it can be answered, reacted to and taken back.
 */
named: boolean, 
/**
 * It was taken back: what it said is gone.
 */
retracted: Retraction | null, } | { "kind": "happening", 
/**
 * Whom it is about.
 */
who: Sender, 
/**
 * What it is.
 */
change: Change, 
/**
 * When: the server's time where it gave one, else when it was received.
 */
at: Timestamp, } | { "kind": "gap", 
/**
 * From when; `None`: since ever, as far as the server's history goes back.
 */
from: Timestamp | null, 
/**
 * Until when; `None`: still.
 */
until: Timestamp | null, 
/**
 * What can be done about it.
 */
healing: Healing, };

export type HealingFault = { "kind": "offline" } | { "kind": "silent" } | { "kind": "stuck" } | { "kind": "refused", 
/**
 * Its words, or the adapter's for it.
 */
text: string, };

export type Healing = { "kind": "unavailable" } | { "kind": "offered" } | { "kind": "loading" } | { "kind": "failed", 
/**
 * Why.
 */
why: HealingFault, };

export type Page = { 
/**
 * In order of place, oldest first.
 */
rows: Array<Row>, 
/**
 * There are rows before the first.
 */
hasOlder: boolean, 
/**
 * There are rows after the last.
 */
hasNewer: boolean, 
/**
 * As of which transaction.
 */
rev: Rev, };

export type Changes = { "kind": "delta", 
/**
 * New or changed rows, in order of place.
 */
upserts: Array<Row>, 
/**
 * Rows that are gone.
 */
removed: Array<MessageId>, 
/**
 * There are rows before the window.
 */
hasOlder: boolean, 
/**
 * There are rows after the window.
 */
hasNewer: boolean, 
/**
 * As of which transaction.
 */
rev: Rev, } | { "kind": "reset" };

export type Search = { "kind": "found", 
/**
 * The message that came last is the first.
 */
hits: Array<Hit>, 
/**
 * What the next page is asked for with; `None`: this was the last.
 */
more: MessageId | null, } | { "kind": "unclear", 
/**
 * Why.
 */
fault: QueryFault, };

export type Hit = { 
/**
 * Which.
 */
message: MessageId, 
/**
 * Where it was said.
 */
conversation: ConversationId, 
/**
 * Who said it.
 */
sender: Sender, 
/**
 * When.
 */
at: Timestamp, 
/**
 * The text around what was found, in reading order.
 */
excerpt: Array<Piece>, };

export type Piece = { 
/**
 * Shown by `textContent`, never parsed.
 */
text: string, 
/**
 * It is what was looked for.
 */
hit: boolean, };

export type QueryFault = { "kind": "nothing" } | { "kind": "tooLong" } | { "kind": "noValue", 
/**
 * The operator, without its colon.
 */
operator: string, } | { "kind": "day", 
/**
 * What stands there.
 */
value: string, } | { "kind": "has", 
/**
 * What stands there.
 */
value: string, } | { "kind": "noConversation", 
/**
 * The name.
 */
value: string, };

export type Account = { 
/**
 * Its id.
 */
id: AccountId, 
/**
 * What the user typed.
 */
config: AccountConfig, 
/**
 * Whether it is to be connected.
 */
enabled: boolean, 
/**
 * Its conversations are folded away.
 */
collapsed: boolean, };

export type Conversation = { 
/**
 * Its id.
 */
id: ConversationId, 
/**
 * Whose it is.
 */
account: AccountId, 
/**
 * What sort of place it is.
 */
kind: ConversationKind, 
/**
 * Its name; `None`: the account's name serves.
 */
title: string | null, 
/**
 * What it is about.
 */
topic: string | null, 
/**
 * We are not in it (any more).
 */
left: boolean, 
/**
 * Messages of others after `read`.
 */
unread: number, 
/**
 * Those of them that name us; in a conversation of two, all of them.
 */
mentions: number, 
/**
 * Everything up to here was read.
 */
read: Place | null, 
/**
 * Own messages that are queued or on their way.
 */
waiting: number, 
/**
 * It stands before those that are not.
 */
pinned: boolean, 
/**
 * It counts quietly and tells of nothing.
 */
muted: boolean, 
/**
 * Which of its messages the user is told of; `None`: as its kind has it ([`NotifyRule::of_kind`]).
 */
notify: NotifyRule | null, };

export type NotifyRule = "all" | "mentions" | "nothing";

export type AccountId = number;

export type ConversationId = number;

export type MessageId = number;

export type Rev = number;

export type Timestamp = number;

export type TxnId = string;

export type Tone = "said" | "action" | "notice";

export type Flair = { 
/**
 * What they are there, in few words, such as *moderator*. The window may have other words for some.
 */
titles: Array<string>, 
/**
 * A colour of their own for their name; the window makes it one that can be read.
 */
ink: Colour | null, };

export type Change = { "kind": "joined" } | { "kind": "left", 
/**
 * Why, in their words.
 */
why: string | null, } | { "kind": "quit", 
/**
 * Why, in their words or the server's.
 */
why: string | null, } | { "kind": "kicked", 
/**
 * By whom.
 */
by: string, 
/**
 * Why, in that one's words.
 */
why: string | null, } | { "kind": "renamed", 
/**
 * Which.
 */
to: string, } | { "kind": "topic", 
/**
 * The new text; `None`: they took it away.
 */
text: string | null, } | { "kind": "mode", 
/**
 * The change, such as `+o ann`.
 */
text: string, } | { "kind": "retitled", 
/**
 * Which.
 */
to: string, } | { "kind": "split", 
/**
 * Their names.
 */
names: Array<string>, } | { "kind": "rejoined", 
/**
 * Their names.
 */
names: Array<string>, };

export type Quote = { 
/**
 * The row; `None`: it is not here.
 */
id: MessageId | null, 
/**
 * Who said it; `None`: it is not here.
 */
sender: Sender | null, 
/**
 * How it begins, in characters alone; empty where it is not here or was taken back.
 */
text: string, };

export type Draft = { 
/**
 * What was written; empty: nothing.
 */
text: string, 
/**
 * The message that it is to answer.
 */
reply: Quote | null, };

export type Reaction = { 
/**
 * An emoji, or a short text.
 */
text: string, 
/**
 * Those who put it, besides ourselves.
 */
names: Array<string>, 
/**
 * We did.
 */
mine: boolean, };

export type Retraction = { 
/**
 * By whom.
 */
by: Sender, 
/**
 * Why, in their words.
 */
why: string | null, };

export type Member = { 
/**
 * The name, which tells people of one conversation apart.
 */
name: string, 
/**
 * The sign of their power here, as the protocol writes it: `@`, `+`; empty: none.
 */
badge: string, 
/**
 * How much power that is; more sorts first.
 */
rank: number, 
/**
 * They are not there at the moment.
 */
away: boolean, 
/**
 * It is a program.
 */
bot: boolean, 
/**
 * The account that the server knows them by.
 */
account: string | null, };

export type People = { 
/**
 * By rank, then by name.
 */
members: Array<Member>, 
/**
 * Names of those who are writing.
 */
typing: Array<string>, };

export type Capabilities = { 
/**
 * The server proves that it has a message ([`Event::Acknowledged`]).
 */
acknowledges: boolean, 
/**
 * The server keeps a history that can be asked for.
 */
history: boolean, 
/**
 * A message that is sent twice under one [`TxnId`] is one message to the server, in this session and in later ones.
 * What a lost connection left unproven is sent again by itself then, and else never.
 */
tellsDoublesApart: boolean, 
/**
 * The server's history can be asked for from its end too ([`Command::Earlier`](crate::Command::Earlier)).
 */
earlier: boolean, 
/**
 * A message can say which one it answers.
 */
replies: boolean, 
/**
 * Reactions can be put to messages.
 */
reactions: boolean, 
/**
 * Our own messages can be taken back.
 */
retraction: boolean, 
/**
 * The server keeps how far we have read, for all our devices.
 */
readMarkers: boolean, 
/**
 * The server tells others that we are writing.
 */
typing: boolean, 
/**
 * There are rooms to join and leave.
 */
rooms: boolean, };

export type FieldView = { 
/**
 * Its name in the config's `fields`.
 */
id: string, 
/**
 * What it is called in English.
 */
name: string, 
/**
 * An account cannot do without.
 */
required: boolean, 
/**
 * What may stand in it; empty: anything. The first is what an empty field means.
 */
choices: Array<string>, };

export type PresetView = { 
/**
 * What people call it.
 */
name: string, 
/**
 * Its address.
 */
url: string, 
/**
 * Values of fields that go with it.
 */
fields: { [key in string]: string }, };

export type CommandView = { 
/**
 * Its name, without the slash.
 */
name: string, 
/**
 * Its arguments: `<must>`, `[may]`, the last with `…` when it takes the rest of the line.
 */
arguments: string, 
/**
 * What it does, in English.
 */
help: string, };

export type Sidebar = { 
/**
 * As of which transaction.
 */
rev: Rev, 
/**
 * In the user's order.
 */
accounts: Array<AccountView>, 
/**
 * Account by account; in each the pinned ones first, then in the user's order.
 */
conversations: Array<Conversation>, 
/**
 * What is unread in all of them.
 */
count: Count, 
/**
 * What the user must be told about this start.
 */
notices: Array<Notice>, };

export type AccountView = { 
/**
 * The name that is shown: the user's, else the host of the address.
 */
label: string, 
/**
 * What is true of its connection.
 */
status: Status, 
/**
 * It is the lounge on this computer.
 */
lounge: boolean, 
/**
 * What its session can do, or the last one could.
 */
capabilities: Capabilities, 
/**
 * Who we are in the session; `None`: there is none, or the protocol gives no names.
 */
me: string | null, 
/**
 * What is unread in its conversations.
 */
count: Count, 
/**
 * Its id.
 */
id: AccountId, 
/**
 * What the user typed.
 */
config: AccountConfig, 
/**
 * Whether it is to be connected.
 */
enabled: boolean, 
/**
 * Its conversations are folded away.
 */
collapsed: boolean, };

export type Count = { 
/**
 * Messages of others.
 */
unread: number, 
/**
 * Those of them that name us; in a conversation of two, all of them.
 */
mentions: number, };

export type Notice = { "kind": "historySetAside", 
/**
 * Where it lies.
 */
path: string, } | { "kind": "diskTrouble", 
/**
 * The system's words.
 */
text: string, };

export type Bell = { 
/**
 * The newest transaction.
 */
rev: Rev, 
/**
 * Accounts, conversations, statuses or settings have changed.
 */
sidebar: boolean, 
/**
 * These timelines have changed; `null`: any may have.
 */
conversations: Array<ConversationId> | null, };

export type Settings = { 
/**
 * The language of the window.
 */
language: Language, 
/**
 * Its colours.
 */
theme: Theme, 
/**
 * How much room stands around what it shows.
 */
density: Density, 
/**
 * How large everything in it is, in percent.
 */
zoom: number, 
/**
 * What becomes of the program when the window is closed.
 */
background: Background, 
/**
 * Words of interest, with commas between them: where one stands in a message, it counts as naming the user.
 */
highlights: string, 
/**
 * What a notification shows of a message.
 */
preview: Preview, 
/**
 * When the user is told of nothing.
 */
quiet: Quiet, };

export type Language = "system" | "en" | "zh-CN";

export type Theme = "system" | "light" | "dark" | "contrast";

export type Density = "comfortable" | "compact";

export type Background = "keep" | "quit";

export type Preview = "text" | "hidden";

export type Quiet = { 
/**
 * Whether there are any.
 */
on: boolean, 
/**
 * The first minute of them.
 */
from: number, 
/**
 * The first minute after them; before `from`, they last over midnight.
 */
until: number, };

export type Parting = { "kind": "goes" } | { "kind": "asks", 
/**
 * Messages that are queued or on their way. They stay on the disk, and go out after the next start.
 */
unsent: number, 
/**
 * Texts that the window holds and the disk did not take. They go with the window.
 */
unkept: number, };

export type Sight = { 
/**
 * The conversation.
 */
conversation: ConversationId, 
/**
 * A message of it; `None`: wherever it opens.
 */
message: MessageId | null, };

export type ProtocolView = { 
/**
 * What accounts keep.
 */
id: string, 
/**
 * Its name in English.
 */
name: string, 
/**
 * Whether an account can have a name and a password at the server itself.
 */
log_in: boolean, 
/**
 * What the form asks besides the address.
 */
fields: Array<FieldView>, 
/**
 * Well-known servers.
 */
presets: Array<PresetView>, 
/**
 * What can be typed behind a slash.
 */
commands: Array<CommandView>, };

export type FormFault = { "kind": "address", 
/**
 * What is wrong with it.
 */
fault: AddressTrouble, 
/**
 * The address that was probably meant.
 */
suggestion: string | null, 
/**
 * Details in English, for what has no sentence of its own.
 */
text: string, } | { "kind": "subprotocol", 
/**
 * Which.
 */
value: string, } | { "kind": "header", 
/**
 * Its name.
 */
value: string, } | { "kind": "secretHeader", 
/**
 * Its name.
 */
value: string, } | { "kind": "logInUser", 
/**
 * What was typed.
 */
value: string, } | { "kind": "logInName", 
/**
 * What was typed.
 */
value: string, } | { "kind": "proxyHost", 
/**
 * What was typed.
 */
value: string, } | { "kind": "proxyPort", 
/**
 * What was typed.
 */
value: string, } | { "kind": "proxyUser", 
/**
 * What was typed.
 */
value: string, } | { "kind": "fallback", 
/**
 * What was typed.
 */
value: string, } | { "kind": "origin", 
/**
 * What was typed.
 */
value: string, } | { "kind": "field", 
/**
 * Which.
 */
id: string, 
/**
 * What was typed.
 */
value: string, } | { "kind": "protocol", 
/**
 * Its id.
 */
value: string, };

export type AddressTrouble = "empty" | "noScheme" | "wrongScheme" | "noHost" | "badPort" | "badHost" | "credentials" | "fragment" | "tooLong" | "other";

export type Fault = { 
/**
 * What the window branches on.
 */
code: Code, 
/**
 * Details in English.
 */
text: string, };

export type Code = "gone" | "invalid" | "tooLong" | "disk" | "unusable" | "inUse" | "newer" | "unopened" | "offline" | "incapable" | "unknownCommand" | "internal";

export type Truth = { 
/**
 * Whose.
 */
account: AccountId, 
/**
 * The last tries to reach the server, the newest first.
 */
attempts: Array<Attempt>, 
/**
 * What went over the line since the program started.
 */
traffic: Traffic, 
/**
 * The secrets that the account needs, and where they are.
 */
secrets: Array<SecretState>, };

export type Traffic = { 
/**
 * Bytes that came, as they were on the wire.
 */
bytesIn: number, 
/**
 * Bytes that left.
 */
bytesOut: number, 
/**
 * Data messages that came.
 */
messagesIn: number, 
/**
 * Data messages that left.
 */
messagesOut: number, 
/**
 * The last round trips, the oldest first.
 */
roundTrips: Array<RoundTrip>, };

export type RoundTrip = { 
/**
 * When the answer came.
 */
at: Timestamp, 
/**
 * How long it took, in microseconds.
 */
us: number, };

export type SecretState = { 
/**
 * What it is for.
 */
kind: SecretKind, 
/**
 * Where it is.
 */
kept: Kept, };

export type Kept = { "kind": "keyring" } | { "kind": "session", 
/**
 * Why not.
 */
trouble: SecretTrouble, } | { "kind": "nowhere", 
/**
 * Why.
 */
trouble: SecretTrouble, };

export type GivenSecret = { 
/**
 * What it is for.
 */
kind: SecretKind, 
/**
 * The secret itself.
 */
value: string, };

export type ConsolePage = { 
/**
 * The frames.
 */
frames: Array<ConsoleFrame>, 
/**
 * What to ask for next time.
 */
next: number, 
/**
 * How many frames before the first of these were passed over, since memory is bounded.
 */
dropped: number, };

export type ConsoleFrame = { 
/**
 * 1, 2, 3… as long as the program runs.
 */
n: number, 
/**
 * When.
 */
at: Timestamp, 
/**
 * Microseconds since the frame before it; `None`: it is the first of its session.
 */
gapUs: number | null, 
/**
 * Which way.
 */
direction: Direction, 
/**
 * What was in it.
 */
content: FrameContent, 
/**
 * Its payload's size in bytes; more than `content` shows when that was too long to keep.
 */
size: number, 
/**
 * Whether it was compressed on the wire (RFC 7692).
 */
compressed: boolean, };

export type Direction = "in" | "out";

export type FrameContent = { "kind": "text", 
/**
 * Its beginning.
 */
text: string, } | { "kind": "binary", 
/**
 * Its beginning, hexadecimal.
 */
hex: string, } | { "kind": "ping", 
/**
 * Its payload, hexadecimal.
 */
hex: string, } | { "kind": "pong", 
/**
 * Its payload, hexadecimal.
 */
hex: string, } | { "kind": "close", 
/**
 * The status code, if it had one.
 */
code: number | null, 
/**
 * The reason.
 */
text: string, } | { "kind": "secret" };

export type RawFrame = { "kind": "text", 
/**
 * The text.
 */
text: string, } | { "kind": "binary", 
/**
 * The bytes, hexadecimal.
 */
hex: string, };

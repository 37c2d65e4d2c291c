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
headers: Array<Header>, };

export type Header = { 
/**
 * The field name, RFC 9110 §5.1.
 */
name: string, 
/**
 * The field value, RFC 9110 §5.5.
 */
value: string, };

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
text: string, } | { "kind": "binary", 
/**
 * Its length in bytes.
 */
size: number, 
/**
 * Its first bytes, at most [`BINARY_HEAD`].
 */
head: Array<number>, };

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

export type Phase = "dns" | "tcp" | "tls" | "upgrade" | "login";

export type CloseBy = "server" | "us";

export type TlsFault = "expired" | "notYetValid" | "wrongName" | "unknownIssuer" | "revoked" | "wrongPurpose" | "badCertificate" | "clientCertificateWanted" | "noCommonVersion" | "notTls" | "other";

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
limit: number, } | { "kind": "brokenFrames", 
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
 * The address that answered, with its port.
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
 * Round-trip time of the last ping in milliseconds, once known.
 */
rttMs: number | null, 
/**
 * Since when.
 */
since: Timestamp, };

export type Status = { "kind": "off" } | { "kind": "connecting", 
/**
 * The step that is under way.
 */
phase: Phase, 
/**
 * 1 for the first try since the last success.
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
 * 1 for the first try since the last success; the one that failed last.
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
txn: TxnId | null, } | { "kind": "gap", 
/**
 * From when.
 */
from: Timestamp, 
/**
 * Until when; `None`: still.
 */
until: Timestamp | null, };

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
enabled: boolean, };

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
 * Messages of others after `read`.
 */
unread: number, 
/**
 * Everything up to here was read.
 */
read: Place | null, 
/**
 * Own messages that are queued or on their way.
 */
waiting: number, };

export type AccountId = number;

export type ConversationId = number;

export type MessageId = number;

export type Rev = number;

export type Timestamp = number;

export type TxnId = string;

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
 * In the order of their accounts, then by age.
 */
conversations: Array<Conversation>, 
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
enabled: boolean, };

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
theme: Theme, };

export type Language = "system" | "en" | "zh-CN";

export type Theme = "system" | "light" | "dark";

export type ProtocolView = { 
/**
 * What accounts keep.
 */
id: string, 
/**
 * Its name in English.
 */
name: string, };

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
value: string, } | { "kind": "origin", 
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

export type Code = "gone" | "invalid" | "tooLong" | "disk" | "unusable" | "inUse" | "newer" | "internal";

-- The first schema. Times (`*_ms`) are milliseconds since 1970-01-01T00:00:00Z.

-- One row: the number of the last write transaction.
CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    rev INTEGER NOT NULL
) STRICT;

INSERT INTO store (id, rev) VALUES (1, 0);

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- AccountConfig as JSON.
    config TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1))
) STRICT;

-- What is known of an account's last session. No row: it never had one.
CREATE TABLE sessions (
    account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- What the session wants to be told when the next one opens; the store does not read it.
    resume TEXT,
    -- When the session was last known to live. NULL: it is over, and its end is in the timelines.
    alive_ms INTEGER
) STRICT;

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- The adapter's name for it.
    key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('stream', 'room', 'direct')),
    title TEXT,
    topic TEXT,
    -- The place of the last row that was read.
    read_sort_ms INTEGER,
    read_id INTEGER,
    -- Counters, so that no reader counts by scanning: messages of others after the read place; own messages that are
    -- queued or sending.
    unread INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0,
    -- The greatest sort_ms of its rows; a new row never goes before it.
    last_sort_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account_id, key)
) STRICT;

-- The rows of the timelines. Integers stand for words where every row would pay for the word.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- With id, the place. Never changes.
    sort_ms INTEGER NOT NULL,
    -- The transaction that changed the row last.
    rev INTEGER NOT NULL,
    -- 0 message, 1 gap.
    kind INTEGER NOT NULL,
    -- 1: a tombstone, kept so that windows learn of it; it has no content.
    deleted INTEGER NOT NULL DEFAULT 0,
    -- When it was said; of a gap, its beginning.
    at_ms INTEGER NOT NULL,
    -- 0 server, 1 me, 2 person. NULL: a gap.
    sender INTEGER,
    sender_name TEXT,
    -- The body: `text` where it is one run of characters, else `spans` as JSON.
    text TEXT,
    spans TEXT,
    -- The server's name for it.
    remote_id TEXT,
    -- Of own messages: the intent, what is known of their way, and why it ended.
    txn TEXT,
    delivery TEXT CHECK (delivery IN ('queued', 'sending', 'sent', 'acknowledged', 'unconfirmed', 'failed')),
    why TEXT,
    -- Of queued and sending messages only: whose outbox they are in, and their number there.
    outbox_account_id INTEGER,
    outbox_no INTEGER,
    -- Of a gap: its end. NULL: still open.
    until_ms INTEGER
) STRICT;

-- The order of place: an index ends in the row's id by itself.
CREATE INDEX messages_place ON messages (conversation_id, sort_ms);
CREATE UNIQUE INDEX messages_remote ON messages (conversation_id, remote_id) WHERE remote_id IS NOT NULL;
CREATE UNIQUE INDEX messages_txn ON messages (txn) WHERE txn IS NOT NULL;
CREATE INDEX messages_outbox ON messages (outbox_account_id, delivery, outbox_no)
    WHERE outbox_account_id IS NOT NULL;
CREATE INDEX messages_open_gap ON messages (conversation_id) WHERE kind = 1 AND until_ms IS NULL;

-- Intents that were carried out, with what was answered. `id` counts them, so that the oldest are found at once.
CREATE TABLE txns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    txn TEXT NOT NULL UNIQUE,
    answer INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE drafts (
    conversation_id INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- The connection log.
CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX log_account ON log (account_id, id);

-- The last tries to reach a server.

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- When it began.
    at_ms INTEGER NOT NULL,
    -- Attempt as JSON.
    attempt TEXT NOT NULL,
    -- 1: its session was established and its end is not known yet.
    online INTEGER NOT NULL CHECK (online IN (0, 1)),
    UNIQUE (account_id, at_ms)
) STRICT;

CREATE INDEX attempts_account ON attempts (account_id, id);

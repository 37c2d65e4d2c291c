-- What servers can do outlives a kill, gaps know where they begin, and own messages know that they may have arrived.

-- What the account's last session could do: Capabilities as JSON. NULL: never told.
ALTER TABLE sessions ADD COLUMN capabilities TEXT;

-- The server's name for the last message that was received without a hole: where the next gap begins. NULL: none has
-- a name.
ALTER TABLE conversations ADD COLUMN heard_id TEXT;

-- Of a gap: the conversation's `heard_id` when it began.
ALTER TABLE messages ADD COLUMN after_id TEXT;

-- Of a gap: what can be done about it. NULL: nothing. Of 'failed', `why` says why.
ALTER TABLE messages ADD COLUMN healing TEXT CHECK (healing IN ('offered', 'loading', 'failed'));

-- Of an open gap that was closed once: its end then.
ALTER TABLE messages ADD COLUMN reopened_ms INTEGER;

-- Of own messages, 1: a lost session had it, so it may have arrived, whatever its state.
ALTER TABLE messages ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;

CREATE INDEX messages_gap ON messages (conversation_id, sort_ms) WHERE kind = 1 AND deleted = 0;
CREATE INDEX messages_loading ON messages (conversation_id, sort_ms) WHERE healing = 'loading';
CREATE INDEX messages_undelivered ON messages (conversation_id, sort_ms) WHERE delivery IN ('failed', 'unconfirmed');

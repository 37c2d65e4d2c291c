-- What whole chat protocols have: how something is said, answers, mentions, reactions, what was taken back, what happens.

-- We are not in it (any more).
ALTER TABLE conversations ADD COLUMN is_left INTEGER NOT NULL DEFAULT 0 CHECK (is_left IN (0, 1));

-- Of `unread`, those that name us; in a conversation of two, all of them.
ALTER TABLE conversations ADD COLUMN mentions INTEGER NOT NULL DEFAULT 0;

UPDATE conversations SET mentions = unread WHERE kind = 'direct';

-- `messages.kind` 2 is a happening: `change` says what happened to `sender`. Of a message, how it was said: 0 as people
-- talk, 1 an action, 2 a notice.
ALTER TABLE messages ADD COLUMN tone INTEGER NOT NULL DEFAULT 0;

-- The server's name for the message that it answers.
ALTER TABLE messages ADD COLUMN reply_to TEXT;

-- 1: it names us.
ALTER TABLE messages ADD COLUMN mention INTEGER NOT NULL DEFAULT 0;

-- Reactions as JSON. NULL: none.
ALTER TABLE messages ADD COLUMN reactions TEXT;

-- Of a message that was taken back: Retraction as JSON; it has no body any more.
ALTER TABLE messages ADD COLUMN retracted TEXT;

-- Of a happening: Change as JSON.
ALTER TABLE messages ADD COLUMN change TEXT;

-- Of a gap, 1: nothing is known before it, as far as the server's history goes back.
ALTER TABLE messages ADD COLUMN is_endless INTEGER NOT NULL DEFAULT 0;

CREATE INDEX messages_reply ON messages (conversation_id, reply_to) WHERE reply_to IS NOT NULL;

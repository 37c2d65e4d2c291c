-- The words of all messages. Only the index: the text stands in `messages` once, and the words are made of it by this
-- program, so that any tokenizer that takes them apart at the spaces will do.
CREATE VIRTUAL TABLE search USING fts5(words, content = '', columnsize = 0, tokenize = 'ascii');

-- What is taken out of it is gone from the file.
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

CREATE TABLE search_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Every message up to and with this one is in the index.
    upto INTEGER NOT NULL,
    -- Which words it was made of.
    words INTEGER NOT NULL
) STRICT;

INSERT INTO search_state (id, upto, words) VALUES (1, 0, 0);

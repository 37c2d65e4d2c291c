-- Of a message: how its server sets the name of who said it off, as JSON (Flair). NULL: in no way.
ALTER TABLE messages ADD COLUMN flair TEXT;

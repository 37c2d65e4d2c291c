-- How the user has arranged the sidebar, and what they want to be told of.

-- Its place by the user's hand, among its neighbours' numbers. NULL: its id serves, so that what is new stands last.
ALTER TABLE accounts ADD COLUMN ordinal INTEGER;

-- 1: its conversations are folded away.
ALTER TABLE accounts ADD COLUMN is_collapsed INTEGER NOT NULL DEFAULT 0 CHECK (is_collapsed IN (0, 1));

-- As of accounts, within its account.
ALTER TABLE conversations ADD COLUMN ordinal INTEGER;

-- 1: it stands before those that are not pinned.
ALTER TABLE conversations ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0 CHECK (is_pinned IN (0, 1));

-- 1: it counts quietly and tells of nothing.
ALTER TABLE conversations ADD COLUMN is_muted INTEGER NOT NULL DEFAULT 0 CHECK (is_muted IN (0, 1));

-- Which of its messages the user is told of. NULL: as its kind has it.
ALTER TABLE conversations ADD COLUMN notify TEXT CHECK (notify IN ('all', 'mentions', 'nothing'));

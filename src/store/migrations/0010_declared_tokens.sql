-- Whether an organizations file made a token or named it by its value: only such a one goes when a file no longer names it.
ALTER TABLE scim_token ADD COLUMN declared INTEGER NOT NULL DEFAULT 0 CHECK (declared IN (0, 1));

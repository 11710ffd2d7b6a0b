-- From where a token was used last.
ALTER TABLE scim_token ADD COLUMN last_used_from TEXT;

-- What identity providers sent and what came of it, for the admin; bodies are redacted, and all of it goes after 14 days.
CREATE TABLE directory_request (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  at INTEGER NOT NULL,
  token TEXT NOT NULL,
  from_address TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER NOT NULL,
  understood TEXT NOT NULL,
  effect TEXT NOT NULL,
  body TEXT
) STRICT;
CREATE INDEX directory_request_parent ON directory_request (parent_id, id);
CREATE INDEX directory_request_at ON directory_request (at);

-- Addresses of a user beside the one that counts, in comparison form: found by a filter on emails without reading everybody.
CREATE TABLE directory_address (
  user_id INTEGER NOT NULL REFERENCES directory_user (id) ON DELETE CASCADE,
  address_key TEXT NOT NULL,
  PRIMARY KEY (user_id, address_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_address_key ON directory_address (address_key, user_id);

-- Connections that are being set up on pages: which identity provider was chosen, and under which name. The row stays when the
-- connection is there, so that our values are always shown under the labels of the other side.
CREATE TABLE connection_setup (
  slug TEXT PRIMARY KEY,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  vendor TEXT NOT NULL,
  label TEXT NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_setup_parent ON connection_setup (parent_id, slug);

-- Links that let a colleague without an account set up one connection. `maker_id` is the person who made it, NULL for an operator.
CREATE TABLE setup_link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL REFERENCES connection_setup (slug),
  token_hash BLOB NOT NULL UNIQUE,
  maker_id INTEGER REFERENCES person (id),
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  used_at INTEGER,
  used_from TEXT
) STRICT;
CREATE INDEX setup_link_slug ON setup_link (slug, id);
CREATE INDEX setup_link_maker ON setup_link (maker_id);
CREATE INDEX setup_link_expires ON setup_link (expires_at);

-- SHA-256 of the name (SAML NameID) that the identity provider used: its sign-outs name it.
ALTER TABLE session ADD COLUMN idp_name BLOB;
CREATE INDEX session_idp_name ON session (idp_name) WHERE idp_name IS NOT NULL;

-- Ours has ended; the identity provider is being told.
CREATE TABLE pending_sign_out (
  id TEXT PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connection (id),
  browser_hash BLOB NOT NULL,
  idp_session TEXT,
  logout_seal BLOB,
  outcome TEXT NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'ended', 'partly', 'refused')),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_sign_out_connection ON pending_sign_out (connection_id);
CREATE INDEX pending_sign_out_expires ON pending_sign_out (expires_at);

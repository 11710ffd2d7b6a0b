-- A test sign-in that passed; taken back when the trust changes, which needs another test (rule B5).
ALTER TABLE connection ADD COLUMN tested_at INTEGER;

-- How reading the identity provider's own document went: SAML metadata by address, OpenID discovery.
CREATE TABLE connection_check (
  connection_id INTEGER PRIMARY KEY REFERENCES connection (id),
  checked_at INTEGER NOT NULL,
  good_at INTEGER,
  problem TEXT
) STRICT, WITHOUT ROWID;

-- One purpose more: proves who we are to OpenID providers (private_key_jwt).
CREATE TABLE signing_key_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  purpose TEXT NOT NULL CHECK (purpose IN ('saml', 'identity_header', 'oidc_client')),
  kid TEXT NOT NULL UNIQUE,
  private_seal BLOB NOT NULL,
  public_der BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  retired_at INTEGER
) STRICT;
INSERT INTO signing_key_new (id, purpose, kid, private_seal, public_der, created_at, retired_at)
  SELECT id, purpose, kid, private_seal, public_der, created_at, retired_at FROM signing_key;
DROP TABLE signing_key;
ALTER TABLE signing_key_new RENAME TO signing_key;

-- A test shows what would happen and changes nothing.
ALTER TABLE pending_sign_in ADD COLUMN purpose TEXT NOT NULL DEFAULT 'sign_in' CHECK (purpose IN ('sign_in', 'test'));

-- What the identity provider wants to hear when this session ends: a sealed ID token or NameID.
ALTER TABLE session ADD COLUMN logout_seal BLOB;
CREATE INDEX session_idp ON session (idp_session) WHERE idp_session IS NOT NULL;

-- Rule B6: pending ones are looked up often, verified ones daily; a record that has gone is a warning first.
ALTER TABLE domain ADD COLUMN added_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE domain ADD COLUMN next_check_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE domain ADD COLUMN lost_at INTEGER;
CREATE INDEX domain_next_check ON domain (next_check_at);

ALTER TABLE parent_organization ADD COLUMN restrict_creation INTEGER NOT NULL DEFAULT 0 CHECK (restrict_creation IN (0, 1));

CREATE INDEX sign_in_attempt_test ON sign_in_attempt (connection_id, at) WHERE code IN ('test_passed', 'test_failed');

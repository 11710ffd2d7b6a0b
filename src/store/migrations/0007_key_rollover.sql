-- A key is made, published, and only later taken into use: the one in use is the one used last.
ALTER TABLE signing_key ADD COLUMN used_at INTEGER;
UPDATE signing_key SET used_at = created_at;

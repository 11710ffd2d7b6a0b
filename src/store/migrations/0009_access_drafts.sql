-- What somebody is about to change under "Identity and access", as JSON: it counts for nothing until it is saved (rule B28).
-- `editor`: as the audit log names them.
CREATE TABLE access_draft (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  editor TEXT NOT NULL,
  settings TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, editor)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_draft_changed ON access_draft (changed_at);

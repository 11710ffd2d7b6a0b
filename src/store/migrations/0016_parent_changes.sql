-- In which order organizations came to their parent; the first one founded it. All that are there have 0, and their numbers tell.
ALTER TABLE organization ADD COLUMN attached INTEGER NOT NULL DEFAULT 0;

CREATE TABLE parent_code (
  code_hash BLOB PRIMARY KEY,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX parent_code_parent ON parent_code (parent_id);

-- decides_id: the parent whose founding organization decides; to_parent_id is NULL for leaving to a parent of one's own.
CREATE TABLE parent_proposal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  from_parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  to_parent_id INTEGER REFERENCES parent_organization (id),
  decides_id INTEGER NOT NULL REFERENCES parent_organization (id),
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'declined', 'withdrawn', 'expired')),
  proposed_by TEXT NOT NULL,
  seen TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  CHECK ((state = 'open') = (ended_at IS NULL)),
  CHECK (decides_id = COALESCE(to_parent_id, from_parent_id))
) STRICT;

CREATE UNIQUE INDEX parent_proposal_open ON parent_proposal (organization_id) WHERE state = 'open';

CREATE INDEX parent_proposal_organization ON parent_proposal (organization_id);

CREATE INDEX parent_proposal_from ON parent_proposal (from_parent_id);

CREATE INDEX parent_proposal_to ON parent_proposal (to_parent_id);

CREATE INDEX parent_proposal_decides ON parent_proposal (decides_id, state);

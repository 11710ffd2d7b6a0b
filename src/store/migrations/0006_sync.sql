-- One evaluation of an organization by its directory, and what it did to whom. `cause`: what set it off.
CREATE TABLE sync_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  cause TEXT NOT NULL CHECK (cause IN ('sync_now', 'cycle', 'save', 'file', 'push')),
  actor TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'halted', 'done', 'approved', 'dismissed', 'superseded', 'undone')),
  approved_by TEXT,
  directory_version INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  alive_at INTEGER NOT NULL,
  finished_at INTEGER,
  added INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0,
  removed INTEGER NOT NULL DEFAULT 0,
  waiting INTEGER NOT NULL DEFAULT 0,
  CHECK ((state IN ('running', 'halted')) = (finished_at IS NULL))
) STRICT;
CREATE INDEX sync_run_organization ON sync_run (organization_id, id);
CREATE INDEX sync_run_open ON sync_run (organization_id, state, id) WHERE finished_at IS NULL;
CREATE INDEX sync_run_finished ON sync_run (finished_at) WHERE finished_at IS NOT NULL;

-- what a run found before and left behind, as JSON; in a halted run what it would have ended, with nothing after
CREATE TABLE sync_change (
  run_id INTEGER NOT NULL REFERENCES sync_run (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  before TEXT NOT NULL,
  after TEXT,
  PRIMARY KEY (run_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_change_person ON sync_change (person_id);

-- memberships that nothing but an explicit run or a push about this very person may end: the brake holds them (rule B34)
CREATE TABLE sync_hold (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  run_id INTEGER NOT NULL REFERENCES sync_run (id),
  PRIMARY KEY (organization_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_hold_person ON sync_hold (person_id);
CREATE INDEX sync_hold_run ON sync_hold (run_id);

-- how many memberships stand, for the brake; and whether the cycle has something to do
ALTER TABLE organization ADD COLUMN members INTEGER NOT NULL DEFAULT 0 CHECK (members >= 0);
ALTER TABLE organization ADD COLUMN sync_pending INTEGER NOT NULL DEFAULT 0 CHECK (sync_pending IN (0, 1));
UPDATE organization SET members = (SELECT COUNT(*) FROM member WHERE organization_id = organization.id AND status = 'active');

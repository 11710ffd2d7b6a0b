-- A change of access settings that takes identity from somebody: taken back at `ends_at`, unless somebody who signs in under the new
-- rules confirms it. The settings before and after are JSON, as in a draft; `run_id` is the run that the change led to, which may be
-- purged before.
CREATE TABLE access_probation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  state TEXT NOT NULL CHECK (state IN ('armed', 'confirmed', 'taken_back', 'overtaken')),
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  actor TEXT NOT NULL,
  run_id INTEGER,
  saved_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  ended_at INTEGER,
  CHECK ((state = 'armed') = (ended_at IS NULL))
) STRICT;
CREATE INDEX access_probation_organization ON access_probation (organization_id, id);
CREATE UNIQUE INDEX access_probation_armed ON access_probation (organization_id) WHERE state = 'armed';
CREATE INDEX access_probation_due ON access_probation (ends_at) WHERE state = 'armed';
CREATE INDEX access_probation_ended ON access_probation (ended_at) WHERE ended_at IS NOT NULL;

-- what those had from whom it takes identity, as in a run's journal
CREATE TABLE access_probation_person (
  probation_id INTEGER NOT NULL REFERENCES access_probation (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  before TEXT NOT NULL,
  PRIMARY KEY (probation_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_probation_person_of ON access_probation_person (person_id);

-- The same members; only how their checks are written differs. SQLite makes a table of its own for each list of three and more that
-- it checks a row against, each time: that was more than half of what writing a member cost.
CREATE TABLE member_new (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  status TEXT NOT NULL CHECK (status = 'active' OR status = 'ended'),
  role TEXT NOT NULL,
  role_from TEXT NOT NULL CHECK (role_from = 'default' OR role_from = 'group' OR role_from = 'by_hand'),
  role_source TEXT NOT NULL,
  role_source_at INTEGER NOT NULL,
  role_pin_by TEXT,
  role_pin_at INTEGER,
  role_pin_until INTEGER,
  seat TEXT,
  seat_from TEXT NOT NULL CHECK (seat_from = 'default' OR seat_from = 'group' OR seat_from = 'by_hand'),
  seat_source TEXT NOT NULL,
  seat_source_at INTEGER NOT NULL,
  seat_pin_by TEXT,
  seat_pin_at INTEGER,
  seat_pin_until INTEGER,
  joined_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_reason TEXT,
  ended_seat TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, person_id),
  FOREIGN KEY (organization_id, seat) REFERENCES seat (organization_id, seat_type),
  CHECK ((status = 'ended') = (ended_at IS NOT NULL)),
  CHECK (status = 'active' OR seat IS NULL)
) STRICT, WITHOUT ROWID;
INSERT INTO member_new
SELECT organization_id, person_id, status, role, role_from, role_source, role_source_at, role_pin_by, role_pin_at, role_pin_until,
  seat, seat_from, seat_source, seat_source_at, seat_pin_by, seat_pin_at, seat_pin_until, joined_at, ended_at, ended_reason,
  ended_seat, version FROM member;
DROP TABLE member;
ALTER TABLE member_new RENAME TO member;
CREATE INDEX member_person ON member (person_id, organization_id);
CREATE INDEX member_seat ON member (organization_id, seat, person_id);
CREATE INDEX member_status ON member (organization_id, status, role);
CREATE INDEX member_unassigned ON member (organization_id, person_id) WHERE status = 'active' AND seat IS NULL;
CREATE INDEX member_ended ON member (organization_id, person_id) WHERE status = 'ended';

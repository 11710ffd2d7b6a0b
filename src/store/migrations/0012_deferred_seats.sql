-- Members whose groups ask for a seat type that is full, in the order in which that was found: served when such a seat is free,
-- after whoever waits outside.
CREATE TABLE deferred_seat (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  seat_type TEXT NOT NULL,
  since INTEGER NOT NULL,
  UNIQUE (organization_id, person_id)
) STRICT;
CREATE INDEX deferred_seat_type ON deferred_seat (organization_id, seat_type, position);
CREATE INDEX deferred_seat_person ON deferred_seat (person_id);

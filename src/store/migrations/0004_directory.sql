-- What an identity provider pushed (one directory per parent organization). Counts are kept, for nobody may count at every request.
CREATE TABLE directory (
  parent_id INTEGER PRIMARY KEY REFERENCES parent_organization (id),
  first_request_at INTEGER,
  last_request_at INTEGER,
  last_push_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  users INTEGER NOT NULL DEFAULT 0 CHECK (users >= 0),
  groups INTEGER NOT NULL DEFAULT 0 CHECK (groups >= 0)
) STRICT, WITHOUT ROWID;

-- keys are comparison forms: any case, any Unicode form
CREATE TABLE directory_user (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id TEXT NOT NULL UNIQUE,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  person_id INTEGER REFERENCES person (id),
  external_id TEXT,
  user_name TEXT NOT NULL,
  user_name_key TEXT NOT NULL,
  email TEXT,
  display_name TEXT,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  resource TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (parent_id, user_name_key)
) STRICT;
-- pages, and all that a run of directory sync reads of each user, without the resources between
CREATE INDEX directory_user_page ON directory_user (parent_id, id, person_id, active, email);
CREATE UNIQUE INDEX directory_user_external ON directory_user (parent_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX directory_user_email ON directory_user (parent_id, email) WHERE email IS NOT NULL;
-- one person is one user of the directory at most (rule B9)
CREATE UNIQUE INDEX directory_user_person ON directory_user (person_id);

CREATE TABLE directory_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id TEXT NOT NULL UNIQUE,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  external_id TEXT,
  display_name TEXT NOT NULL,
  display_name_key TEXT NOT NULL,
  members INTEGER NOT NULL DEFAULT 0 CHECK (members >= 0),
  resource TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX directory_group_page ON directory_group (parent_id, id);
CREATE INDEX directory_group_name ON directory_group (parent_id, display_name_key, id);
CREATE UNIQUE INDEX directory_group_external ON directory_group (parent_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE directory_membership (
  group_id INTEGER NOT NULL REFERENCES directory_group (id),
  user_id INTEGER NOT NULL REFERENCES directory_user (id),
  PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_membership_user ON directory_membership (user_id, group_id);

-- Which directory group a mapping row means, in the scim modes: from then on its id counts and not its name. The group may be gone;
-- then the row means nobody.
CREATE TABLE group_binding (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  group_key TEXT NOT NULL,
  directory_group TEXT NOT NULL,
  bound_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, group_key)
) STRICT, WITHOUT ROWID;

-- whoever waits for a seat type is found without reading the whole queue
CREATE INDEX waiting_seat ON waiting (organization_id, seat_type, position);

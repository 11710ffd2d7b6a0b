CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;

CREATE TRIGGER audit_event_is_not_deleted BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END;

CREATE TRIGGER audit_event_is_not_replaced BEFORE INSERT ON audit_event
WHEN EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;

CREATE TABLE access_draft (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  editor TEXT NOT NULL,
  settings TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, editor)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE access_probation_person (
  probation_id INTEGER NOT NULL REFERENCES access_probation (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  before TEXT NOT NULL,
  PRIMARY KEY (probation_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE application (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  origin TEXT NOT NULL UNIQUE,
  roles TEXT NOT NULL DEFAULT '[]',
  seats TEXT NOT NULL DEFAULT '[]',
  headers TEXT NOT NULL DEFAULT 'usher',
  UNIQUE (organization_id, slug)
) STRICT;

CREATE TABLE audit_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  parent_id INTEGER,
  organization_id INTEGER,
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  address TEXT,
  incident TEXT
) STRICT;

CREATE TABLE connection (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  slug TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  protocol TEXT NOT NULL CHECK (protocol IN ('saml', 'oidc')),
  status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'disabled')),
  settings TEXT NOT NULL
, tested_at INTEGER) STRICT;

CREATE TABLE connection_check (
  connection_id INTEGER PRIMARY KEY REFERENCES connection (id),
  checked_at INTEGER NOT NULL,
  good_at INTEGER,
  problem TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE connection_setup (
  slug TEXT PRIMARY KEY,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  vendor TEXT NOT NULL,
  label TEXT NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE data_key (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  wrapped BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE deferred_seat (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  seat_type TEXT NOT NULL,
  since INTEGER NOT NULL,
  UNIQUE (organization_id, person_id)
) STRICT;

CREATE TABLE directory (
  parent_id INTEGER PRIMARY KEY REFERENCES parent_organization (id),
  first_request_at INTEGER,
  last_request_at INTEGER,
  last_push_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  users INTEGER NOT NULL DEFAULT 0 CHECK (users >= 0),
  groups INTEGER NOT NULL DEFAULT 0 CHECK (groups >= 0)
, names_version INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE directory_address (
  user_id INTEGER NOT NULL REFERENCES directory_user (id) ON DELETE CASCADE,
  address_key TEXT NOT NULL,
  PRIMARY KEY (user_id, address_key)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE directory_membership (
  group_id INTEGER NOT NULL REFERENCES directory_group (id),
  user_id INTEGER NOT NULL REFERENCES directory_user (id),
  PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE directory_request (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  at INTEGER NOT NULL,
  token TEXT NOT NULL,
  from_address TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER NOT NULL,
  understood TEXT NOT NULL,
  effect TEXT NOT NULL,
  body TEXT
) STRICT;

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
  version INTEGER NOT NULL DEFAULT 1, groups_version INTEGER NOT NULL DEFAULT 0,
  UNIQUE (parent_id, user_name_key)
) STRICT;

CREATE TABLE domain (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  name TEXT NOT NULL,
  challenge TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'verified', 'failed')),
  vouched INTEGER NOT NULL DEFAULT 0 CHECK (vouched IN (0, 1)),
  verified_at INTEGER,
  checked_at INTEGER,
  found TEXT, added_at INTEGER NOT NULL DEFAULT 0, next_check_at INTEGER NOT NULL DEFAULT 0, lost_at INTEGER,
  UNIQUE (parent_id, name),
  CHECK ((state = 'verified') = (verified_at IS NOT NULL))
) STRICT;

CREATE TABLE group_binding (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  group_key TEXT NOT NULL,
  directory_group TEXT NOT NULL,
  bound_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, group_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_mapping (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  kind TEXT NOT NULL CHECK (kind IN ('role', 'seat')),
  value TEXT NOT NULL,
  group_key TEXT NOT NULL,
  PRIMARY KEY (organization_id, kind, value, group_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE "member" (
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

CREATE TABLE migration (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE operator_link (
  token_hash BLOB PRIMARY KEY,
  made_by TEXT NOT NULL,
  email TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_session (
  token_hash BLOB PRIMARY KEY,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organization (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  product TEXT NOT NULL,
  provisioning TEXT NOT NULL DEFAULT 'manual' CHECK (provisioning IN ('manual', 'jit', 'scim')),
  group_mappings INTEGER NOT NULL DEFAULT 0 CHECK (group_mappings IN (0, 1)),
  require_sso INTEGER NOT NULL DEFAULT 0 CHECK (require_sso IN (0, 1)),
  contact TEXT,
  version INTEGER NOT NULL DEFAULT 1, members INTEGER NOT NULL DEFAULT 0 CHECK (members >= 0), sync_pending INTEGER NOT NULL DEFAULT 0 CHECK (sync_pending IN (0, 1)), attached INTEGER NOT NULL DEFAULT 0,
  CHECK (group_mappings = 0 OR provisioning <> 'manual')
) STRICT;

CREATE TABLE parent_code (
  code_hash BLOB PRIMARY KEY,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE parent_organization (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  plan TEXT NOT NULL CHECK (plan IN ('team', 'enterprise', 'console'))
, restrict_creation INTEGER NOT NULL DEFAULT 0 CHECK (restrict_creation IN (0, 1))) STRICT;

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

CREATE TABLE pending_sign_in (
  state_hash BLOB PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connection (id),
  request_id TEXT,
  browser_hash BLOB,
  return_to TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  finish_hash BLOB UNIQUE,
  answer TEXT,
  consumed INTEGER NOT NULL DEFAULT 0 CHECK (consumed IN (0, 1)), purpose TEXT NOT NULL DEFAULT 'sign_in' CHECK (purpose IN ('sign_in', 'test')),
  CHECK ((finish_hash IS NULL) = (answer IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE pending_sign_out (
  id TEXT PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connection (id),
  browser_hash BLOB NOT NULL,
  idp_session TEXT,
  logout_seal BLOB,
  outcome TEXT NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'ended', 'partly', 'refused')),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id TEXT NOT NULL UNIQUE,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  email TEXT NOT NULL,
  display_name TEXT NOT NULL,
  suspended_at INTEGER,
  created_at INTEGER NOT NULL,
  last_sign_in_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (parent_id, email)
) STRICT;

CREATE TABLE replay (
  connection_id INTEGER NOT NULL,
  assertion_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (connection_id, assertion_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE scim_token (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER NOT NULL REFERENCES parent_organization (id),
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER
, last_used_from TEXT, declared INTEGER NOT NULL DEFAULT 0 CHECK (declared IN (0, 1))) STRICT;

CREATE TABLE seat (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  seat_type TEXT NOT NULL,
  bought INTEGER NOT NULL CHECK (bought >= 0),
  used INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, seat_type),
  CHECK (used >= 0 AND used <= bought)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen_group (
  connection_id INTEGER NOT NULL REFERENCES connection (id),
  value TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL, people INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (connection_id, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES person (id),
  subject_id INTEGER NOT NULL REFERENCES subject (id),
  idp_session TEXT,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL
, logout_seal BLOB, idp_name BLOB) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE setup_link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL REFERENCES connection_setup (slug),
  token_hash BLOB NOT NULL UNIQUE,
  maker_id INTEGER REFERENCES person (id),
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  used_at INTEGER,
  used_from TEXT
) STRICT;

CREATE TABLE sign_in_attempt (
  incident TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  parent_id INTEGER,
  connection_id INTEGER,
  person_id INTEGER,
  code TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "signing_key" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  purpose TEXT NOT NULL CHECK (purpose IN ('saml', 'identity_header', 'oidc_client')),
  kid TEXT NOT NULL UNIQUE,
  private_seal BLOB NOT NULL,
  public_der BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  retired_at INTEGER
, used_at INTEGER) STRICT;

CREATE TABLE subject (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  connection_id INTEGER NOT NULL REFERENCES connection (id),
  subject TEXT NOT NULL,
  person_id INTEGER NOT NULL REFERENCES person (id),
  groups_state TEXT NOT NULL CHECK (groups_state IN ('listed', 'not_sent', 'too_many')),
  groups TEXT NOT NULL DEFAULT '[]',
  groups_seen_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_sign_in_at INTEGER NOT NULL,
  UNIQUE (connection_id, subject)
) STRICT;

CREATE TABLE sync_change (
  run_id INTEGER NOT NULL REFERENCES sync_run (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  before TEXT NOT NULL,
  after TEXT,
  PRIMARY KEY (run_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_hold (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  run_id INTEGER NOT NULL REFERENCES sync_run (id),
  PRIMARY KEY (organization_id, person_id)
) STRICT, WITHOUT ROWID;

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
  waiting INTEGER NOT NULL DEFAULT 0, ahead INTEGER NOT NULL DEFAULT 0, looked_at INTEGER NOT NULL DEFAULT 0, undo_began_at INTEGER, undo_restored INTEGER NOT NULL DEFAULT 0, undo_left INTEGER NOT NULL DEFAULT 0,
  CHECK ((state IN ('running', 'halted')) = (finished_at IS NULL))
) STRICT;

CREATE TABLE waiting (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  person_id INTEGER NOT NULL REFERENCES person (id),
  role TEXT NOT NULL,
  seat_type TEXT,
  since INTEGER NOT NULL,
  UNIQUE (organization_id, person_id)
) STRICT;

CREATE INDEX access_draft_changed ON access_draft (changed_at);

CREATE UNIQUE INDEX access_probation_armed ON access_probation (organization_id) WHERE state = 'armed';

CREATE INDEX access_probation_due ON access_probation (ends_at) WHERE state = 'armed';

CREATE INDEX access_probation_ended ON access_probation (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX access_probation_organization ON access_probation (organization_id, id);

CREATE INDEX access_probation_person_of ON access_probation_person (person_id);

CREATE INDEX audit_event_incident ON audit_event (incident) WHERE incident IS NOT NULL;

CREATE INDEX audit_event_organization ON audit_event (organization_id, at) WHERE organization_id IS NOT NULL;

CREATE INDEX audit_event_organization_kind ON audit_event (organization_id, kind, at) WHERE organization_id IS NOT NULL;

CREATE INDEX audit_event_parent ON audit_event (parent_id, at) WHERE organization_id IS NULL;

CREATE INDEX audit_event_parent_kind ON audit_event (parent_id, kind, at) WHERE organization_id IS NULL;

CREATE INDEX audit_event_target ON audit_event (target, id);

CREATE INDEX connection_parent ON connection (parent_id);

CREATE INDEX connection_setup_parent ON connection_setup (parent_id, slug);

CREATE INDEX deferred_seat_person ON deferred_seat (person_id);

CREATE INDEX deferred_seat_type ON deferred_seat (organization_id, seat_type, position);

CREATE INDEX directory_address_key ON directory_address (address_key, user_id);

CREATE UNIQUE INDEX directory_group_external ON directory_group (parent_id, external_id) WHERE external_id IS NOT NULL;

CREATE INDEX directory_group_name ON directory_group (parent_id, display_name_key, id);

CREATE INDEX directory_group_page ON directory_group (parent_id, id);

CREATE INDEX directory_membership_user ON directory_membership (user_id, group_id);

CREATE INDEX directory_request_at ON directory_request (at);

CREATE INDEX directory_request_parent ON directory_request (parent_id, id);

CREATE UNIQUE INDEX directory_user_email ON directory_user (parent_id, email) WHERE email IS NOT NULL;

CREATE UNIQUE INDEX directory_user_external ON directory_user (parent_id, external_id) WHERE external_id IS NOT NULL;

CREATE INDEX directory_user_page ON directory_user (parent_id, id, person_id, active, email);

CREATE UNIQUE INDEX directory_user_person ON directory_user (person_id);

CREATE INDEX domain_next_check ON domain (next_check_at);

CREATE UNIQUE INDEX domain_verified ON domain (name) WHERE state = 'verified';

CREATE INDEX member_ended ON member (organization_id, person_id) WHERE status = 'ended';

CREATE INDEX member_person ON member (person_id, organization_id);

CREATE INDEX member_seat ON member (organization_id, seat, person_id);

CREATE INDEX member_status ON member (organization_id, status, role);

CREATE INDEX member_unassigned ON member (organization_id, person_id) WHERE status = 'active' AND seat IS NULL;

CREATE INDEX organization_parent ON organization (parent_id);

CREATE INDEX parent_code_parent ON parent_code (parent_id);

CREATE INDEX parent_proposal_decides ON parent_proposal (decides_id, state);

CREATE INDEX parent_proposal_from ON parent_proposal (from_parent_id);

CREATE UNIQUE INDEX parent_proposal_open ON parent_proposal (organization_id) WHERE state = 'open';

CREATE INDEX parent_proposal_organization ON parent_proposal (organization_id);

CREATE INDEX parent_proposal_to ON parent_proposal (to_parent_id);

CREATE INDEX pending_sign_in_connection ON pending_sign_in (connection_id);

CREATE INDEX pending_sign_in_expires ON pending_sign_in (expires_at);

CREATE INDEX pending_sign_out_connection ON pending_sign_out (connection_id);

CREATE INDEX pending_sign_out_expires ON pending_sign_out (expires_at);

CREATE INDEX replay_expires ON replay (expires_at);

CREATE INDEX scim_token_parent ON scim_token (parent_id);

CREATE INDEX session_expires ON session (expires_at);

CREATE INDEX session_idp ON session (idp_session) WHERE idp_session IS NOT NULL;

CREATE INDEX session_idp_name ON session (idp_name) WHERE idp_name IS NOT NULL;

CREATE INDEX session_person ON session (person_id);

CREATE INDEX session_seen ON session (seen_at);

CREATE INDEX session_subject ON session (subject_id);

CREATE INDEX setup_link_expires ON setup_link (expires_at);

CREATE INDEX setup_link_maker ON setup_link (maker_id);

CREATE INDEX setup_link_slug ON setup_link (slug, id);

CREATE INDEX sign_in_attempt_at ON sign_in_attempt (at);

CREATE INDEX sign_in_attempt_test ON sign_in_attempt (connection_id, at) WHERE code IN ('test_passed', 'test_failed');

CREATE INDEX subject_person ON subject (person_id, connection_id);

CREATE INDEX sync_change_person ON sync_change (person_id);

CREATE INDEX sync_hold_person ON sync_hold (person_id);

CREATE INDEX sync_hold_run ON sync_hold (run_id);

CREATE INDEX sync_run_finished ON sync_run (finished_at) WHERE finished_at IS NOT NULL;

CREATE INDEX sync_run_open ON sync_run (organization_id, state, id) WHERE finished_at IS NULL;

CREATE INDEX sync_run_organization ON sync_run (organization_id, id);

CREATE INDEX sync_run_undoing ON sync_run (organization_id, id) WHERE undo_began_at IS NOT NULL AND state IN ('done', 'approved');

CREATE INDEX waiting_person ON waiting (person_id);

CREATE INDEX waiting_seat ON waiting (organization_id, seat_type, position);

-- The settings pages read the log by organization, newest first, also one kind of event alone; what belongs to the parent as a whole
-- is kept apart. Replaces an index that nothing uses any more.
DROP INDEX audit_event_parent;
CREATE INDEX audit_event_organization ON audit_event (organization_id, at) WHERE organization_id IS NOT NULL;
CREATE INDEX audit_event_organization_kind ON audit_event (organization_id, kind, at) WHERE organization_id IS NOT NULL;
CREATE INDEX audit_event_parent ON audit_event (parent_id, at) WHERE organization_id IS NULL;
CREATE INDEX audit_event_parent_kind ON audit_event (parent_id, kind, at) WHERE organization_id IS NULL;

-- How many members there are, and who holds a role: the last one with identity is looked for before a role is taken.
CREATE INDEX member_status ON member (organization_id, status, role);

-- How many people a run of directory sync has to look at, as it was planned last, and how many it has.
ALTER TABLE sync_run ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_run ADD COLUMN looked_at INTEGER NOT NULL DEFAULT 0;
-- The few among many that lists ask for.
CREATE INDEX member_unassigned ON member (organization_id, person_id) WHERE status = 'active' AND seat IS NULL;
CREATE INDEX member_ended ON member (organization_id, person_id) WHERE status = 'ended';

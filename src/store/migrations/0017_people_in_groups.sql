-- Of how many people the latest sign-in came over this connection and told of this group: kept with what sign-ins tell, so that no page
-- has to read everybody's groups.
ALTER TABLE seen_group ADD COLUMN people INTEGER NOT NULL DEFAULT 0;

INSERT INTO seen_group (connection_id, value, first_seen_at, last_seen_at, people)
SELECT subject.connection_id, told.value, MIN(subject.groups_seen_at), MAX(subject.groups_seen_at), COUNT(*)
FROM subject, json_each(subject.groups) AS told
WHERE subject.groups_state = 'listed' AND NOT EXISTS (
  SELECT 1 FROM subject AS later WHERE later.person_id = subject.person_id
  AND (later.groups_seen_at > subject.groups_seen_at OR later.groups_seen_at = subject.groups_seen_at AND later.id < subject.id)
)
GROUP BY subject.connection_id, told.value
ON CONFLICT (connection_id, value) DO UPDATE SET people = excluded.people;

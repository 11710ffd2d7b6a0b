-- Taking a run back may take long: since when it is being done, and for how many people what came of it.
ALTER TABLE sync_run ADD COLUMN undo_began_at INTEGER;
ALTER TABLE sync_run ADD COLUMN undo_restored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_run ADD COLUMN undo_left INTEGER NOT NULL DEFAULT 0;

CREATE INDEX sync_run_undoing ON sync_run (organization_id, id) WHERE undo_began_at IS NOT NULL AND state IN ('done', 'approved');

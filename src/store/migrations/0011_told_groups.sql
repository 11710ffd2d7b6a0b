-- What applications were told of somebody's groups in the directory holds until one of these moves: the user came or went, or a
-- group has another name or is gone.
ALTER TABLE directory_user ADD COLUMN groups_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE directory ADD COLUMN names_version INTEGER NOT NULL DEFAULT 0;

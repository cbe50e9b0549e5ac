-- Whether Migrator made the copy, or the folder, at the target: only these are moved or removed. Of what older versions delivered, nothing proves it.
ALTER TABLE message ADD COLUMN is_ours BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE folder ADD COLUMN is_target_ours BOOLEAN NOT NULL DEFAULT FALSE;

-- Copies of messages that are no longer at the source: few, and found without reading the records.
CREATE INDEX message_former ON message (folder_id, uid) WHERE is_ours AND state IN (3, 7) AND target_uid <> 0;

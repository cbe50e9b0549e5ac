-- The highest UIDNEXT and HIGHESTMODSEQ that were seen at either end: a server that goes back behind them was set back to an earlier state.
ALTER TABLE folder ADD COLUMN source_mark_uid_next BIGINT NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN source_mark_mod_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN target_mark_uid_next BIGINT NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN target_mark_mod_seq BIGINT NOT NULL DEFAULT 0;

-- From this target UID on, what a session that did not end in peace sent may still arrive; 0 where nothing can.
ALTER TABLE folder ADD COLUMN sent_from BIGINT NOT NULL DEFAULT 0;

-- What the target stores instead of content, where it alters mail and was read back.
ALTER TABLE message ADD COLUMN target_content BYTEA;

-- Messages that were found to differ at the target have a state of their own now.
UPDATE message SET state = 6 WHERE state = 2 AND reason IS NOT NULL;

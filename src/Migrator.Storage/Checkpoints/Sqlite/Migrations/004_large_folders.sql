-- SQLite used this index for no query: it cannot tell that a list of states excludes one.
DROP INDEX message_pending;

-- What is not simply delivered is little beside what is: found without reading all of it, by queries that say "state <> 2".
CREATE INDEX message_open ON message (folder_id, uid, state) WHERE state <> 2;

-- Which UIDs there are and in which states, without reading the records, which are twenty times as large.
CREATE INDEX message_state ON message (folder_id, uid, state);

-- Likewise for UIDs at the target.
CREATE INDEX message_target ON message (folder_id, target_uid, state) WHERE target_uid <> 0;

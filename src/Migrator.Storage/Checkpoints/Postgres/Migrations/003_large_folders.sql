-- Which UIDs messages have at the target, without reading the records.
CREATE INDEX message_target ON message (folder_id, target_uid, state) WHERE target_uid <> 0;

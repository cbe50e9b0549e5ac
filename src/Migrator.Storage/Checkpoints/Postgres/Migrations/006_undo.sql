-- What was decided about a mailbox as a whole (1: taken back), and since when, in seconds since 1970 in UTC.
ALTER TABLE mailbox ADD COLUMN phase BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mailbox ADD COLUMN phase_since BIGINT;

-- Where copies of a folder are once they were taken back (message state 10), and the UIDVALIDITY there.
ALTER TABLE folder ADD COLUMN undone_place TEXT;
ALTER TABLE folder ADD COLUMN undone_uid_validity BIGINT NOT NULL DEFAULT 0;

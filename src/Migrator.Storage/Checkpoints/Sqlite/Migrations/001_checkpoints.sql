CREATE TABLE mailbox (
    id      INTEGER PRIMARY KEY,
    source  TEXT NOT NULL,
    target  TEXT NOT NULL,
    UNIQUE (source, target)
);

CREATE TABLE folder (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: the highest id of a path is its present generation
    mailbox_id           INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    source               TEXT NOT NULL,
    uid_validity         INTEGER NOT NULL,
    next_uid             INTEGER NOT NULL,
    target               TEXT NOT NULL,
    target_uid_validity  INTEGER NOT NULL,
    completed_uid_next   INTEGER,
    completed_mod_seq    INTEGER,
    completed_count      INTEGER,
    target_uid_next      INTEGER,
    target_mod_seq       INTEGER,
    target_count         INTEGER,
    flags_mod_seq        INTEGER NOT NULL,
    UNIQUE (mailbox_id, source, uid_validity)
);

CREATE INDEX folder_target ON folder (mailbox_id, target, target_uid_validity);

CREATE TABLE message (
    folder_id            INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    uid                  INTEGER NOT NULL,
    state                INTEGER NOT NULL,
    content              BLOB,
    size                 INTEGER NOT NULL,
    flags                TEXT NOT NULL,
    date                 INTEGER NOT NULL,  -- INTERNALDATE, seconds since 1970 in UTC
    date_offset          INTEGER NOT NULL,  -- minutes east of UTC
    target_uid           INTEGER NOT NULL,
    intent_uid_validity  INTEGER,
    intent_uid_next      INTEGER,
    reason               TEXT,
    detail               TEXT,
    PRIMARY KEY (folder_id, uid)
) WITHOUT ROWID;

-- What is still to be done is little beside what is done: found without reading all of it.
CREATE INDEX message_pending ON message (folder_id, state, uid) WHERE state <> 2;

CREATE TABLE mailbox (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source       TEXT NOT NULL,
    target       TEXT NOT NULL,
    fence        BIGINT NOT NULL DEFAULT 0,   -- raised with each new holder
    holder       TEXT,
    lease_until  TIMESTAMPTZ,                 -- by this server's clock
    UNIQUE (source, target)
);

CREATE TABLE folder (
    id                   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox_id           BIGINT NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    source               TEXT NOT NULL,
    uid_validity         BIGINT NOT NULL,
    next_uid             BIGINT NOT NULL,
    target               TEXT NOT NULL,
    target_uid_validity  BIGINT NOT NULL,
    completed_uid_next   BIGINT,
    completed_mod_seq    BIGINT,
    completed_count      BIGINT,
    target_uid_next      BIGINT,
    target_mod_seq       BIGINT,
    target_count         BIGINT,
    flags_mod_seq        BIGINT NOT NULL,
    UNIQUE (mailbox_id, source, uid_validity)
);

CREATE INDEX folder_target ON folder (mailbox_id, target, target_uid_validity);

CREATE TABLE message (
    folder_id            BIGINT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    uid                  BIGINT NOT NULL,
    state                INTEGER NOT NULL,
    content              BYTEA,
    size                 BIGINT NOT NULL,
    flags                TEXT NOT NULL,
    date                 BIGINT NOT NULL,     -- INTERNALDATE, seconds since 1970 in UTC
    date_offset          INTEGER NOT NULL,    -- minutes east of UTC
    target_uid           BIGINT NOT NULL,
    intent_uid_validity  BIGINT,
    intent_uid_next      BIGINT,
    reason               TEXT,
    detail               TEXT,
    PRIMARY KEY (folder_id, uid)
);

-- What is still to be done is little beside what is done: found without reading all of it.
CREATE INDEX message_pending ON message (folder_id, state, uid) WHERE state <> 2;

CREATE TABLE uid_book (
    mailbox_id  BIGINT NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    uid         BIGINT NOT NULL,
    first_seen  BIGINT NOT NULL,              -- seconds since 1970 in UTC
    PRIMARY KEY (mailbox_id, key),
    UNIQUE (mailbox_id, uid)
);

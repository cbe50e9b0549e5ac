-- UIDs given to messages of sources that have none of their own (POP3).
CREATE TABLE uid_book (
    mailbox_id  INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    uid         INTEGER NOT NULL,
    first_seen  INTEGER NOT NULL,  -- seconds since 1970 in UTC
    PRIMARY KEY (mailbox_id, key),
    UNIQUE (mailbox_id, uid)
) WITHOUT ROWID;

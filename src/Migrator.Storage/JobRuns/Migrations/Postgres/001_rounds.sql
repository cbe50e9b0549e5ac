CREATE TABLE round (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job            TEXT NOT NULL,
    cause          BIGINT NOT NULL,
    scheduled_for  BIGINT,           -- times are milliseconds since 1970 in UTC, by the store's clock
    only_worker    TEXT,
    started        BIGINT NOT NULL,
    finished       BIGINT,
    told           BIGINT,
    told_until     BIGINT,           -- a worker is telling, and is given up after this
    UNIQUE (job, scheduled_for)
);

CREATE INDEX round_finished ON round (finished);

CREATE TABLE run (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id       BIGINT NOT NULL REFERENCES round (id) ON DELETE CASCADE,
    job            TEXT NOT NULL,
    mailbox        TEXT NOT NULL,
    source         TEXT NOT NULL,
    target         TEXT NOT NULL,
    hosts          TEXT NOT NULL,    -- with blanks between
    state          BIGINT NOT NULL,
    attempt        BIGINT NOT NULL,
    fence          BIGINT NOT NULL,
    queued         BIGINT NOT NULL,
    not_before     BIGINT NOT NULL,
    started        BIGINT,
    finished       BIGINT,
    worker         TEXT,
    machine        TEXT,
    lease_until    BIGINT,
    cancelled      BIGINT,           -- when a person asked for it
    headway        TEXT,             -- JSON
    found          BIGINT NOT NULL DEFAULT 0,
    delivered      BIGINT NOT NULL DEFAULT 0,
    already_there  BIGINT NOT NULL DEFAULT 0,
    vanished       BIGINT NOT NULL DEFAULT 0,
    skipped        BIGINT NOT NULL DEFAULT 0,
    failed         BIGINT NOT NULL DEFAULT 0,
    remaining      BIGINT NOT NULL DEFAULT 0,
    octets         BIGINT NOT NULL DEFAULT 0,
    code           TEXT,
    detail         TEXT,
    hint           TEXT
);

-- What is open is little beside what is over.
CREATE INDEX run_open ON run (state, job, id) WHERE state < 2;
CREATE INDEX run_round ON run (round_id);
CREATE INDEX run_finished ON run (finished);
CREATE INDEX run_mailbox ON run (job, mailbox, id);

CREATE TABLE report (
    run_id         BIGINT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    report         TEXT NOT NULL     -- JSON
);

CREATE TABLE mailbox_state (
    job            TEXT NOT NULL,
    mailbox        TEXT NOT NULL,
    last_run       BIGINT NOT NULL,
    last_good      BIGINT,
    PRIMARY KEY (job, mailbox)
);

CREATE TABLE paused_job (
    job            TEXT PRIMARY KEY
);

CREATE TABLE worker (
    id             TEXT PRIMARY KEY,
    machine        TEXT NOT NULL,
    started        BIGINT NOT NULL,
    last_beat      BIGINT NOT NULL
);

CREATE TABLE throughput (
    at             BIGINT NOT NULL,
    worker         TEXT NOT NULL,
    messages       BIGINT NOT NULL,
    octets         BIGINT NOT NULL,
    PRIMARY KEY (at, worker)
);

CREATE TABLE once (
    key            TEXT PRIMARY KEY,
    at             BIGINT NOT NULL
);

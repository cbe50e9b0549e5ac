-- Bytes by account or host (scope), direction (0 download, 1 upload) and slot of ten minutes since 1970.
CREATE TABLE traffic
(
    scope     TEXT    NOT NULL,
    direction INTEGER NOT NULL,
    slot      BIGINT  NOT NULL,
    bytes     BIGINT  NOT NULL,
    PRIMARY KEY (scope, direction, slot)
);

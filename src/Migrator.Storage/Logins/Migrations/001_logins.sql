CREATE TABLE login (
    id TEXT PRIMARY KEY, -- hash of what names the login
    content BYTEA NOT NULL -- encrypted
);

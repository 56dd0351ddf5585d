-- What happened, one row each, in a chain: the hash of a row is made of the record,
-- its number and the hash of the row before. Rows are added at the end and removed at
-- the beginning, never changed. What is searched for is read out of the record, so it
-- cannot say anything else than what was hashed.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    -- JSON.
    record TEXT NOT NULL,
    -- Hexadecimal.
    hash TEXT NOT NULL,
    -- Milliseconds since 1970.
    at INTEGER NOT NULL GENERATED ALWAYS AS (record ->> '$.at') VIRTUAL,
    account TEXT GENERATED ALWAYS AS (record ->> '$.actor.account') VIRTUAL,
    name TEXT NOT NULL GENERATED ALWAYS AS (record ->> '$.name') VIRTUAL,
    kind TEXT NOT NULL GENERATED ALWAYS AS (record ->> '$.kind') VIRTUAL,
    outcome TEXT NOT NULL GENERATED ALWAYS AS (record ->> '$.outcome') VIRTUAL
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_account ON audit (account, at);
CREATE INDEX audit_by_name ON audit (name, at);

-- One row: the last row of the chain, and the last that was removed.
CREATE TABLE audit_chain (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    head_seq INTEGER NOT NULL,
    head_hash TEXT NOT NULL,
    anchor_seq INTEGER NOT NULL,
    anchor_hash TEXT NOT NULL
) STRICT;
INSERT INTO audit_chain VALUES (
    1,
    0, '0000000000000000000000000000000000000000000000000000000000000000',
    0, '0000000000000000000000000000000000000000000000000000000000000000'
);

-- Which batches of records have arrived, so that a second delivery is known.
CREATE TABLE audit_batches (
    id TEXT NOT NULL PRIMARY KEY,
    -- When, in milliseconds since 1970.
    arrived INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_batches_by_arrival ON audit_batches (arrived);

-- What was used, summed up from the records. Without an account or client, ''.
CREATE TABLE usage (
    -- Hours since 1970.
    hour INTEGER NOT NULL,
    account TEXT NOT NULL,
    tool TEXT NOT NULL,
    -- The OAuth client, or the API key.
    client TEXT NOT NULL,
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    rows_written INTEGER NOT NULL,
    micros INTEGER NOT NULL,
    PRIMARY KEY (hour, account, tool, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_by_account ON usage (account, hour);

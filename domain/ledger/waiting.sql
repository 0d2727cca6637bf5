-- What waits to be put on record together. {waiting} is filled in by beside.py.
--
-- Of a tip there is nothing but what the informant sealed: not when it came, not from where. What
-- was looked at is kept until somebody's right to it has run out; the ledger holds its digests.
CREATE SCHEMA {waiting};

CREATE TABLE {waiting}.tip (
    id bytea PRIMARY KEY,
    data text NOT NULL
);

CREATE TABLE {waiting}.look (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch uuid,
    settled boolean NOT NULL DEFAULT false,
    leaf text NOT NULL
);
CREATE INDEX ON {waiting}.look (batch, id);
CREATE INDEX ON {waiting}.look (id) WHERE NOT settled;

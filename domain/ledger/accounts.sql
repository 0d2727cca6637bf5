-- What people sign in with, and who is signed in. {accounts} is filled in by beside.py.
--
-- None of this is a fact: it holds secrets, each only as a keyed digest or a hash, is erased with
-- its person, and can be lost without loss to the record. Nobody is named, no address is kept.
CREATE SCHEMA {accounts};

-- One password a person. Its credential's fact says since when, and whether it still counts.
CREATE TABLE {accounts}.account (
    person uuid PRIMARY KEY,
    login bytea NOT NULL UNIQUE,
    verifier text NOT NULL,
    credential uuid NOT NULL
);

CREATE TABLE {accounts}.session (
    id bytea PRIMARY KEY,
    person uuid NOT NULL,
    manner text NOT NULL,
    record uuid NOT NULL,
    seen timestamptz NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX ON {accounts}.session (person);
CREATE INDEX ON {accounts}.session (expires);

-- What passkeys are asked to sign: each is good once.
CREATE TABLE {accounts}.challenge (
    id bytea PRIMARY KEY,
    expires timestamptz NOT NULL
);
CREATE INDEX ON {accounts}.challenge (expires);

-- How many attempts are left, by the digest of what they are counted for.
CREATE TABLE {accounts}.allowance (
    id bytea PRIMARY KEY,
    remaining double precision NOT NULL,
    at timestamptz NOT NULL
);

-- Failed attempts that no fact tells of yet.
CREATE TABLE {accounts}.failure (
    person uuid NOT NULL,
    manner text NOT NULL,
    attempts integer NOT NULL,
    since timestamptz NOT NULL,
    told timestamptz,
    PRIMARY KEY (person, manner)
);

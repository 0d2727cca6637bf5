-- The tables of a ledger. {schema} and {views} are filled in by schema.py.

CREATE SCHEMA {schema};
-- The read models, which can be made again at any time: two sets of tables, so that one can be made
-- beside the other, and the views through which they are read.
CREATE SCHEMA {views};
CREATE SCHEMA {views}_a;
CREATE SCHEMA {views}_b;

-- A fact as it stands for ever: its leaf, and the columns by which it is found, which can all be
-- derived from the leaf and checked against it.
CREATE TABLE {schema}.fact (
    position bigint PRIMARY KEY,
    record uuid NOT NULL,
    version integer NOT NULL,
    topic text COLLATE "C" NOT NULL,
    recorded timestamptz NOT NULL,
    leaf bytea NOT NULL,
    UNIQUE (record, version)
);

-- An index of the tags in the leaves: all facts of a subject lie side by side.
CREATE TABLE {schema}.tag (
    tag text COLLATE "C",
    position bigint,
    PRIMARY KEY (tag, position)
);

-- What was asked, so that the same command sent twice is one fact.
CREATE TABLE {schema}.command (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL,
    first bigint NOT NULL,
    facts integer NOT NULL,
    recorded timestamptz NOT NULL
);

-- Personal values, encrypted under a key per subject that is kept elsewhere. The only table from
-- which rows may be removed.
CREATE TABLE {schema}.sealed (
    position bigint,
    path text COLLATE "C",
    subject uuid NOT NULL,
    box bytea NOT NULL,
    PRIMARY KEY (position, path)
);
CREATE INDEX sealed_subject ON {schema}.sealed (subject);

-- What the transparency log has signed and published. The tree itself can be made again from the
-- facts; what was said of it cannot.
CREATE TABLE {schema}.checkpoint (
    number bigint PRIMARY KEY,
    size bigint NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    published timestamptz NOT NULL
);
CREATE INDEX checkpoint_size ON {schema}.checkpoint (size, number);

-- The entries of the rolls whose heads are facts, in blocks of 256 lines. They follow from the facts;
-- kept, they can be asked for proofs for ever, at once.
CREATE TABLE {schema}.roll (
    root bytea,
    number integer,
    hash bytea NOT NULL,
    first text COLLATE "C" NOT NULL,
    leaves bytea NOT NULL,
    PRIMARY KEY (root, number)
);

CREATE FUNCTION {schema}.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '台账只增不改 (a ledger is never changed: % on %)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- ALWAYS: session_replication_role = replica does not get round them.
CREATE TRIGGER never BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.fact
    EXECUTE FUNCTION {schema}.refuse_change();
ALTER TABLE {schema}.fact ENABLE ALWAYS TRIGGER never;
CREATE TRIGGER never BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.tag
    EXECUTE FUNCTION {schema}.refuse_change();
ALTER TABLE {schema}.tag ENABLE ALWAYS TRIGGER never;
CREATE TRIGGER never BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.command
    EXECUTE FUNCTION {schema}.refuse_change();
ALTER TABLE {schema}.command ENABLE ALWAYS TRIGGER never;
CREATE TRIGGER never BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.checkpoint
    EXECUTE FUNCTION {schema}.refuse_change();
ALTER TABLE {schema}.checkpoint ENABLE ALWAYS TRIGGER never;
CREATE TRIGGER never BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.roll
    EXECUTE FUNCTION {schema}.refuse_change();
ALTER TABLE {schema}.roll ENABLE ALWAYS TRIGGER never;

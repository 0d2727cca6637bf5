-- The only way in for checkpoints of the transparency log. {schema} is filled in by schema.py.

-- Stores a checkpoint after the newest one, and returns its number. Whoever publishes holds the
-- advisory lock of the table; anybody else waits here for it.
--
-- A signature cannot be checked here. What can be: the note says what its columns say, the tree does
-- not reach past the facts, and it is never smaller than the last one, nor another of its size.
CREATE FUNCTION {schema}.publish(size bigint, root bytea, note bytea) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    newest {schema}.checkpoint;
    facts bigint;
    wrong text;
BEGIN
    PERFORM pg_advisory_xact_lock('{schema}.checkpoint'::regclass::oid::bigint);
    -- Statements of their own: their snapshots are taken after the lock.
    SELECT * INTO newest FROM {schema}.checkpoint AS c ORDER BY c.number DESC LIMIT 1;
    facts := (SELECT max(position) FROM {schema}.fact);
    wrong := CASE
        WHEN size IS NULL OR root IS NULL OR note IS NULL OR octet_length(root) <> 32
            THEN 'size, root or note is missing'
        WHEN convert_from(note, 'UTF8')
            NOT LIKE '%' || E'\n' || size || E'\n' || encode(root, 'base64') || E'\n%'
            THEN 'the note is of another tree'
        WHEN size NOT BETWEEN 1 AND facts THEN 'the tree reaches past the facts'
        WHEN size < newest.size THEN 'a larger tree was published'
        WHEN size = newest.size AND root <> newest.root
            THEN 'another tree of this size was published'
    END;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '%', wrong USING ERRCODE = 'data_exception';
    END IF;
    INSERT INTO {schema}.checkpoint
        VALUES (coalesce(newest.number, 0) + 1, size, root, note, clock_timestamp());
    RETURN coalesce(newest.number, 0) + 1;
END
$$;

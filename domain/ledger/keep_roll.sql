-- The only way in for the entries of rolls. {schema} is filled in by schema.py.

-- Keeps the entries of a roll, in blocks of 256, under the roll's root. What is kept already stays:
-- the same root stands for the same entries. That a block is what its hash says is for whoever reads
-- it to check; the root itself stands in a fact.
CREATE FUNCTION {schema}.keep_roll(root bytea, hashes bytea[], firsts text[], leaves bytea[])
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO {schema}.roll
    SELECT root, number - 1, hash, first, block
    FROM unnest(hashes, firsts, leaves) WITH ORDINALITY AS given (hash, first, block, number)
    ON CONFLICT DO NOTHING
$$;

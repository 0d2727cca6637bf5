-- The only way in. {schema} is filled in by schema.py.

-- The canonical JSON (RFC 8785) of a fact. The body enters as it was written; tags and topics are
-- of a form that needs no escaping.
CREATE FUNCTION {schema}.leaf(
    body text, at bigint, record uuid, recorded timestamptz, tags text[], topic text,
    version integer
) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT convert_to(
        '{"body":' || body
        || ',"position":' || at
        || ',"record":"' || record
        || '","recorded":"' || to_char(recorded AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","tags":["' || array_to_string(tags, '","')
        || '"],"topic":"' || topic
        || '","version":' || version || '}',
        'UTF8')
$$;

-- The row that a fact becomes. Whatever is not of the form it must have is a data exception: text
-- after the body's object would reach into the leaf, and a tag with a quotation mark too.
CREATE FUNCTION {schema}.compose(fact jsonb, at bigint, recorded timestamptz)
RETURNS {schema}.fact
LANGUAGE plpgsql STABLE AS $$
DECLARE
    body text := fact ->> 'body';
    composed {schema}.fact := ROW(at, fact ->> 'record', fact ->> 'version', fact ->> 'topic',
        recorded, NULL);
    tags text[] := ARRAY(SELECT DISTINCT tag COLLATE "C"
        FROM jsonb_array_elements_text(fact -> 'tags') AS tag
        WHERE length(tag) <= 100 ORDER BY tag COLLATE "C");
    wrong text := CASE
        WHEN jsonb_typeof(fact -> 'body') IS DISTINCT FROM 'string' OR body NOT LIKE '{%}'
            OR jsonb_typeof(body::jsonb) <> 'object'
            THEN 'the body is not one JSON object in a string'
        WHEN composed.topic !~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'
            OR length(composed.topic) > 100
            THEN 'the topic is not a dotted name'
        WHEN composed.version < 0 THEN 'the version is negative'
        WHEN cardinality(tags) = 0 THEN 'there is no tag'
        -- All are matched at once, each followed by a line feed, which can be in none. (Bounds in the
        -- pattern would make it ten times slower.)
        WHEN array_to_string(array_append(tags, ''), E'\n')
            !~ '^([a-z][a-z0-9_]*:[A-Za-z0-9._-]+\n)+$'
            THEN 'a tag is not of the form kind:value'
        WHEN cardinality(tags) <> jsonb_array_length(fact -> 'tags')
            THEN 'a tag is too long, or there twice'
    END;
BEGIN
    composed.leaf := {schema}.leaf(
        body, at, composed.record, recorded, tags, composed.topic, composed.version);
    IF composed.leaf IS NULL THEN
        wrong := coalesce(wrong, 'record, version or topic is missing');
    ELSIF octet_length(composed.leaf) > 65535 THEN
        wrong := 'the leaf is larger than 65535 bytes';
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '%', wrong USING ERRCODE = 'data_exception';
    END IF;
    RETURN composed;
END
$$;

-- The encrypted personal values of a command's facts: [path, subject, box in base64] each.
CREATE FUNCTION {schema}.boxes(facts jsonb, last bigint) RETURNS {schema}.sealed[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(ROW(last + n, box ->> 0, (box ->> 1)::uuid,
        decode(box ->> 2, 'base64'))::{schema}.sealed)
    FROM jsonb_array_elements(facts) WITH ORDINALITY AS given (fact, n),
        jsonb_array_elements(fact -> 'sealed') AS box
$$;

-- Where `rows` do not follow on what their records hold, or NULL. Versions have no gaps; a record
-- begins at 1 (or at 0, as the event sourcing library also does).
CREATE FUNCTION {schema}.clash(rows {schema}.fact[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    given {schema}.fact;
    n integer := 0;
    records uuid[] := '{}'; -- those met so far,
    lasts integer[] := '{}'; -- and the version that each is then at
    met integer;
    last integer;
BEGIN
    FOREACH given IN ARRAY rows LOOP
        n := n + 1;
        met := array_position(records, given.record);
        IF met IS NOT NULL THEN
            last := lasts[met];
        ELSE
            last := (SELECT version FROM {schema}.fact WHERE record = given.record
                ORDER BY version DESC LIMIT 1);
            last := coalesce(last, least(given.version - 1, 0));
            records := records || given.record;
            met := cardinality(records);
        END IF;
        IF given.version <> last + 1 THEN
            RETURN jsonb_build_object('outcome', 'conflict', 'fact', n, 'record', given.record,
                'version', given.version, 'last', last);
        END IF;
        lasts[met] := given.version;
    END LOOP;
    RETURN NULL;
END
$$;

-- The first fact after `after` that carries all of `tags` and is of one of `topics` (none: of any).
CREATE FUNCTION {schema}.first_match(tags text[], topics text[], after bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF cardinality(tags) = 0 THEN
        RETURN (SELECT position FROM {schema}.fact
            WHERE position > after AND topic = ANY (topics) ORDER BY position LIMIT 1);
    END IF;
    RETURN (
        SELECT position FROM {schema}.tag AS found
        WHERE tag = tags[1] AND position > after
            AND NOT EXISTS (
                SELECT FROM unnest(tags[2:]) AS wanted WHERE NOT EXISTS (
                    SELECT FROM {schema}.tag AS other
                    WHERE other.tag = wanted AND other.position = found.position))
            AND (cardinality(topics) = 0 OR EXISTS (
                SELECT FROM {schema}.fact
                WHERE fact.position = found.position AND fact.topic = ANY (topics)))
        ORDER BY position LIMIT 1
    );
END
$$;

-- Which query of a command's condition a fact already answers, or NULL. A condition that says less
-- than it must is refused: it would hold whatever happened.
CREATE FUNCTION {schema}.violation(condition jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    query record;
    found_at bigint;
BEGIN
    IF condition IS NULL THEN
        RETURN NULL;
    END IF;
    IF (condition ->> 'after')::bigint IS NULL OR condition -> 'none_of' IS NULL THEN
        RAISE EXCEPTION 'the condition lacks after or none_of' USING ERRCODE = 'data_exception';
    END IF;
    FOR query IN
        SELECT n, ARRAY(SELECT jsonb_array_elements_text(given -> 'tags')) AS tags,
            ARRAY(SELECT jsonb_array_elements_text(given -> 'topics')) AS topics
        FROM jsonb_array_elements(condition -> 'none_of') WITH ORDINALITY AS queries (given, n)
        ORDER BY n
    LOOP
        IF cardinality(query.tags || query.topics) = 0
            OR array_position(query.tags || query.topics, NULL) IS NOT NULL
        THEN
            RAISE EXCEPTION 'query %: there is neither tag nor topic', query.n
                USING ERRCODE = 'data_exception';
        END IF;
        found_at := {schema}.first_match(
            query.tags, query.topics, (condition ->> 'after')::bigint);
        IF found_at IS NOT NULL THEN
            RETURN jsonb_build_object(
                'outcome', 'conflict', 'query', query.n, 'position', found_at);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- The moment at which a command is recorded: now, but never before the last fact. Only a simulated
-- ledger (its genesis says so) takes the caller's word.
CREATE FUNCTION {schema}.moment(claimed timestamptz, last bigint, last_recorded timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF claimed IS NULL THEN
        RETURN greatest(clock_timestamp(), last_recorded);
    END IF;
    IF last > 0 AND NOT EXISTS (
        SELECT FROM {schema}.fact WHERE position = 1
            AND convert_from(leaf, 'UTF8')::jsonb #>> '{body,data,clock}' = 'simulated'
    ) THEN
        RAISE EXCEPTION 'only a simulated ledger takes a moment of recording'
            USING ERRCODE = 'data_exception';
    END IF;
    IF claimed < last_recorded THEN
        RAISE EXCEPTION 'the moment of recording lies before the last one, %', last_recorded
            USING ERRCODE = 'data_exception';
    END IF;
    IF claimed NOT BETWEEN '0001-01-01Z' AND '9999-12-31Z' THEN
        RAISE EXCEPTION 'the moment of recording is not of our era' USING ERRCODE = 'data_exception';
    END IF;
    RETURN claimed;
END
$$;

-- Appends a list of commands and answers each by itself, in their order. A refused one leaves
-- nothing behind and does not touch the others.
--
-- The lock serialises appends, so that positions are dense and final at commit. Any role that can
-- connect could take its key, which is the table's oid: accepted, since whoever may connect may
-- also hold up the server in other ways.
CREATE FUNCTION {schema}.append(commands jsonb) RETURNS SETOF jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Plans cached while the ledger was empty would stay: appends were five times slower for minutes.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    command jsonb;
    command_id uuid;
    digest bytea;
    known {schema}.command;
    answer jsonb;
    fact jsonb;
    rows {schema}.fact[];
    boxes {schema}.sealed[];
    before bigint;
    last bigint;
    last_recorded timestamptz;
    recorded timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        -- An older snapshot would not show the facts on which the condition is judged.
        RAISE EXCEPTION 'append needs READ COMMITTED' USING ERRCODE = 'active_sql_transaction';
    END IF;
    PERFORM pg_advisory_xact_lock('{schema}.fact'::regclass::oid::bigint);
    -- A statement of its own: its snapshot is taken after the lock.
    SELECT newest.position, newest.recorded INTO before, last_recorded
        FROM {schema}.fact AS newest ORDER BY newest.position DESC LIMIT 1;
    before := coalesce(before, 0);
    last := before;

    FOR command IN SELECT jsonb_array_elements(commands) LOOP
        answer := NULL;
        BEGIN -- writes nothing, so that catching an error costs no transaction number
            command_id := command ->> 'id';
            digest := decode(command ->> 'digest', 'hex');
            IF command_id IS NULL OR digest IS NULL OR octet_length(digest) NOT BETWEEN 1 AND 64 THEN
                RAISE EXCEPTION 'id or digest is missing' USING ERRCODE = 'data_exception';
            END IF;
            SELECT * INTO known FROM {schema}.command WHERE id = command_id;
            IF NOT FOUND THEN
                recorded := {schema}.moment(
                    (command ->> 'recorded')::timestamptz, last, last_recorded);
                rows := '{}';
                FOR fact IN SELECT jsonb_array_elements(command -> 'facts') LOOP
                    rows := rows || {schema}.compose(fact, last + cardinality(rows) + 1, recorded);
                END LOOP;
                IF cardinality(rows) = 0 THEN
                    RAISE EXCEPTION 'there is no fact' USING ERRCODE = 'data_exception';
                END IF;
                boxes := {schema}.boxes(command -> 'facts', last);
                answer := coalesce({schema}.clash(rows), {schema}.violation(command -> 'condition'));
            ELSIF known.digest <> digest THEN
                answer := jsonb_build_object('outcome', 'reused', 'first', known.first);
            ELSE
                answer := jsonb_build_object('outcome', 'repeated', 'first', known.first,
                    'facts', known.facts, 'recorded', known.recorded);
                -- Having written something, this transaction too waits for the standbys at commit:
                -- the first one's wait may have been cut short.
                PERFORM pg_logical_emit_message(true, 'daocha', '');
            END IF;
        EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
            answer := jsonb_build_object('outcome', 'invalid', 'reason', SQLERRM);
        END;
        IF answer IS NULL THEN
            INSERT INTO {schema}.fact SELECT * FROM unnest(rows);
            INSERT INTO {schema}.tag
                SELECT tag, last + n
                FROM jsonb_array_elements(command -> 'facts') WITH ORDINALITY AS given (item, n),
                    jsonb_array_elements_text(item -> 'tags') AS tag;
            INSERT INTO {schema}.sealed SELECT * FROM unnest(boxes);
            INSERT INTO {schema}.command
                VALUES (command_id, digest, last + 1, cardinality(rows), recorded);
            answer := jsonb_build_object('outcome', 'recorded', 'first', last + 1,
                'facts', cardinality(rows), 'recorded', recorded);
            last := last + cardinality(rows);
            last_recorded := recorded;
        END IF;
        RETURN NEXT answer;
    END LOOP;
    IF last > before THEN
        PERFORM pg_notify('{channel}', last::text);
    END IF;
END
$$;

-- Removes the encrypted personal values of a subject whose key was deleted.
CREATE FUNCTION {schema}.forget(forgotten uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH removed AS (DELETE FROM {schema}.sealed WHERE subject = forgotten RETURNING 1)
    SELECT count(*) FROM removed
$$;

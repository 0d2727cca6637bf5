-- Tables that only grow: what was written is frozen once, soon, and never looked at again. By default
-- a table of a hundred million facts would be left alone for twenty million more, and then be frozen
-- all at once.
ALTER TABLE {schema}.fact SET (autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0);
ALTER TABLE {schema}.tag SET (autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 500000, autovacuum_freeze_min_age = 0);
ALTER TABLE {schema}.command SET (autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0);

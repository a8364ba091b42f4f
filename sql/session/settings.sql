-- What every session of ours relies on, whatever database, role or server say. The names in braces are put in.
SELECT set_config(name, value, false)
FROM (VALUES ('wavegate.actor', 'wavegate'),
             -- How values and definitions are read and rendered.
             ('TimeZone', 'UTC'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('standard_conforming_strings', 'on'),
             ('quote_all_identifiers', 'off'), ('bytea_output', 'hex'), ('array_nulls', 'on'), ('transform_null_equals', 'off'),
             -- What a statement sees, and how long it may take: who is slow is told so, and not ended half-way.
             ('default_transaction_isolation', 'read committed'), ('statement_timeout', '0'),
             ('lock_timeout', '{lock_timeout}'),
             -- Whoever stops in the middle of a transaction (its process frozen, its machine lost) holds rows and barriers up: the
             -- server ends it, and the transaction comes again.
             ('idle_in_transaction_session_timeout', '{idle_timeout}'),
             ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'),
             ('tcp_user_timeout', '{unread_timeout}'),
             -- A policy that would hide rows is an error that names it.
             ('row_security', 'off'),
             -- Compiling a claim would take longer than the claim.
             ('jit', 'off')) AS setting (name, value)
UNION ALL
-- These came with later versions.
SELECT set_config(name, '0', false) FROM unnest(ARRAY['transaction_timeout', 'idle_session_timeout']) AS setting (name)
WHERE current_setting(name, true) IS NOT NULL
UNION ALL
-- The planner is told that pages are cached.
SELECT set_config('random_page_cost', '1.1', false) WHERE {batches}
UNION ALL
-- A claim is on disk before its call is made, and with it the event and whatever was committed before: otherwise a crash of PostgreSQL
-- would forget calls that were made.
SELECT CASE WHEN {forgetful} THEN set_config('synchronous_commit', 'off', false)
            WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'local', false) END

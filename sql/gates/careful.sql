-- Ends the measuring statements of this transaction after $1 (milliseconds as text). Each is planned for what it asks for: one that
-- reads what is new must not get the plan of one that reads everything. A crash of PostgreSQL may forget what is counted here: it is
-- counted again then, and what is committed later is on disk no sooner than this.
SELECT set_config('statement_timeout', $1, true), set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('synchronous_commit', 'off', true)

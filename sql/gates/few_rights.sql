-- Before a query of the plan's own: a superuser goes on as one who may read everything and do nothing else. Row-level security would
-- hide rows from it, and rows that are not seen must not pass: such a query is refused.
SELECT set_config('role', 'pg_read_all_data', true), set_config('row_security', 'off', true)
FROM pg_roles me
WHERE me.rolname = current_user AND me.rolsuper AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'pg_read_all_data')

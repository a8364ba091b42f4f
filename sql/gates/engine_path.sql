-- Before a query of the plan's own: in this transaction names are looked up in the engine's schema, $1, as its author does. Ours are
-- not looked up again.
SELECT set_config('search_path', $1, true)

-- In this session: along the indexes, in the order that was asked for, and nothing is hashed. That plan is right for any arrays, and made
-- once. What somebody has locked is set aside and tried again: nothing here waits for it.
SELECT set_config(name, value, false)
FROM (VALUES ('enable_sort', 'off'), ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off'), ('enable_hashjoin', 'off'),
             ('enable_mergejoin', 'off'), ('plan_cache_mode', 'force_generic_plan'), ('lock_timeout', '200ms')) AS setting (name, value)

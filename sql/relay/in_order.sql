-- Until the end of this transaction: along the indexes, and nothing is sorted or hashed.
SELECT set_config(name, 'off', true)
FROM unnest('{enable_sort,enable_seqscan,enable_bitmapscan,enable_hashjoin,enable_mergejoin}'::text[]) AS name

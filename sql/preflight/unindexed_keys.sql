-- Which tables of 10,000 rows or more refer to the queue ($1) by a column without an index? Each queue row that is deleted reads
-- such a table whole. Rows as ANALYZE last estimated them.
SELECT c.conrelid::regclass::text || ' (' || a.attname || '), some ' || r.reltuples::bigint || ' rows'
FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = to_regclass($1) AND r.reltuples >= 10000
  AND NOT EXISTS (SELECT FROM pg_index i
                  WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indisvalid AND i.indpred IS NULL)
ORDER BY 1

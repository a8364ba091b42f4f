-- Has the relation $1 never held a row since it was made or truncated?
SELECT coalesce(pg_relation_size(to_regclass($1)) = 0, false)

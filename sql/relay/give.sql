-- Give these partitions back. $1 class, $2 key of partition 0, $3 partitions.
SELECT p FROM unnest($3::integer[]) AS p WHERE pg_advisory_unlock($1, $2 + p)

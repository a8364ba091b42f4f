-- Which of these partitions are this session's from now on? Never waits. $1 class, $2 key of partition 0, $3 partitions.
SELECT p FROM unnest($3::integer[]) AS p WHERE pg_try_advisory_lock($1, $2 + p)

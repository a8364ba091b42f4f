-- What does this session hold, what is free, how many relays are there, and how many of them can publish? Of one config; $1 wavegate's
-- class, $2 the key of its partition 0, $3 how many partitions. The key after the last partition is held shared by every relay that
-- can publish, the next one by every relay that lives; relays of before know the first of these alone.
WITH locks AS MATERIALIZED (
    SELECT l.objid::bigint - $2::integer AS partition, l.pid
    FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $1::integer::oid
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
)
SELECT pg_backend_pid() AS backend,
       EXISTS (SELECT FROM locks l WHERE l.pid = pg_backend_pid() AND l.partition = $3 + 1) AS lives,
       ARRAY(SELECT l.partition::integer FROM locks l
             WHERE l.pid = pg_backend_pid() AND l.partition BETWEEN 0 AND $3 - 1 ORDER BY 1) AS held,
       ARRAY(SELECT p FROM generate_series(0, $3 - 1) AS p
             WHERE NOT EXISTS (SELECT FROM locks l WHERE l.partition = p)) AS free,
       (SELECT count(DISTINCT l.pid) FROM locks l WHERE l.partition IN ($3, $3 + 1)) AS relays,
       (SELECT count(*) FROM locks l WHERE l.partition = $3) AS able

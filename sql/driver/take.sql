-- Drives $1 from now on? Who ($2), from where ($3), by which command ($4). Nobody is driven away who said within $5 seconds that it drives; one
-- whose word lies in the future wrote it before the clock was set back.
INSERT INTO wavegate.driver AS d (driver_id, who, host, command)
VALUES ($1, $2, $3, $4)
ON CONFLICT (only_one) DO UPDATE
SET driver_id = excluded.driver_id, who = excluded.who, host = excluded.host, command = excluded.command,
    since = clock_timestamp(), seen_at = clock_timestamp()
WHERE d.driver_id = excluded.driver_id
   OR d.seen_at NOT BETWEEN clock_timestamp() - make_interval(secs => $5) AND clock_timestamp() + make_interval(secs => $5)
RETURNING d.driver_id

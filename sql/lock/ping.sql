-- The holder of lock $1 is alive.
UPDATE wavegate.lock SET seen_at = clock_timestamp() WHERE lock_id = $1

-- Does $1 still drive?
UPDATE wavegate.driver SET seen_at = clock_timestamp() WHERE driver_id = $1 RETURNING driver_id

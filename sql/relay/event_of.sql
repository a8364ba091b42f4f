-- Which event waits to be published at seq $1 of partition $2?
SELECT u.event_id FROM wavegate.unpublished u WHERE u.partition = $2 AND u.seq = $1

-- Who drives, and said so within the last $1 seconds?
SELECT who, host, command, since, seen_at FROM wavegate.driver
WHERE seen_at >= clock_timestamp() - make_interval(secs => $1)

-- The calls of webhook $1 in the week before: $2 of them, spread evenly, one in fifty failed, done by somebody else's worker.
INSERT INTO lab_calls (webhook_id, status, payload, rule_name, scheduled_at, started_at, completed_at, retry_count, response_status,
                       error_message, execution_time_ms, created_at)
SELECT $1, CASE WHEN failed THEN 'failed' ELSE 'success' END, jsonb_build_object('past', n), 'lab', at, at + took * 0.3, at + took,
       CASE WHEN failed THEN 3 ELSE 0 END, CASE WHEN failed THEN 503 ELSE 200 END,
       CASE WHEN failed THEN 'HTTP 503' END, extract(epoch FROM took) * 700, at
FROM (
    SELECT n, now() - interval '6 days 23 hours' * n / $2 - interval '1 minute' AS at, n % 50 = 0 AS failed,
           interval '1 ms' * (20 + n * 37 % 180) AS took
    FROM generate_series(1, $2) AS n
) AS past

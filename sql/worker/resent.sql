-- These attempts were made twice: a kept connection was closed before an answer began, and the endpoint may have had the first call.
-- Arrays: $1 call, $2 event (NULL: a plain queue row), $3 webhook, $4 attempt; $5 worker.
INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id, resent)
SELECT a.event_id, a.call_id, a.webhook_id, a.attempt, coalesce(e.path, 'queue'), $5, true
FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[]) AS a (call_id, event_id, webhook_id, attempt)
LEFT JOIN rule_webhook_events e ON e.event_id = a.event_id

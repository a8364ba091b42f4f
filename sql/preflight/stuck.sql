-- Which queue rows stay `processing` though nobody holds them?
SELECT count(*) AS rows, greatest(min(coalesce(q.started_at, q.created_at)), '0001-01-01') AS oldest, min(q.call_id)::bigint AS first_call
FROM wavegate.queue q
WHERE q.status = 'processing'
  AND coalesce(q.lease_until, coalesce(q.started_at, q.created_at) + interval '1 hour') < $1

-- Which values are read as if they were not there: tags that are NULL or in more than one dimension, times without end?
SELECT format('webhook %s (%s): tags in %s dimensions', w.webhook_name, w.webhook_id, array_ndims(w.tags)) AS found
FROM wavegate.webhooks w
WHERE array_ndims(w.tags) > 1
UNION ALL
SELECT format('webhook %s (%s): a tag that is NULL', w.webhook_name, w.webhook_id)
FROM wavegate.webhooks w
WHERE array_position(CASE WHEN array_ndims(w.tags) = 1 THEN w.tags END, NULL) IS NOT NULL
UNION ALL
SELECT format('webhook %s: %s calls with infinite times', q.webhook_id, count(*))
FROM wavegate.queue q
WHERE q.created_at >= now() - interval '7 days' AND NOT (isfinite(q.created_at) AND isfinite(coalesce(q.completed_at, q.created_at)))
GROUP BY q.webhook_id
UNION ALL
SELECT format('wave %s: entered_at %s', w.name, w.entered_at)
FROM wavegate.wave w JOIN wavegate.migration m USING (migration_id)
WHERE m.status = 'active' AND w.entered_at NOT BETWEEN '0001-01-01' AND '9999-12-31'

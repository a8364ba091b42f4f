-- Which message ids of the last seven days did more than one webhook use? A stream that deduplicates drops the second.
SELECT h.message_id
FROM rule_nats_publish_history h
WHERE h.message_id IS NOT NULL AND h.published_at >= $1::timestamptz - interval '7 days'
GROUP BY h.message_id
HAVING count(DISTINCT h.webhook_id) > 1
ORDER BY h.message_id
LIMIT 5

-- How many queue rows of the last hour did somebody finish whom none of our workers is?
SELECT count(*) AS rows, max(q.completed_at) FILTER (WHERE q.completed_at BETWEEN '0001-01-01' AND '9999-12-31') AS newest
FROM wavegate.queue q
WHERE q.status = 'success' AND q.claimed_by IS NULL AND q.completed_at >= $1::timestamptz - interval '1 hour'

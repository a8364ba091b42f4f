-- When did each webhook have its newest event? Those dated later than now are not counted, nor what came before the step.
-- $1 webhooks, $2 start of the step, $3 now.
SELECT w.id AS webhook_id,
       (SELECT e.created_at FROM rule_webhook_events e
        WHERE e.webhook_id = w.id AND e.created_at >= $2 AND e.created_at <= $3
        ORDER BY e.created_at DESC LIMIT 1) AS newest
FROM unnest($1::int[]) AS w (id)

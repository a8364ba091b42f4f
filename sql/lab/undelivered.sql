-- How much of the lab's traffic has not come to an end yet: in the ledger, in the queue.
SELECT (SELECT count(*) FROM rule_webhook_events WHERE NOT ended) AS ledger,
       (SELECT count(*) FROM wavegate.queue WHERE status IN ('pending', 'processing', 'retrying')) AS queue

-- Of which webhooks was the circuit of the endpoint open, at any time after $1?
SELECT ARRAY(SELECT o.webhook_id FROM wavegate.outage o WHERE o.until > $1)

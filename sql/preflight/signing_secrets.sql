-- Which signing secrets are there, and whose?
SELECT w.webhook_id, w.webhook_name, s.secret_value
FROM rule_webhook_secrets s
JOIN wavegate.webhooks w USING (webhook_id)
WHERE s.secret_name = 'signing_secret'
ORDER BY w.webhook_id

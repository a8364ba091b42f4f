-- Gives a webhook a secret to sign with.
INSERT INTO rule_webhook_secrets (webhook_id, secret_name, secret_value) VALUES ($1, 'signing_secret', $2)

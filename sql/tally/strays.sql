-- Has tally $1 counted webhooks that are none of these ($2)?
SELECT EXISTS (SELECT FROM wavegate.tally_arm a WHERE a.tally_id = $1 AND a.webhook_id <> ALL ($2))
    OR EXISTS (SELECT FROM wavegate.tally_failure f WHERE f.tally_id = $1 AND f.webhook_id <> ALL ($2))

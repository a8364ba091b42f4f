-- What did this gate measure the last time it looked at this wave, since $4, where its inputs had the key $5?
SELECT inputs
FROM wavegate.gate_result
WHERE migration_id = $1 AND wave = $2 AND gate = $3 AND at >= $4 AND jsonb_typeof(inputs -> $5) <> 'null'
ORDER BY id DESC
LIMIT 1

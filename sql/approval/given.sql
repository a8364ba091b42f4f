-- Who approved lately that wave $1 of plan $2 with the hash $3 goes from its step ($4, as kept) to $5 (as kept), since it came there ($6, if it is
-- known)? $7: how the journal calls it.
SELECT j.who, j.host, j.at, j.after ->> 'note' AS note
FROM wavegate.journal j
WHERE j.step = $7 AND j.wave = $1
  AND j.after ->> 'plan' = $2 AND j.after ->> 'hash' = $3
  AND j.before -> 'step' = $4 AND j.after -> 'to' = $5
  AND j.at >= coalesce($6::timestamptz, '-infinity')
ORDER BY j.id DESC
LIMIT 1

-- Who signed, or refused, that wave $1 of plan $2 with the hash $3 may leave its step $4 (in words), since it came there ($5, if it is known)?
-- Oldest first. $6 and $7: how the journal calls the one and the other.
SELECT j.after ->> 'role' AS role, j.step = $6 AS signed, j.who, j.host, j.at, j.after ->> 'note' AS note
FROM wavegate.journal j
WHERE j.step IN ($6, $7) AND j.wave = $1
  AND j.after ->> 'plan' = $2 AND j.after ->> 'hash' = $3 AND j.after ->> 'from' = $4
  AND j.at >= coalesce($5::timestamptz, '-infinity')
ORDER BY j.id

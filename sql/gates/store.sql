-- Keeps what the gates said, with their inputs: one row a gate.
INSERT INTO wavegate.gate_result (at, migration_id, wave, step, gate, verdict, reason, inputs)
SELECT $1, $2, $3, $4, g.gate, g.verdict, g.reason, g.inputs
FROM unnest($5::text[], $6::text[], $7::text[], $8::jsonb[]) AS g (gate, verdict, reason, inputs)

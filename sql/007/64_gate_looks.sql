-- Looks at a gate that said the same, in one row.
-- A row of gate_result holds from `at` to `until` (NULL: one look); reason and inputs are those of the last look.
ALTER TABLE wavegate.gate_result
    ADD COLUMN IF NOT EXISTS until timestamptz,
    ADD COLUMN IF NOT EXISTS looks integer NOT NULL DEFAULT 1;
CREATE INDEX IF NOT EXISTS gate_result_by_gate ON wavegate.gate_result (wave, gate, id);

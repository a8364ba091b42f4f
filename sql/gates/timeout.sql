-- Ends the measuring statements of this transaction after $1 (milliseconds as text).
SELECT set_config('statement_timeout', $1, true)

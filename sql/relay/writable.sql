-- May a transaction write here? A standby and a server that is read-only say no.
SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean

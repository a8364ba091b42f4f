-- Give up waiting for a lock after $1, in this transaction.
SELECT set_config('lock_timeout', $1, true)

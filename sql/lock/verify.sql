-- Is lock $1 still ours? Nobody takes it over before this transaction ends.
SELECT lock_id FROM wavegate.lock WHERE lock_id = $1 FOR SHARE

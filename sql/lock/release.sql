-- The holder of lock $1 is done.
DELETE FROM wavegate.lock WHERE lock_id = $1

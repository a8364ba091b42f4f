-- $1 drives no more.
DELETE FROM wavegate.driver WHERE driver_id = $1

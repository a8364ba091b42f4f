-- The relay $1 serves the config $2.
UPDATE wavegate.relay SET config_id = $2 WHERE relay_id = $1

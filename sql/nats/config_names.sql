-- Which settings of NATS are there?
SELECT config_name FROM rule_nats_config ORDER BY 1

-- Which settings of NATS are there?
SELECT config_name FROM {schema}.rule_nats_config ORDER BY 1

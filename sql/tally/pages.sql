-- How many pages has the ledger? NULL where a range of pages cannot be read without the others.
SELECT CASE WHEN current_setting('server_version_num')::integer >= 140000
            THEN pg_relation_size('{schema}.rule_webhook_events') / current_setting('block_size')::bigint END

-- Which jobs of pg_cron clean up queue, webhooks or history? Without pg_cron there is no row.
SELECT (xpath('/row/jobid/text()', j.node))[1]::text || ': ' || (xpath('/row/command/text()', j.node))[1]::text
FROM (SELECT unnest(xpath('/table/row', query_to_xml(
          CASE WHEN to_regclass('cron.job') IS NULL THEN 'SELECT 1 AS jobid, NULL::text AS command WHERE false'
               ELSE 'SELECT jobid, command FROM cron.job WHERE active AND command ~* ''rule_webhook|rule_nats'' '
                    'AND command ~* ''clean|delete|truncate'' ORDER BY jobid' END, true, false, ''))) AS node) j

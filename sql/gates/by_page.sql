-- From here on in this transaction, what an index finds is read page by page, each page once. PostgreSQL knows nothing yet of the newest
-- rows, takes ten thousand of them for one, and would come back to each page for every webhook.
SELECT set_config('enable_indexscan', 'off', true)

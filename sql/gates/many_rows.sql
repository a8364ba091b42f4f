-- From here on in this transaction rows are read that PostgreSQL takes for few, and put into few groups that it takes for many. What an
-- index finds is read page by page, each page once: of the newest rows nothing is known yet, and ten thousand of them would be fetched
-- one by one, webhook by webhook. And groups are kept in memory: with less, every row is sorted first, on disk.
SELECT set_config('enable_indexscan', 'off', true),
       set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')) / 1024, 16384)::text, true)

-- How is each webhook called: address, and names of headers of its own?
SELECT w.webhook_id, w.webhook_name, w.url,
       ARRAY(SELECT n.name FROM jsonb_object_keys(CASE jsonb_typeof(w.headers::jsonb) WHEN 'object' THEN w.headers::jsonb ELSE '{}' END) n (name))
           AS header_names
FROM wavegate.webhooks w
ORDER BY w.webhook_id

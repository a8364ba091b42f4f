-- The callers' role may fill the queue, as an application's role does.
GRANT SELECT, INSERT ON rule_webhook_queue TO lab_app;

-- How many events are set aside, and since when is the oldest?
SELECT count(*) AS events, min(s.since) AS since FROM wavegate.stuck s

-- One snapshot for all questions of an audit: an event that moves meanwhile is seen in one place, once.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY

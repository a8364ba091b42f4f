-- Which database is this?
SELECT current_database()::text

-- What time is it in the database? Its clock decides, not this host's.
SELECT clock_timestamp()

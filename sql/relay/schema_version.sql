-- In which version are migration 007's tables?
SELECT version FROM wavegate.schema_version

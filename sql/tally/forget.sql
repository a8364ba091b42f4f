-- Tally $1 of events begins anew. An earlier version counted by time, or kept neither blocks nor latencies by webhook, or
-- no spans of blocks.
WITH arms AS (
    DELETE FROM wavegate.tally_arm WHERE tally_id = $1
), blocks AS (
    DELETE FROM wavegate.tally_block WHERE tally_id = $1
), failures AS (
    DELETE FROM wavegate.tally_failure WHERE tally_id = $1
), latencies AS (
    DELETE FROM wavegate.tally_latency WHERE tally_id = $1
), courses AS (
    DELETE FROM wavegate.tally_course WHERE tally_id = $1
), spans AS (
    DELETE FROM wavegate.tally_span WHERE tally_id = $1
), closed AS (
    DELETE FROM wavegate.tally_closed WHERE tally_id = $1
)
DELETE FROM wavegate.tally_open WHERE tally_id = $1

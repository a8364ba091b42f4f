-- Tally $1 of events begins anew: an earlier version has looked since, which counts in another way.
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
), dead AS (
    DELETE FROM wavegate.tally_dead WHERE tally_id = $1
), closed AS (
    DELETE FROM wavegate.tally_closed WHERE tally_id = $1
)
DELETE FROM wavegate.tally_open WHERE tally_id = $1

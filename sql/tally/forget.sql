-- Tally $1 of events begins anew: as if nobody had counted yet.
WITH arms AS (
    DELETE FROM wavegate.tally_arm WHERE tally_id = $1
), blocks AS (
    DELETE FROM wavegate.tally_block WHERE tally_id = $1
), failures AS (
    DELETE FROM wavegate.tally_failure WHERE tally_id = $1
), latencies AS (
    DELETE FROM wavegate.tally_latency WHERE tally_id = $1
), open AS (
    DELETE FROM wavegate.tally_open WHERE tally_id = $1
)
UPDATE wavegate.tally t SET counted_to = t.since WHERE t.tally_id = $1
RETURNING t.tally_id, t.block_ms, t.counted_to, t.queue_counted_to

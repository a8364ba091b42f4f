//! The leader's second duty: takes over foreign results, re-drives what is fenced, and finds copies that cannot come any more.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    bus::{Bus, consumer, stream},
    error::Result,
    store::{
        Db,
        outbox::{Copy, Part, StreamEnds, republishable},
        sweep,
    },
};

const BATCH: i64 = 512;

/// What PostgreSQL can tidy alone; needs no NATS, so that a rollback works while NATS is down.
pub async fn tidy(db: &Db, full: bool) -> Result<()> {
    let notes = sweep::foreign_results(db).await?;
    let moved = sweep::fenced(db).await?;
    if notes + moved > 0 {
        tracing::debug!(foreign_results = notes, redriven = moved, "swept");
    }
    if full {
        sweep::leftovers(db).await?;
    }
    Ok(())
}

/// Events to publish again, after one look at stream and consumer. A stream that is missing has no copies at all.
pub async fn again(
    db: &Db,
    bus: &Bus,
    part: Part,
    stream_name: &str,
    consumer_name: &str,
    after: Duration,
) -> Result<Vec<Copy>> {
    let Some(live) = stream::live(bus, stream_name).await? else {
        return Ok(Vec::new());
    };
    let ack_floor = consumer::live(bus, stream_name, consumer_name)
        .await?
        .map_or(0, |consumer| consumer.ack_floor);
    let ends = StreamEnds {
        first_seq: number(live.first_seq),
        last_seq: number(live.last_seq),
        ack_floor: number(ack_floor),
        created: created(live.created),
    };
    republishable(db, part, ends, after.as_secs_f64() * 1000.0, BATCH).await
}

fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// The clocks of the two servers may differ a little; a copy published in the stream's first moments is not called lost.
fn created(at: DateTime<Utc>) -> DateTime<Utc> {
    at - chrono::TimeDelta::seconds(1)
}

//! The relay's second duty: takes over foreign results, re-drives what is fenced, and finds copies that cannot come any more.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::{Relay, independent::Foreign, sender::Again};
use crate::dataplane::pause::Pause;
use crate::{
    bus,
    error::Result,
    store::{
        Db,
        outbox::{Copy, Part, StreamEnds, republishable},
        sweep,
    },
};

const BATCH: i64 = 512;
const SWEEP: Duration = Duration::from_millis(500);
const FULL_SWEEP: Duration = Duration::from_secs(3);
/// Some looks read every undelivered event: a large backlog must not be read all the time. They rest as many times as long, but not
/// longer than this: a look that waited for a lock costs nothing, and what falls due meanwhile waits for the next one.
const REST: u32 = 60;
const REST_S: u64 = 5;
const BETWEEN_LOOKS: Pause = Pause::new(SWEEP, REST, REST_S);
const BETWEEN_FULL_LOOKS: Pause = Pause::new(FULL_SWEEP, REST, REST_S);
/// What foreign workers acknowledged is looked for more often: until then it counts as undelivered.
const BETWEEN_FOREIGN_LOOKS: Pause = Pause::new(SWEEP, 10, 2);
/// After the stream refused what was published again.
const REFUSED: Duration = Duration::from_secs(5);

/// Sweeps until asked to stop. Two loops: what PostgreSQL can tidy alone never waits for NATS, a rollback needs it.
pub async fn sweep(relay: &Relay, again: mpsc::Sender<Again>) {
    tokio::join!(tidy_on(relay), publish_again(relay, again));
}

/// The whole database is tidied by whoever holds the first partition. Of several configs, each one's holder does: harmless.
async fn tidy_on(relay: &Relay) {
    // Not at once: a relay that starts publishes what waits first.
    let mut looked = Instant::now();
    let mut every = FULL_SWEEP;
    while !relay.stop.asked() {
        let full = looked.elapsed() >= every;
        if relay.tidies() {
            let begin = Instant::now();
            // What foreign workers may have sent already is nobody else's to send.
            if let Err(error) = tidy(&relay.db, full, !relay.options.independent).await {
                relay.vitals.trouble(format!("sweeping: {error}"));
            }
            if full {
                looked = Instant::now();
                every = BETWEEN_FULL_LOOKS.after(begin.elapsed());
                relay.vitals.rests("tidying", every, begin.elapsed());
            }
        }
        relay.stop.pause(SWEEP).await;
    }
}

/// Every relay for its own partitions, one batch after the other.
async fn publish_again(relay: &Relay, again: mpsc::Sender<Again>) {
    let mut looked = None;
    let mut foreign = Foreign::default();
    // As above: all that it has just published is undelivered.
    let mut pause = FULL_SWEEP;
    while !relay.stop.asked() {
        relay.stop.pause(pause).await;
        if !relay.options.bus.is_up() {
            continue;
        }
        let full = looked.is_none_or(|at: Instant| at.elapsed() >= FULL_SWEEP);
        if full {
            looked = Some(Instant::now());
        }
        if full
            && relay.tidies()
            && let Err(error) = make_stream(relay).await
        {
            let why = format!("looking at the stream: {error}");
            relay.vitals.trouble(why);
        }
        if full {
            let looked = relay
                .coverage
                .look(&relay.options.bus, &relay.options.stream.name);
            if let Err(error) = looked.await {
                let why = format!("asking which subjects the stream takes: {error}");
                relay.vitals.trouble(why);
            }
        }
        let begin = Instant::now();
        let copies = lost_copies(relay, &mut foreign, full).await;
        // A whole stream may be lost: then one batch follows the other.
        let whole = copies
            .as_ref()
            .is_ok_and(|copies| copies.len() as i64 == BATCH);
        pause = if whole {
            Duration::ZERO
        } else {
            let rests = if relay.options.independent {
                BETWEEN_FOREIGN_LOOKS
            } else {
                BETWEEN_LOOKS
            };
            let cost = begin.elapsed();
            let pause = rests.after(cost);
            relay.vitals.rests("looking for lost copies", pause, cost);
            pause
        };
        let copies = match copies {
            Ok(copies) => copies,
            Err(error) => {
                relay.vitals.trouble(format!("sweeping: {error}"));
                continue;
            }
        };
        if copies.is_empty() {
            continue;
        }
        tracing::info!(
            events = copies.len(),
            "published again: their last copy cannot come any more"
        );
        let (ticket, mut refused) = mpsc::unbounded_channel();
        if again.send(Again { copies, ticket }).await.is_err() {
            return;
        }
        // Ends without a word once all are marked.
        let mut any = false;
        while refused.recv().await.is_some() {
            any = true;
        }
        if any {
            relay.stop.pause(REFUSED).await;
        }
    }
}

/// A stream that vanished with its storage is made again, as it was wanted; one that exists is never touched.
async fn make_stream(relay: &Relay) -> Result<()> {
    let wanted = &relay.options.stream;
    let bus = &relay.options.bus;
    if bus::live_stream(bus, &wanted.name).await?.is_none() {
        tracing::warn!(stream = %wanted.name, "the stream is missing; making it");
        bus::ensure_stream(bus, wanted).await?;
        relay.board(|board| board.release_all());
    }
    Ok(())
}

/// What PostgreSQL can tidy alone; needs no NATS, so that a rollback works while NATS is down. `redrives`: what a fence keeps
/// from NATS goes to the queue.
async fn tidy(db: &Db, full: bool, redrives: bool) -> Result<()> {
    let notes = sweep::foreign_results(db).await?;
    let moved = if redrives {
        sweep::fenced(db).await?
    } else {
        0
    };
    if notes + moved > 0 {
        tracing::debug!(foreign_results = notes, redriven = moved, "swept");
    }
    if full {
        sweep::leftovers(db, redrives).await?;
    }
    Ok(())
}

/// Events to publish again, after one look at stream and consumer. A stream that is missing has no copies at all.
async fn lost_copies(relay: &Relay, foreign: &mut Foreign, full: bool) -> Result<Vec<Copy>> {
    let options = &relay.options;
    let partitions: Vec<i32> = relay.board(|board| board.cursors().into_keys().collect());
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let part = Part {
        partitions,
        ..options.part.clone()
    };
    if options.independent {
        let place = (options.stream.name.as_str(), options.consumer.as_str());
        let look = foreign.look(
            &relay.db,
            &options.bus,
            &part,
            place,
            options.republish_after,
        );
        let look = look.await?;
        if look.delivered > 0 {
            tracing::debug!(
                events = look.delivered,
                "acknowledged by the foreign durable"
            );
        }
        if let Some(why) = look.trouble.filter(|_| full) {
            relay.vitals.trouble(why);
        }
        return Ok(look.again);
    }
    let Some(live) = bus::live_stream(&options.bus, &options.stream.name).await? else {
        return Ok(Vec::new());
    };
    let ack_floor = bus::live_consumer(&options.bus, &options.stream.name, &options.consumer)
        .await?
        .map_or(0, |consumer| consumer.ack_floor);
    let ends = StreamEnds {
        first_seq: number(live.first_seq),
        last_seq: number(live.last_seq),
        ack_floor: number(ack_floor),
        created: created(live.created),
    };
    let after_ms = options.republish_after.as_secs_f64() * 1000.0;
    republishable(&relay.db, &part, ends, after_ms, BATCH).await
}

fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// The clocks of the two servers may differ a little; a copy published in the stream's first moments is not called lost.
fn created(at: DateTime<Utc>) -> DateTime<Utc> {
    at - chrono::TimeDelta::seconds(1)
}

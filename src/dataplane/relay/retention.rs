//! Retention: history, ledger and notes go when their time is over. One small batch after the other with a pause between them,
//! beside the relay's other work and never in its way; whoever tidies for the others does it, and twice does no harm.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Relay, RelayOptions};
use crate::{
    bus,
    error::Result,
    store::{
        clock,
        retention::{self, BATCH, Copies, Swept},
    },
};

/// Between two batches.
const BREATH: Duration = Duration::from_millis(100);
/// Between two passes.
const REST: Duration = Duration::from_secs(600);
/// After one that could not do everything.
const AGAIN: Duration = Duration::from_secs(5);
/// While somebody else tidies.
const ASIDE: Duration = Duration::from_secs(1);

/// How long things are kept; zero keeps them for ever.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    pub history: Duration,
    /// Delivered events, counted from their delivery; dead ones from when somebody gave them up; ids that callers chose; notes of ambiguous attempts.
    pub ledger: Duration,
}

/// Heartbeats of those who went: of no use to anybody after a week.
const HEARTBEATS: Duration = Duration::from_secs(7 * 86_400);

/// Pass after pass while this relay tidies for all, until asked to stop.
pub async fn keep(relay: &Relay) {
    while !relay.stop.asked() {
        if !relay.tidies() {
            relay.stop.pause(ASIDE).await;
            continue;
        }
        let rest = match pass(relay).await {
            Ok(done) => {
                if done.gone > 0 {
                    tracing::info!(rows = done.gone, "what had its time is gone");
                }
                if done.whole {
                    relay
                        .vitals
                        .metrics
                        .retained
                        .set(chrono::Utc::now().timestamp());
                    REST
                } else {
                    AGAIN
                }
            }
            Err(error) => {
                tracing::warn!(%error, "retention; it goes on later");
                AGAIN
            }
        };
        relay.stop.pause(rest).await;
    }
}

struct Done {
    gone: i64,
    /// Nothing was left out because NATS did not answer.
    whole: bool,
}

/// One pass over everything.
async fn pass(relay: &Relay) -> Result<Done> {
    let (db, options) = (&relay.db, &relay.options);
    let walk = Walk { relay };
    let now = clock::now(db).await?;
    let mut gone = 0;
    let mut whole = true;
    if let Some(until) = before(now, options.keep.history) {
        gone += walk
            .along(async |from| retention::history(db, until, from).await)
            .await?;
    }
    if let Some(until) = before(now, options.keep.ledger) {
        match copies(options, now).await? {
            Some(copies) => {
                for webhook in retention::webhooks(db, &options.part).await? {
                    gone += walk
                        .along(async |from| {
                            retention::ledger(db, webhook, until, from, copies).await
                        })
                        .await?;
                }
            }
            None => whole = false,
        }
        gone += walk
            .along(async |from| retention::event_ids(db, until, from).await)
            .await?;
        let mut after = 0;
        while walk.goes_on() {
            let (up_to, some) = retention::attempts(db, until, after).await?;
            gone += some;
            let Some(up_to) = up_to else { break };
            after = up_to;
            relay.stop.pause(BREATH).await;
        }
    }
    if let Some(until) = before(now, HEARTBEATS) {
        retention::small(db, until).await?;
    }
    Ok(Done { gone, whole })
}

fn before(now: DateTime<Utc>, kept: Duration) -> Option<DateTime<Utc>> {
    if kept.is_zero() {
        return None;
    }
    now.checked_sub_signed(chrono::TimeDelta::from_std(kept).ok()?)
}

/// What the stream still holds; `None` while NATS does not say. A stream that is missing holds nothing.
async fn copies(options: &RelayOptions, now: DateTime<Utc>) -> Result<Option<Copies>> {
    if !options.bus.is_up() {
        return Ok(None);
    }
    let name = &options.stream.name;
    let Some(live) = bus::live_stream(&options.bus, name).await? else {
        return Ok(Some(Copies {
            first_seq: i64::MAX,
            ack_floor: 0,
            created: now,
            aged_out: None,
        }));
    };
    let durable = bus::live_consumer(&options.bus, name, &options.consumer).await?;
    let number = |sequence: u64| i64::try_from(sequence).unwrap_or(i64::MAX);
    // The clocks of the two servers may differ a little.
    let slack = Duration::from_secs(60);
    Ok(Some(Copies {
        first_seq: number(live.first_seq),
        ack_floor: number(durable.map_or(0, |durable| durable.ack_floor)),
        created: live.created - slack,
        aged_out: before(now - slack, live.definition.max_age),
    }))
}

struct Walk<'a> {
    relay: &'a Relay,
}

impl Walk<'_> {
    fn goes_on(&self) -> bool {
        !self.relay.stop.asked() && self.relay.tidies()
    }

    /// Batch after batch, each from where the one before ended; how many rows went.
    async fn along(
        &self,
        mut batch: impl AsyncFnMut(Option<DateTime<Utc>>) -> Result<Swept>,
    ) -> Result<i64> {
        let mut from = None;
        let mut gone = 0;
        while self.goes_on() {
            let swept = batch(from).await?;
            gone += swept.gone;
            if swept.looked < BATCH {
                break;
            }
            // A whole batch of one instant that has to stay must not hold up what comes after it.
            let stuck = swept.up_to == from && swept.gone == 0;
            from = match swept.up_to {
                Some(at) if stuck => Some(at + chrono::TimeDelta::microseconds(1)),
                up_to => up_to,
            };
            self.relay.stop.pause(BREATH).await;
        }
        Ok(gone)
    }
}

//! The relay's pulse: once a second it tells what it holds, how far it is behind and what went wrong, whatever else is stuck.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::Utc;

use super::{Relay, RelayOptions};
use crate::dataplane::{metrics::RelayMetrics, nag::Nag, pause::NOTICEABLE};
use crate::store::{
    heartbeat::{RelayBeat, beat_relay, relay_serves},
    outbox::{Cursors, lag_ms, waiting},
};

const BEAT: Duration = Duration::from_secs(1);
/// What waits is counted at every so many beats, if anybody can ask,
const COUNT_EVERY: u64 = 5;
/// and not beyond this for each partition.
const COUNT_AT_MOST: i64 = 10_000;

/// A look that took less is nothing to tell of, and rests are told of no more often than this.
const SLOW: Duration = Duration::from_millis(50);
const TELL_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Heartbeat {
    beat: Mutex<RelayBeat>,
    pub metrics: RelayMetrics,
    told_rest: Mutex<Option<Instant>>,
    heartbeat: Nag,
    lag: Nag,
    counting: Nag,
    /// The row of its heartbeat says which config it serves.
    says_config: AtomicBool,
}

impl Heartbeat {
    pub fn new(options: &RelayOptions, metrics: RelayMetrics) -> Heartbeat {
        let host = &options.host;
        let pid = std::process::id();
        let now = Utc::now();
        let beat = RelayBeat {
            relay_id: format!("{host}-{pid}-{:06x}", fastrand::u32(..1 << 24)),
            host: host.clone(),
            pid: i32::try_from(pid).unwrap_or_default(),
            started_at: now,
            seen_at: now,
            partitions: Vec::new(),
            published: 0,
            failed: 0,
            lag_ms: None,
            rate: None,
            last_ack_at: None,
            last_error: None,
            last_error_at: None,
            foreign_consumer: options.independent.then(|| options.consumer.clone()),
        };
        Heartbeat {
            beat: Mutex::new(beat),
            metrics,
            told_rest: Mutex::default(),
            heartbeat: Nag::default(),
            lag: Nag::default(),
            counting: Nag::default(),
            says_config: AtomicBool::new(false),
        }
    }

    pub fn published(&self, count: usize) {
        if count > 0 {
            self.metrics.published.inc_by(count as u64);
            self.change(|beat| beat.last_ack_at = Some(Utc::now()));
        }
    }

    /// Copies that NATS can never carry, and copies that are tried again.
    pub fn failed(&self, never: usize, for_now: usize) {
        self.metrics.refused.inc_by(never as u64);
        self.metrics.failed.inc_by(for_now as u64);
    }

    fn measured(&self, partitions: usize, flying: usize, lag_ms: Option<i64>) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.metrics.partitions.set(number(partitions));
        self.metrics.in_flight.set(number(flying));
        self.metrics.lag.set(lag_ms.unwrap_or(0) as f64 / 1000.0);
    }

    /// Something went wrong; the same thing is told once.
    pub fn trouble(&self, why: String) {
        self.change(|beat| {
            if beat.last_error.as_deref() == Some(&why) {
                tracing::debug!(%why, "still in trouble");
            } else {
                tracing::warn!(%why, "trouble");
                self.metrics.troubles.inc();
            }
            beat.last_error = Some(why);
            beat.last_error_at = Some(Utc::now());
        });
    }

    /// The next look comes late, because the last one took long: told where a person would notice, now and then.
    pub fn rests(&self, what: &str, pause: Duration, cost: Duration) {
        // The shortest rest of most looks is longer than that.
        if pause <= NOTICEABLE || cost < SLOW {
            return;
        }
        let mut told = self
            .told_rest
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|at| at.elapsed() < TELL_EVERY) {
            return;
        }
        *told = Some(Instant::now());
        tracing::info!(
            "{what} took {:.1} s; the next look comes {:.1} s later",
            cost.as_secs_f64(),
            pause.as_secs_f64()
        );
    }

    fn change<V>(&self, change: impl FnOnce(&mut RelayBeat) -> V) -> V {
        change(&mut self.beat.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Beats until the relay has ended.
pub async fn pulse(relay: &Relay) {
    let mut counted = 0;
    let mut beats: u64 = 0;
    let mut since = Instant::now();
    loop {
        beat(relay, false).await;
        if relay.watched && beats.is_multiple_of(COUNT_EVERY) {
            count(relay).await;
        }
        beats += 1;
        tokio::select! {
            () = tokio::time::sleep(BEAT) => {}
            () = relay.ended() => return,
        }
        let published = relay.vitals.metrics.published.get();
        let now = (published - counted) as f64 / since.elapsed().as_secs_f64();
        (counted, since) = (published, Instant::now());
        relay.vitals.change(|beat| {
            let before = beat.rate.unwrap_or(now);
            beat.rate = Some(before * 0.7 + now * 0.3);
        });
    }
}

/// Counts what waits to be published.
async fn count(relay: &Relay) {
    let settled: Cursors = relay.board(|board| board.settled());
    let counted = waiting(&relay.db, &relay.options.part, &settled, COUNT_AT_MOST).await;
    let told = counted.map(|count| relay.vitals.metrics.unpublished.set(count));
    let counting = &relay.vitals.counting;
    counting.hear(&told, "cannot count what waits to be published");
}

/// Writes the heartbeat; `goodbye` when the relay stops in order.
pub async fn beat(relay: &Relay, goodbye: bool) {
    let (settled, partitions) = relay.board(|board| {
        let settled = board.settled();
        let partitions: Vec<i32> = settled.keys().copied().collect();
        (settled, partitions)
    });
    let lag = if partitions.is_empty() {
        None
    } else {
        match lag_ms(&relay.db, &relay.options.part, &settled).await {
            Ok(lag) => {
                relay.vitals.lag.over();
                Some(lag.unwrap_or(0))
            }
            Err(error) => {
                if relay.vitals.lag.is_new(&error.to_string()) {
                    tracing::warn!(%error, "cannot measure the lag");
                }
                None
            }
        }
    };
    let vitals = &relay.vitals;
    // Who cannot publish holds its partitions for the sweeper alone.
    let published = if relay.why_not().is_none() {
        partitions.len()
    } else {
        0
    };
    vitals.measured(published, relay.board(|board| board.flying()), lag);
    let beat = vitals.change(|beat| {
        beat.partitions = partitions;
        beat.lag_ms = lag;
        let metrics = &vitals.metrics;
        beat.published = metrics.published.get().cast_signed();
        beat.failed = (metrics.refused.get() + metrics.failed.get()).cast_signed();
        beat.clone()
    });
    let mut written = beat_relay(&relay.db, &beat, goodbye).await;
    if written.is_ok() && !vitals.says_config.load(Ordering::Relaxed) {
        let config = relay.options.part.config_id;
        written = relay_serves(&relay.db, &beat.relay_id, config).await;
        vitals.says_config.store(written.is_ok(), Ordering::Relaxed);
    }
    relay.carrying.beat(&written);
    vitals
        .heartbeat
        .hear(&written, "cannot write the heartbeat");
}

//! The relay's pulse: once a second it tells what it holds, how far it is behind and what went wrong, whatever else is stuck.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use chrono::Utc;

use super::relay::{Relay, RelayOptions};
use crate::store::{
    heartbeat::{RelayBeat, beat_relay},
    outbox::lag_ms,
};

const BEAT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Vitals {
    beat: Mutex<RelayBeat>,
    published: AtomicU64,
    failed: AtomicU64,
}

impl Vitals {
    pub fn new(options: &RelayOptions) -> Vitals {
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
        Vitals {
            beat: Mutex::new(beat),
            published: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    pub fn published(&self, count: usize) {
        if count > 0 {
            self.published.fetch_add(count as u64, Relaxed);
            self.change(|beat| beat.last_ack_at = Some(Utc::now()));
        }
    }

    pub fn failed(&self, count: usize) {
        self.failed.fetch_add(count as u64, Relaxed);
    }

    /// Something went wrong; the same thing is told once.
    pub fn trouble(&self, why: String) {
        self.change(|beat| {
            if beat.last_error.as_deref() == Some(&why) {
                tracing::debug!(%why, "still in trouble");
            } else {
                tracing::warn!(%why, "trouble");
            }
            beat.last_error = Some(why);
            beat.last_error_at = Some(Utc::now());
        });
    }

    fn change<V>(&self, change: impl FnOnce(&mut RelayBeat) -> V) -> V {
        change(&mut self.beat.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Beats until the relay has ended.
pub async fn pulse(relay: &Relay) {
    let mut counted = 0;
    let mut since = Instant::now();
    loop {
        beat(relay, false).await;
        tokio::select! {
            () = tokio::time::sleep(BEAT) => {}
            () = relay.ended() => return,
        }
        let published = relay.vitals.published.load(Relaxed);
        let now = (published - counted) as f64 / since.elapsed().as_secs_f64();
        (counted, since) = (published, Instant::now());
        relay.vitals.change(|beat| {
            let before = beat.rate.unwrap_or(now);
            beat.rate = Some(before * 0.7 + now * 0.3);
        });
    }
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
            Ok(lag) => Some(lag.unwrap_or(0)),
            Err(error) => {
                tracing::warn!(%error, "cannot measure the lag");
                None
            }
        }
    };
    let vitals = &relay.vitals;
    let beat = vitals.change(|beat| {
        beat.partitions = partitions;
        beat.lag_ms = lag;
        beat.published = vitals.published.load(Relaxed).cast_signed();
        beat.failed = vitals.failed.load(Relaxed).cast_signed();
        beat.clone()
    });
    if let Err(error) = beat_relay(&relay.db, &beat, goodbye).await {
        tracing::warn!(%error, "cannot write the heartbeat");
    }
}

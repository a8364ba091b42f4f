//! What one path of a worker has done since it started: its heartbeat and `/metrics` tell.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use prometheus_client::metrics::{counter::Counter, gauge::Gauge, histogram::Histogram};

use crate::store::record::Recorded;

#[derive(Debug)]
pub struct Counters {
    pub claimed: Counter,
    /// Claimed although the event preferred the other path.
    pub took_over: Counter,
    /// Claimed from a worker that died without a result.
    pub ambiguous: Counter,
    pub delivered: Counter,
    /// Failed, with a further attempt to come.
    pub retrying: Counter,
    pub dead: Counter,
    /// Results that came after the lease had ended.
    pub lost: Counter,
    /// Messages received, acknowledged, and received before (NATS only).
    pub received: Counter,
    pub acked: Counter,
    pub redelivered: Counter,
    /// Messages that wavegate did not publish.
    pub strange: Counter,
    /// Messages whose bytes are not those that the event was born with (NATS only).
    pub other_bytes: Counter,
    /// Set aside by name.
    pub stuck: Counter,
    /// Results that wait because a row is locked or PostgreSQL refuses them.
    pub waiting: Gauge,
    pub in_flight: Gauge,
    /// Seconds that attempts took.
    pub duration: Histogram,
    /// Seconds from an event's creation to its delivery.
    pub latency: Histogram,
    pub(super) notes: Notes,
}

/// What the heartbeat tells beside numbers.
#[derive(Debug, Default)]
pub struct Notes {
    last_error: Mutex<Option<String>>,
    /// Webhooks claimed for since the last flush.
    active: Mutex<BTreeSet<i32>>,
    /// Attempts and the microseconds they took: a histogram does not tell its sum.
    attempts: AtomicU64,
    micros: AtomicU64,
    /// Somebody was told that the stream has messages of other databases.
    told_unknown: AtomicBool,
}

impl Counters {
    pub fn add(counter: &Counter, count: usize) {
        counter.inc_by(count as u64);
    }

    pub fn get(counter: &Counter) -> i64 {
        counter.get().cast_signed()
    }

    /// Attempts that did not deliver, dead ones too.
    pub fn failed(&self) -> i64 {
        Self::get(&self.retrying) + Self::get(&self.dead)
    }

    pub fn attempted(&self, took_ms: f64) {
        self.duration.observe(took_ms / 1000.0);
        self.notes.attempts.fetch_add(1, Relaxed);
        self.notes
            .micros
            .fetch_add((took_ms * 1000.0) as u64, Relaxed);
    }

    /// Notes what a batch of attempts led to; returns how many of their results came too late.
    pub fn recorded(&self, attempts: usize, recorded: &Recorded) -> u64 {
        let later = (recorded.locked.len() + recorded.kept.len()) as u64;
        let written = recorded.delivered + recorded.retrying + recorded.dead;
        let lost = (attempts as u64).saturating_sub(written + later);
        self.delivered.inc_by(recorded.delivered);
        self.retrying.inc_by(recorded.retrying);
        self.dead.inc_by(recorded.dead);
        self.lost.inc_by(lost);
        for seconds in &recorded.latencies {
            self.latency.observe(*seconds);
        }
        lost
    }

    /// Mean time of an attempt, milliseconds.
    pub fn mean_ms(&self) -> Option<f64> {
        let attempts = self.notes.attempts.load(Relaxed);
        let micros = self.notes.micros.load(Relaxed);
        (attempts > 0).then(|| micros as f64 / attempts as f64 / 1000.0)
    }

    pub fn trouble(&self, text: String) {
        *locked(&self.notes.last_error) = Some(text);
    }

    /// Is this the first message of an event that this database does not have?
    pub fn first_unknown(&self) -> bool {
        !self.notes.told_unknown.swap(true, Relaxed)
    }

    pub fn last_error(&self) -> Option<String> {
        locked(&self.notes.last_error).clone()
    }

    pub fn claimed_for(&self, webhook_id: i32) {
        locked(&self.notes.active).insert(webhook_id);
    }

    pub fn take_active(&self) -> Vec<i32> {
        std::mem::take(&mut *locked(&self.notes.active))
            .into_iter()
            .collect()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Resident memory of this process, bytes.
pub fn rss_bytes() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: i64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

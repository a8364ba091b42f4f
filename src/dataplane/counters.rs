//! What one worker has done since it started; its heartbeat tells.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI32, AtomicU64, Ordering::Relaxed},
    },
};

#[derive(Debug, Default)]
pub struct Counters {
    pub claimed: AtomicU64,
    pub delivered: AtomicU64,
    pub failed: AtomicU64,
    /// Messages received, acknowledged, and received before (NATS only).
    pub received: AtomicU64,
    pub acked: AtomicU64,
    pub redelivered: AtomicU64,
    /// Messages that wavegate did not publish.
    pub strange: AtomicU64,
    pub in_flight: AtomicI32,
    /// Attempts and the microseconds they took.
    pub attempts: AtomicU64,
    pub micros: AtomicU64,
    last_error: Mutex<Option<String>>,
    /// Webhooks claimed for since the last flush.
    active: Mutex<BTreeSet<i32>>,
}

impl Counters {
    pub fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Relaxed);
    }

    pub fn get(counter: &AtomicU64) -> i64 {
        counter.load(Relaxed).cast_signed()
    }

    pub fn attempted(&self, took_ms: f64) {
        self.attempts.fetch_add(1, Relaxed);
        self.micros.fetch_add((took_ms * 1000.0) as u64, Relaxed);
    }

    /// Mean time of an attempt, milliseconds.
    pub fn mean_ms(&self) -> Option<f64> {
        let attempts = self.attempts.load(Relaxed);
        (attempts > 0).then(|| self.micros.load(Relaxed) as f64 / attempts as f64 / 1000.0)
    }

    pub fn trouble(&self, text: String) {
        *self
            .last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    pub fn last_error(&self) -> Option<String> {
        self.last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn claimed_for(&self, webhook_id: i32) {
        self.active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(webhook_id);
    }

    pub fn take_active(&self) -> Vec<i32> {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *active).into_iter().collect()
    }
}

/// Resident memory of this process, bytes.
pub fn rss_bytes() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: i64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

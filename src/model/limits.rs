//! What a wave's gates allow: the plan's `gates:` with the defaults filled in.

use std::time::Duration;

use serde::Serialize;

/// Limits of one wave. Rates and ratios are fractions (1 % is 0.01).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateLimits {
    /// A two-route event younger than this, from its due time, is in grace.
    pub parity_horizon: Duration,
    /// NATS may fail this much more often than the queue.
    pub success_margin: f64,
    /// NATS must be at least this many times as fast.
    pub latency_ratio: f64,
    /// Which quantile is compared, for example 0.95.
    pub latency_quantile: f64,
    /// Failures per minute of the NATS path beyond the queue's.
    pub errors_per_minute: f64,
    pub nats_workers: u32,
    pub queue_workers: u32,
    pub worker_silent_after: Duration,
    /// Queue rows that are due and wait.
    pub backlog_queue: u64,
    /// Stream messages pending or unacknowledged.
    pub backlog_stream: u64,
    /// Age of the oldest unpublished event.
    pub backlog_lag: Duration,
    /// Fewer events than this are too few to judge.
    pub min_events: u64,
}

impl Default for GateLimits {
    fn default() -> Self {
        GateLimits {
            parity_horizon: Duration::from_secs(120),
            success_margin: 0.01,
            latency_ratio: 0.8,
            latency_quantile: 0.95,
            errors_per_minute: 10.0,
            nats_workers: 2,
            queue_workers: 1,
            worker_silent_after: Duration::from_secs(30),
            backlog_queue: 10_000,
            backlog_stream: 1_000,
            backlog_lag: Duration::from_secs(5),
            min_events: 100,
        }
    }
}

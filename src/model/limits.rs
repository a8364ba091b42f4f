//! What a wave's gates allow: the plan's `gates:` with the defaults filled in.

use std::time::Duration;

use serde::Serialize;

/// Limits of one wave. Rates and ratios are fractions (1 % is 0.01).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateLimits {
    /// A two-route event younger than this, from its due time, is in grace.
    pub parity_horizon: Duration,
    /// One that is later than this is lost, whatever its state; unset, five horizons.
    pub parity_lost_after: Option<Duration>,
    /// A pass rests on an event that is no older than this; unset, a part of the step.
    pub traffic_within: Option<Duration>,
    /// NATS may fail this much more often than the queue.
    pub success_margin: f64,
    /// NATS must be at least this many times as fast.
    pub latency_ratio: f64,
    /// Which quantile is compared, for example 0.95.
    pub latency_quantile: f64,
    /// Length of the blocks of time of `success`; unset, a part of the soak.
    pub block: Option<Duration>,
    /// Plain limit of the 99th percentile of NATS.
    pub latency_max_p99: Option<Duration>,
    /// NATS may fail this much more often than before the migration; half the rate of then, within 0.1 and 1 point, if unset.
    pub baseline_margin: Option<f64>,
    /// The least success rate of the NATS path.
    pub success_min_rate: Option<f64>,
    /// Failures per minute of the NATS path beyond the queue's.
    pub errors_per_minute: f64,
    pub nats_workers: u32,
    pub queue_workers: u32,
    pub worker_silent_after: Duration,
    /// So long they must have been alive.
    pub workers_stable_for: Option<Duration>,
    /// Queue rows that are due and wait.
    pub backlog_queue: u64,
    /// Stream messages pending or unacknowledged.
    pub backlog_stream: u64,
    /// Age of the oldest unpublished event.
    pub backlog_lag: Duration,
    /// At so many looks in a row the backlog may not have grown; 0: nobody asks.
    pub backlog_growth_looks: u32,
    /// Dead events of the step at most.
    pub dead_max: Option<u64>,
    /// Ambiguous attempts of the step at most: each may have doubled a delivery.
    pub duplicates_max: Option<u64>,
    /// Fewer events than this are too few to judge.
    pub min_events: u64,
}

impl Default for GateLimits {
    fn default() -> Self {
        GateLimits {
            parity_horizon: Duration::from_secs(120),
            parity_lost_after: None,
            traffic_within: None,
            success_margin: 0.01,
            latency_ratio: 0.8,
            latency_quantile: 0.95,
            block: None,
            latency_max_p99: None,
            baseline_margin: None,
            success_min_rate: None,
            errors_per_minute: 10.0,
            nats_workers: 2,
            queue_workers: 1,
            worker_silent_after: Duration::from_secs(30),
            workers_stable_for: None,
            backlog_queue: 10_000,
            backlog_stream: 1_000,
            backlog_lag: Duration::from_secs(5),
            backlog_growth_looks: 5,
            dead_max: None,
            duplicates_max: None,
            min_events: 100,
        }
    }
}

impl GateLimits {
    /// An event that is later than this, from its due time, is lost.
    pub fn lost_after(&self) -> Duration {
        let horizons = self.parity_horizon.saturating_mul(5);
        self.parity_lost_after
            .unwrap_or(horizons)
            .max(self.parity_horizon)
    }
}

//! What was measured of the two arms and of the queue, before anybody judges it.
//! Filled by `store`; the fields carry the names of the columns of `sql/gates/`.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// One arm of one webhook (or of all, where `webhook_id` is `None`) since the step began.
/// An arm is what the event's hash preferred at birth, whoever delivered it in the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, sqlx::FromRow)]
pub struct ArmCounts {
    pub webhook_id: Option<i32>,
    /// `queue` or `nats`.
    pub prefers: String,
    pub events: i64,
    /// Events old enough to be judged: created before now - horizon, and due.
    pub judged: i64,
    /// Judged, and delivered by the arm itself.
    pub delivered: i64,
    /// Judged, and dead or taken over by the other path.
    pub failed: i64,
    pub dead: i64,
    pub taken_over: i64,
    /// Judged, and neither delivered nor dead yet.
    pub undelivered: i64,
    /// The gate's quantile, the median and the 99th percentile, from creation to delivery, milliseconds.
    pub quantile_ms: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    /// Events, and failed attempts or takeovers, of the last minutes.
    pub recent_events: i64,
    pub recent_failures: i64,
    pub newest_error: Option<String>,
    /// Two-route events, of all ages.
    pub two_route: i64,
    /// Two-route events whose due time lies before the horizon.
    pub ripe: i64,
    pub unpublished: i64,
    pub unseen: i64,
    /// Ripe, and neither delivered nor dead.
    pub unfinished: i64,
    /// Ripe, and NATS can never carry them.
    pub void: i64,
    /// Ripe with any of the four faults above; an event counts once.
    pub missing: i64,
    /// Events of the NATS route alone that are due before the horizon and neither delivered nor dead.
    pub late_single: i64,
    pub single: i64,
}

/// An event that parity misses.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct MissingEvent {
    pub event_id: String,
    pub webhook_id: i32,
    /// `unpublished`, `unseen`, `void` or `undelivered`.
    pub what: String,
}

/// The queue rows of one webhook.
#[derive(Debug, Clone, Default, PartialEq, Serialize, sqlx::FromRow)]
pub struct QueueCounts {
    pub webhook_id: i32,
    /// Rows created since the step began.
    pub born: i64,
    /// Of these, rows without an event id: written past the unified functions.
    pub unrouted: i64,
    pub pending: i64,
    pub retrying: i64,
    pub processing: i64,
    /// Rows whose time has come and which nobody holds.
    pub due: i64,
    /// `processing` with no live claim: their worker is gone.
    pub orphaned: i64,
    /// Successes of the last hour that none of our workers claimed.
    pub foreign_done: i64,
    pub oldest_due: Option<DateTime<Utc>>,
}

impl QueueCounts {
    /// Rows that are not finished, whatever their due time.
    pub fn waiting(&self) -> i64 {
        self.pending + self.retrying + self.processing
    }
}

/// Everything measured for one evaluation.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Per webhook and arm.
    pub arms: Vec<ArmCounts>,
    /// All webhooks of the wave together.
    pub queue_arm: ArmCounts,
    pub nats_arm: ArmCounts,
    /// Length of the recent window in minutes, at least one.
    pub recent_minutes: f64,
    /// Ids that parity misses, the first few.
    pub missing: Vec<MissingEvent>,
    pub baseline: Baseline,
}

/// What the queue arm last measured in this migration; it stands in where share 100 leaves no queue arm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Baseline {
    pub failure_rate: Option<f64>,
    pub quantile_ms: Option<f64>,
}

impl Counts {
    /// Sorts the rows of the ledger pass: those without a webhook are the pooled arms.
    pub fn from_rows(rows: Vec<ArmCounts>, recent_minutes: f64) -> Self {
        let mut counts = Counts {
            recent_minutes: recent_minutes.max(1.0),
            ..Counts::default()
        };
        for row in rows {
            match (row.webhook_id, row.prefers.as_str()) {
                (Some(_), _) => counts.arms.push(row),
                (None, "nats") => counts.nats_arm = row,
                (None, _) => counts.queue_arm = row,
            }
        }
        counts
    }

    /// Both arms of each webhook that has both: NATS, queue.
    pub fn pairs(&self) -> impl Iterator<Item = (&ArmCounts, &ArmCounts)> {
        self.arms
            .iter()
            .filter(|arm| arm.prefers == "nats")
            .filter_map(|nats| {
                self.arms
                    .iter()
                    .find(|arm| arm.prefers == "queue" && arm.webhook_id == nats.webhook_id)
                    .map(|queue| (nats, queue))
            })
    }

    /// At share 100 and in `nats` there is no queue arm: what is counted there was born in transactions that began before the
    /// flip, too few and too few for ever to compare with.
    #[must_use]
    pub fn of_nats_alone(&self) -> Counts {
        let mut counts = self.clone();
        counts.queue_arm = ArmCounts::default();
        counts.arms.retain(|arm| arm.prefers == "nats");
        counts
    }

    pub fn events(&self) -> i64 {
        self.queue_arm.events + self.nats_arm.events
    }

    /// Sum of a count over both arms.
    pub fn both(&self, count: impl Fn(&ArmCounts) -> i64) -> i64 {
        count(&self.queue_arm) + count(&self.nats_arm)
    }

    /// The newest error of the arm, if one was recorded.
    pub fn newest_error(&self, arm: &ArmCounts) -> Option<String> {
        arm.newest_error
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

//! What a rehearsal in the lab came to: every event that was emitted, against what the receiver got.

use std::time::Duration;

use serde::Serialize;

use super::millis;

/// One wave of the audit; counts are events, told apart by their id at the receiver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WaveAudit {
    pub wave: String,
    pub webhooks: u64,
    /// Committed calls.
    pub emitted: u64,
    /// Answered 2xx at least once.
    pub delivered: u64,
    /// Never answered 2xx, and not dead either.
    pub lost: u64,
    /// Answered 2xx more than once, beyond the ambiguous ones.
    pub duplicated: u64,
    /// Sent twice because the worker was killed between the POST and its result: the one thing no sender can rule out.
    pub ambiguous: u64,
    /// Received, though the caller rolled back or never called.
    pub ghosts: u64,
    /// Given up by the webhook's own retry settings.
    pub dead: u64,
    /// POSTs that the endpoint answered with an error or not at all, and that were tried again.
    pub retried: u64,
}

impl WaveAudit {
    /// Nothing lost, nothing doubled, nothing invented, nothing given up.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.ghosts == 0 && self.dead == 0
    }

    /// Adds the counts of another row, for the total.
    pub fn add(&mut self, other: &WaveAudit) {
        self.webhooks += other.webhooks;
        self.emitted += other.emitted;
        self.delivered += other.delivered;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.ambiguous += other.ambiguous;
        self.ghosts += other.ghosts;
        self.dead += other.dead;
        self.retried += other.retried;
    }
}

/// Something that was broken on purpose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Injury {
    /// Since the start.
    #[serde(rename = "at_ms", serialize_with = "millis")]
    pub at: Duration,
    pub what: String,
    /// What was in flight just then, in words.
    pub in_flight: String,
}

/// How the callers fared: they must neither fail nor wait, whatever is killed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Callers {
    pub sessions: usize,
    pub committed: u64,
    /// Calls whose transaction was rolled back on purpose.
    pub rolled_back: u64,
    /// Transactions that failed.
    pub failed: u64,
    pub first_error: Option<String>,
    /// Committed events per second while traffic ran.
    pub per_second: f64,
    /// Time of one transaction, milliseconds.
    pub p99_ms: f64,
    pub slowest_ms: f64,
}

/// The end of `lab demo`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rehearsal {
    pub seed: u64,
    pub scale: f64,
    pub shape: String,
    #[serde(rename = "elapsed_ms", serialize_with = "millis")]
    pub elapsed: Duration,
    pub waves: Vec<WaveAudit>,
    pub total: WaveAudit,
    pub injuries: Vec<Injury>,
    pub callers: Callers,
    /// A few ids behind each count that should be zero.
    pub examples: Vec<String>,
}

impl Rehearsal {
    /// Every wave holds, and no caller noticed.
    pub fn holds(&self) -> bool {
        self.total.emitted > 0
            && self.callers.failed == 0
            && self.waves.iter().all(WaveAudit::holds)
    }
}

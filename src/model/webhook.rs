//! One webhook as planner, selectors and screens see it.

use serde::Serialize;

use super::PublishMode;

/// A row of `rule_webhooks` with its volume, whichever shape the database has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Webhook {
    pub id: i32,
    pub name: String,
    pub enabled: bool,
    pub tags: Vec<String>,
    pub mode: PublishMode,
    /// `nats_share`, 0..100; meaningful in mode `both`.
    pub share: u8,
    /// `mode_epoch`: rises by one with every change of mode, share, subject or config.
    pub epoch: i64,
    pub subject: Option<String>,
    /// A fence forbids the NATS path to deliver this webhook's events.
    pub fenced: bool,
    /// Calls created in the last seven days.
    pub calls_7d: i64,
    pub failed_7d: i64,
    /// Mean time from creation to completion over the last seven days, milliseconds.
    pub mean_latency_ms: Option<f64>,
}

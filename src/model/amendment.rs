//! What another text of a plan under way changes.

use serde::Serialize;

/// The changes, before they are agreed to and after.
#[derive(Debug, Clone, Serialize)]
pub struct Amendment {
    /// Lines of the text that differ, with - and +.
    pub lines: Vec<String>,
    /// Waves that come, go, or change their members; none of them has moved.
    pub waves: Vec<AmendedWave>,
    /// Webhooks in no wave that the plan gives to one that has moved: they stay in the queue.
    pub left_out: Vec<LeftOut>,
}

/// One wave that changes.
#[derive(Debug, Clone, Serialize)]
pub struct AmendedWave {
    pub wave: String,
    pub change: WaveChange,
    /// Names of webhooks that come to it, and that leave it.
    pub gained: Vec<String>,
    pub lost: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaveChange {
    New,
    Gone,
    Members,
}

/// A webhook that came too late for its wave.
#[derive(Debug, Clone, Serialize)]
pub struct LeftOut {
    pub webhook: String,
    pub wave: String,
}

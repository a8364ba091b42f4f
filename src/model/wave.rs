//! Where a wave stands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What `wavegate.wave.step` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step", content = "share")]
pub enum WaveStep {
    /// Nothing has been changed yet.
    Pending,
    /// In `both`, with this percentage delivered by NATS.
    Hybrid(u8),
    /// In `nats`, being watched.
    Nats,
    /// In `nats`, watched long enough.
    Finished,
    /// Taken back; stays so until resumed on purpose.
    RolledBack,
}

impl WaveStep {
    /// Something of it is NATS's, and it is not finished.
    pub fn is_moved(self) -> bool {
        matches!(self, WaveStep::Hybrid(_) | WaveStep::Nats)
    }
}

impl fmt::Display for WaveStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaveStep::Pending => f.pad("pending"),
            WaveStep::Hybrid(share) => f.pad(&format!("hybrid {share} %")),
            WaveStep::Nats => f.pad("nats"),
            WaveStep::Finished => f.pad("finished"),
            WaveStep::RolledBack => f.pad("rolled back"),
        }
    }
}

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// Level 1: `both` at share 0, so that the queue delivers all; what is in `queue` stays there.
    Both,
    /// Level 2: `queue`, with what was first found.
    Queue,
}

/// One wave of a migration that is under way.
#[derive(Debug, Clone, Serialize)]
pub struct WaveStatus {
    pub name: String,
    /// Position in the plan, from 1.
    pub position: i32,
    #[serde(flatten)]
    pub step: WaveStep,
    /// 1, and one more after every rollback.
    pub attempt: i32,
    pub entered_at: Option<chrono::DateTime<chrono::Utc>>,
    pub members: i64,
}

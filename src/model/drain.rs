//! What is left in the queue.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Queue rows that are neither delivered nor dead.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Drain {
    pub pending: i64,
    pub processing: i64,
    pub retrying: i64,
    /// Of these, not due yet.
    pub future: i64,
    /// At most 20 rows that are `processing` although nobody can still work on them: somebody must decide.
    pub orphaned: Vec<Orphan>,
}

/// A queue row whose worker is gone.
#[derive(Debug, Clone, Serialize, Deserialize, sqlx::FromRow)]
pub struct Orphan {
    pub call_id: i64,
    pub webhook_id: i32,
    pub webhook_name: String,
    pub started_at: Option<DateTime<Utc>>,
    pub claimed_by: Option<String>,
}

impl Drain {
    pub fn left(&self) -> i64 {
        self.pending + self.processing + self.retrying
    }

    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }
}

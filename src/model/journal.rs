//! What was done, by whom, and what it changed.

use serde::Serialize;
use serde_json::Value;

/// One row of `wavegate.journal`; rows are appended and never changed.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct JournalEntry {
    pub id: i64,
    pub at: chrono::DateTime<chrono::Utc>,
    /// The database role and, where known, the operating system user.
    pub who: String,
    pub host: String,
    /// The command as typed, without secrets.
    pub command: String,
    /// For example `flip.intent`, `flip.done`, `rollback.fence`, `schema.step`.
    pub step: String,
    pub wave: Option<String>,
    pub webhook_id: Option<i32>,
    pub before: Value,
    pub after: Value,
}

//! Transactions that a barrier waits for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A transaction that began before the barrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Running {
    /// The virtual transaction id: unique among running transactions, whether they write or not.
    pub vxid: String,
    pub pid: i32,
    pub user_name: Option<String>,
    pub application_name: Option<String>,
    pub state: Option<String>,
    /// When the transaction began; `None` where this role may not see it.
    pub since: Option<DateTime<Utc>>,
    /// This role may not see more than the pid and names.
    pub hidden: bool,
}

/// A transaction prepared for two-phase commit; it has no session any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct PreparedTransaction {
    pub gid: String,
    pub user_name: Option<String>,
    pub since: Option<DateTime<Utc>>,
}

/// A barrier that was passed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Passed {
    /// Transactions that it waited for.
    pub noted: usize,
    pub prepared: usize,
    /// Left out on request.
    pub ignored: Vec<Running>,
    pub waited_ms: u64,
}

//! The columns by which a webhook's events take their route, and what becomes of them.

use serde::{Deserialize, Serialize};

use super::PublishMode;

/// What a flip writes and a rollback restores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    pub publish_mode: PublishMode,
    pub nats_enabled: bool,
    pub nats_subject: Option<String>,
    pub nats_config_id: Option<i32>,
    pub nats_share: i16,
    #[serde(default = "takeover_default")]
    pub nats_takeover_after_ms: i32,
}

fn takeover_default() -> i32 {
    30_000
}

/// One webhook with its columns and epoch at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Routing {
    pub webhook_id: i32,
    pub name: String,
    pub enabled: bool,
    pub epoch: i64,
    #[serde(flatten)]
    pub columns: Columns,
}

/// What becomes of one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub webhook_id: i32,
    pub name: String,
    pub enabled: bool,
    pub wave: Option<String>,
    /// The epoch that was read together with `before`.
    pub epoch: i64,
    pub before: Columns,
    pub after: Columns,
}

/// How the events of the present epochs are routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, sqlx::FromRow)]
pub struct Routes {
    pub both_routes: i64,
    pub nats_alone: i64,
    /// Undelivered, and without the queue row or the payload that they should have.
    pub broken: i64,
}

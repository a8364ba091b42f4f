//! Where everything stands at one moment, read in one grouped query.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Db, state::not_installed};
use crate::error::Result;

/// The webhooks of one wave, or of none.
#[derive(Debug, Clone, Default, Serialize, sqlx::FromRow)]
pub struct Standing {
    /// The wave's place in the plan; `None` for webhooks of no wave.
    pub position: Option<i32>,
    pub webhooks: i64,
    pub in_queue: i64,
    pub in_both: i64,
    pub in_nats: i64,
    pub fenced: i64,
    pub disabled: i64,
    /// Events of the ledger that are neither delivered nor dead.
    pub undelivered: i64,
    /// Queue rows that are neither delivered nor dead.
    pub waiting: i64,
    /// Webhooks in the queue alone that have such rows.
    #[serde(skip)]
    pub waiting_in_queue: Vec<String>,
}

/// By wave of this migration; without one, all webhooks in one line.
pub async fn read(db: &Db, migration_id: Option<i32>) -> Result<Vec<Standing>> {
    sqlx::query_as(include_str!("../../sql/state/standing.sql"))
        .bind(migration_id)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// How one webhook stands.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct WebhookStanding {
    pub webhook_id: i32,
    pub name: String,
    pub enabled: bool,
    /// `queue`, `both` or `nats`.
    pub mode: String,
    /// Of its events that NATS delivers, in `both`, percent.
    pub share: i16,
    pub fenced: bool,
    /// Events of the ledger that are neither delivered nor dead.
    pub undelivered: i64,
    /// Queue rows that are neither delivered nor dead.
    pub waiting: i64,
    /// `closed`, `open` or `half_open`: one attempt at a time is let through.
    pub circuit: String,
    pub circuit_until: Option<DateTime<Utc>>,
    /// Failed attempts since the last success.
    pub failures: i32,
    /// When each path last claimed an event of it.
    pub queue_claimed_at: Option<DateTime<Utc>>,
    pub nats_claimed_at: Option<DateTime<Utc>>,
    /// The last delivery among its newest hundred events of the ledger.
    pub delivered_at: Option<DateTime<Utc>>,
}

/// Of these webhooks, those that still exist, by id.
pub async fn of_webhooks(
    db: &Db,
    webhooks: &[i32],
    now: DateTime<Utc>,
) -> Result<Vec<WebhookStanding>> {
    sqlx::query_as(include_str!("../../sql/state/of_webhooks.sql"))
        .bind(webhooks)
        .bind(now)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

//! May the schema be taken back? PROTOCOL, rollback level 3: no undelivered event, every webhook in `queue`.

use serde::Serialize;
use sqlx::{AssertSqlSafe, PgConnection};

use super::indexes::exists;
use crate::{error::Result, store::Shape};

/// What stands against it, and what would be lost.
#[derive(Debug, Clone, Default, Serialize, sqlx::FromRow)]
pub struct Obstacles {
    /// Events of the ledger that are neither delivered nor dead.
    pub undelivered: i64,
    /// All events of the ledger; their history goes.
    pub events: i64,
    /// Lines of the journal; they go too.
    pub journal: i64,
    /// Webhooks in `both` or `nats`.
    pub elsewhere: i64,
    /// The first of these.
    pub names: Vec<String>,
    /// Relays and workers of ours that are running.
    #[sqlx(default)]
    pub running: i64,
}

impl Obstacles {
    /// Nothing stands against it.
    pub fn none(&self) -> bool {
        self.undelivered == 0 && self.elsewhere == 0 && self.running == 0
    }
}

/// Counts now; all zero where the ledger does not exist (any more).
pub async fn obstacles(
    connection: &mut PgConnection,
    shape: &Shape,
) -> Result<Obstacles, sqlx::Error> {
    let mut obstacles = Obstacles::default();
    if exists(connection, &shape.qualified("{schema}.rule_webhook_events")).await? {
        obstacles = sqlx::query_as(AssertSqlSafe(
            shape.qualified(include_str!("../../../sql/schema/undelivered.sql")),
        ))
        .fetch_one(&mut *connection)
        .await?;
    }
    if exists(connection, "wavegate.relay").await? && exists(connection, "wavegate.worker").await? {
        obstacles.running =
            sqlx::query_scalar(include_str!("../../../sql/schema/relays_alive.sql"))
                .fetch_one(connection)
                .await?;
    }
    Ok(obstacles)
}

/// Shuts writers of the ledger out until the transaction ends.
pub async fn lock_ledger(connection: &mut PgConnection, shape: &Shape) -> Result<(), sqlx::Error> {
    let lock = shape.qualified(include_str!("../../../sql/schema/lock_ledger.sql"));
    sqlx::raw_sql(AssertSqlSafe(lock))
        .execute(connection)
        .await
        .map(|_| ())
}

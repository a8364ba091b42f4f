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
    /// Of these, such as the queue cannot deliver by itself.
    pub stranded: i64,
    /// Of these, such as are set aside until a person decides.
    pub stuck: i64,
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
    /// Each of them, with its host and process.
    #[sqlx(default)]
    pub running_are: Vec<String>,
    /// What others made that depends on our objects, by name.
    #[sqlx(default)]
    pub dependents: Vec<String>,
    /// Owners whose rights this role does not have.
    #[sqlx(default)]
    pub owners: Vec<String>,
}

impl Obstacles {
    /// Nothing stands against it.
    pub fn none(&self) -> bool {
        self.stranded == 0 && self.elsewhere == 0 && self.unmended().none_but_these()
    }

    /// What a rollback of everything does not mend: to be looked at before its first step.
    pub fn unmended(&self) -> Obstacles {
        Obstacles {
            stranded: self.stuck,
            elsewhere: 0,
            names: Vec::new(),
            ..self.clone()
        }
    }

    fn none_but_these(&self) -> bool {
        self.running == 0 && self.dependents.is_empty() && self.owners.is_empty()
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
        obstacles.running_are =
            sqlx::query_scalar(include_str!("../../../sql/schema/relays_alive.sql"))
                .fetch_all(connection)
                .await?;
        obstacles.running = obstacles.running_are.len() as i64;
    }
    Ok(obstacles)
}

/// The same with dependents and owners: what stops a step is known before the first.
pub async fn all_obstacles(
    connection: &mut PgConnection,
    shape: &Shape,
) -> Result<Obstacles, sqlx::Error> {
    let mut obstacles = obstacles(connection, shape).await?;
    if exists(connection, "wavegate.schema_step").await? {
        obstacles.dependents = in_the_way(connection, shape, false).await?;
        obstacles.owners = in_the_way(connection, shape, true).await?;
    }
    Ok(obstacles)
}

async fn in_the_way(
    connection: &mut PgConnection,
    shape: &Shape,
    owners: bool,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("../../../sql/schema/dependents.sql"))
        .bind(&shape.schema)
        .bind(owners)
        .fetch_all(connection)
        .await
}

/// Shuts writers of the ledger out until the transaction ends.
pub async fn lock_ledger(connection: &mut PgConnection, shape: &Shape) -> Result<(), sqlx::Error> {
    let lock = shape.qualified(include_str!("../../../sql/schema/lock_ledger.sql"));
    sqlx::raw_sql(AssertSqlSafe(lock))
        .execute(connection)
        .await
        .map(|_| ())
}

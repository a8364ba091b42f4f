//! Who stands in the way: other sessions' locks on the tables, and the one right to change the schema.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};

use crate::error::Result;

/// A session that holds something we want.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct TableHolder {
    pub pid: i32,
    pub application: String,
    pub role: String,
    pub relation: String,
    pub mode: String,
    pub since: Option<DateTime<Utc>>,
}

impl fmt::Display for TableHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {} ({}", self.pid, self.application)?;
        if !self.role.is_empty() {
            write!(f, ", {}", self.role)?;
        }
        // The same words as long as the same is waited for: logs tell what changes.
        if let Some(since) = self.since {
            write!(f, ", since {}", since.format("%Y-%m-%d %H:%M:%S UTC"))?;
        }
        if !self.relation.is_empty() {
            write!(f, ", {}", self.relation)?;
        }
        f.write_str(")")
    }
}

/// The right to change the schema, held as long as this session lives; false where another has it.
pub async fn lock(connection: &mut PgConnection) -> Result<bool> {
    Ok(
        sqlx::query_scalar(include_str!("../../../sql/schema/lock.sql"))
            .fetch_one(connection)
            .await?,
    )
}

/// Who has that right.
pub async fn lock_holder(connection: &mut PgConnection) -> Result<Option<TableHolder>> {
    Ok(
        sqlx::query_as(include_str!("../../../sql/schema/lock_holder.sql"))
            .fetch_optional(connection)
            .await?,
    )
}

/// Who holds locks on these relations of the engine's schema, or on ours.
pub async fn blockers(
    connection: &mut PgConnection,
    schema: &str,
    names: &[String],
) -> Result<Vec<TableHolder>> {
    Ok(
        sqlx::query_as(include_str!("../../../sql/schema/blockers.sql"))
            .bind(schema)
            .bind(names)
            .fetch_all(connection)
            .await?,
    )
}

/// Whom the backend `pid` waits for right now.
pub async fn waiting_for(pool: &PgPool, pid: i32) -> Result<Vec<TableHolder>> {
    Ok(
        sqlx::query_as(include_str!("../../../sql/schema/waiting_for.sql"))
            .bind(pid)
            .fetch_all(pool)
            .await?,
    )
}

/// The backend of this session.
pub async fn backend_pid(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar(include_str!("../../../sql/schema/backend_pid.sql"))
        .fetch_one(connection)
        .await
}

/// The name of the database.
pub async fn database(connection: &mut PgConnection) -> Result<String> {
    Ok(
        sqlx::query_scalar(include_str!("../../../sql/schema/database.sql"))
            .fetch_one(connection)
            .await?,
    )
}

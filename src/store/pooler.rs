//! Tells a proxy that pools transactions from a server: what our sessions are told (who writes, where tables are looked for, which
//! locks they hold) would be told to sessions of others. Asked in the simple protocol, which such a proxy understands.

use sqlx::{PgConnection, Row};

use crate::error::{Error, Result};

const BACKEND: &str = include_str!("../../sql/relay/backend.sql");

/// Behind such a proxy two of our sessions share backends: another session, inside a transaction, sits on ours, or the next statement
/// of ours is served by another one.
pub async fn refuse(ours: &mut PgConnection, other: &mut PgConnection) -> Result<()> {
    let backend = asked(ours).await?;
    sqlx::raw_sql("BEGIN").execute(&mut *other).await?;
    let theirs = asked(other).await?;
    // With a single backend ours would now wait for the other's end.
    let shared = theirs == backend || !stays(ours, backend).await?;
    sqlx::raw_sql("ROLLBACK").execute(&mut *other).await?;
    if shared || !stays(ours, backend).await? {
        return Err(Error::pooled());
    }
    Ok(())
}

async fn asked(connection: &mut PgConnection) -> Result<i32> {
    let row = sqlx::raw_sql(BACKEND).fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

/// A proxy that takes its backends in turn may come back to the same one by chance.
async fn stays(connection: &mut PgConnection, backend: i32) -> Result<bool> {
    for _ in 0..3 {
        if asked(connection).await? != backend {
            return Ok(false);
        }
    }
    Ok(true)
}

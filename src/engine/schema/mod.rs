//! Migration 007: what is to be done, doing it step by step on a busy database, and taking it back.
//! No policy and no screens here: the commands ask, this carries out.

mod apply;
mod lock_wait;
mod one_step;
mod revert;
mod survey;

pub use apply::{ApplyOptions, apply};
pub use revert::{allowed, revert, undo_statements};
pub use survey::{pending_sql, status, verify};

use std::time::Duration;

use sqlx::PgConnection;

use crate::{
    error::{Error, Result},
    store::{Db, schema},
};

/// How long one statement waits for a lock before it makes way: those who queue behind it wait no longer than that.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// A session of our own that holds the right to change the schema.
async fn session(db: &Db) -> Result<PgConnection> {
    // Detached: with the session goes the advisory lock, also when this future is dropped half-way.
    let mut connection = db.pool().acquire().await?.detach();
    let end = tokio::time::Instant::now() + Duration::from_secs(3);
    // A command that was killed a moment ago may leave its backend behind for an instant.
    while !schema::lock(&mut connection).await? {
        if tokio::time::Instant::now() > end {
            let holder = schema::lock_holder(&mut connection).await?;
            let holder = holder.map_or("another session".to_string(), |holder| holder.to_string());
            return Err(
                Error::refused(format!("{holder} is changing the schema right now"))
                    .hint("wait until it has finished, then run the same command again"),
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(connection)
}

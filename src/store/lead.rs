//! Who leads the relays: a session advisory lock on a connection of its own.

use sqlx::PgConnection;

use super::Db;
use crate::error::{Error, Result};

/// wavegate's class of advisory locks for relays; the second key is the config.
const CLASS: i32 = 0x5747_5259;

/// A session of its own that may lead. Dropped, it gives the lock up.
pub struct Candidate {
    connection: PgConnection,
    config_id: i32,
    backend: i32,
}

/// Is migration 007 in place, as far as the data plane needs it?
pub async fn ready(db: &Db) -> Result<()> {
    let ready: bool = sqlx::query_scalar(include_str!("../../sql/relay/ready.sql"))
        .fetch_one(db.pool())
        .await?;
    if ready {
        return Ok(());
    }
    Err(Error::refused(
        "migration 007 is not in place: ledger, outbox or the schema wavegate are missing",
    )
    .hint("run `wavegate schema apply`, then start this again"))
}

impl Candidate {
    /// Opens the session; refused behind a proxy that pools transactions.
    pub async fn open(db: &Db, config_id: i32) -> Result<Candidate> {
        let mut connection = db.pool().acquire().await?.detach();
        let backend = sqlx::query_scalar(BACKEND)
            .fetch_one(&mut connection)
            .await?;
        refuse_pooler(db, &mut connection, backend).await?;
        Ok(Candidate {
            connection,
            config_id,
            backend,
        })
    }

    /// Tries to become the leader for this config; never waits.
    pub async fn bid(&mut self) -> Result<bool> {
        let (won, backend): (bool, i32) = sqlx::query_as(include_str!("../../sql/relay/lead.sql"))
            .bind(CLASS)
            .bind(self.config_id)
            .fetch_one(&mut self.connection)
            .await?;
        if backend != self.backend || won && !self.leads().await? {
            return Err(pooler());
        }
        Ok(won)
    }

    /// Does the session still live and hold the lock? An error means no.
    pub async fn leads(&mut self) -> Result<bool> {
        let (backend, held): (i32, bool) =
            sqlx::query_as(include_str!("../../sql/relay/leads.sql"))
                .bind(CLASS)
                .bind(self.config_id)
                .fetch_one(&mut self.connection)
                .await?;
        Ok(held && backend == self.backend)
    }
}

const BACKEND: &str = include_str!("../../sql/relay/backend.sql");

/// Behind a proxy that pools transactions, two of our sessions share backends: another session, inside a transaction, sits on
/// ours, or the next statement of ours is served by another one. A session lock means nothing there.
async fn refuse_pooler(db: &Db, connection: &mut PgConnection, backend: i32) -> Result<()> {
    let mut other = db.pool().begin().await?;
    let theirs: i32 = sqlx::query_scalar(BACKEND).fetch_one(&mut *other).await?;
    let ours: i32 = sqlx::query_scalar(BACKEND)
        .fetch_one(&mut *connection)
        .await?;
    other.rollback().await?;
    if theirs == backend || ours != backend {
        return Err(pooler());
    }
    Ok(())
}

fn pooler() -> Error {
    Error::refused("between this relay and PostgreSQL sits a proxy that pools transactions; the leader's lock needs a session")
        .hint("point --database-url at PostgreSQL itself, or at a pool in session mode")
}

//! Who leads the relays: a session advisory lock on a connection of its own.

use sqlx::PgConnection;

use super::Db;
use crate::error::{Error, Result};

/// wavegate's class of advisory locks for relays; the second key is the config.
const CLASS: i32 = 0x5747_5259;

/// A session that holds the lock, until it is dropped or lost.
pub struct Lead {
    connection: PgConnection,
    config_id: i32,
    backend: i32,
}

/// What asking for the lead brought.
pub enum Bid {
    Won(Lead),
    /// Another relay leads.
    Lost,
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

/// Tries to become the leader for this config; never waits.
pub async fn bid(db: &Db, config_id: i32) -> Result<Bid> {
    let mut connection = db.pool().acquire().await?.detach();
    let (won, backend): (bool, i32) = sqlx::query_as(include_str!("../../sql/relay/lead.sql"))
        .bind(CLASS)
        .bind(config_id)
        .fetch_one(&mut connection)
        .await?;
    refuse_pooler(db, &mut connection, backend).await?;
    if !won {
        return Ok(Bid::Lost);
    }
    let mut lead = Lead {
        connection,
        config_id,
        backend,
    };
    if lead.holds().await? {
        Ok(Bid::Won(lead))
    } else {
        Err(pooler())
    }
}

impl Lead {
    /// Does the session still live and hold the lock? An error means no.
    pub async fn holds(&mut self) -> Result<bool> {
        let (backend, held): (i32, bool) =
            sqlx::query_as(include_str!("../../sql/relay/leads.sql"))
                .bind(CLASS)
                .bind(self.config_id)
                .fetch_one(&mut self.connection)
                .await?;
        Ok(held && backend == self.backend)
    }
}

/// Behind a proxy that pools transactions, two of our sessions share backends: another session, inside a transaction, sits on
/// ours, or the next statement of ours is served by another one. A session lock means nothing there.
async fn refuse_pooler(db: &Db, connection: &mut PgConnection, backend: i32) -> Result<()> {
    let question = include_str!("../../sql/relay/backend.sql");
    let mut other = db.pool().begin().await?;
    let theirs: i32 = sqlx::query_scalar(question).fetch_one(&mut *other).await?;
    let ours: i32 = sqlx::query_scalar(question)
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

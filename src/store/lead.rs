//! Who publishes what: every relay holds some of the partitions, by session advisory locks on a connection of its own.

use sqlx::{Connection, PgConnection};

use super::{
    Db,
    outbox::PARTITIONS,
    pooler, rights,
    version::{self, KNOWN},
};
use crate::error::{Error, Result};

/// wavegate's class of advisory locks for relays; the second key is config and partition.
const CLASS: i32 = 0x5747_5259;
/// Keys a config may use: its partitions, one that the relays share that can publish, and one that all living ones share.
const KEYS: i32 = 16;

/// Is migration 007 in place, as far as the data plane needs it, and in the version that this program knows, and has this role every
/// right that relay and workers need? One that cannot mark what it publishes would keep others from it.
pub async fn ready(db: &Db) -> Result<()> {
    let writes: bool = sqlx::query_scalar(include_str!("../../sql/relay/writable.sql"))
        .fetch_one(db.pool())
        .await?;
    if !writes {
        return Err(Error::failed(
            "this PostgreSQL takes no writes: it is a standby, or read-only",
        )
        .hint("point --database-url at the primary, or at an address that follows it")
        .away());
    }
    rights::demand(db, rights::Role::Carrier).await?;
    let (versioned, complete): (bool, bool) =
        sqlx::query_as(include_str!("../../sql/relay/ready.sql"))
            .fetch_one(db.pool())
            .await?;
    if versioned {
        let version = sqlx::query_scalar(include_str!("../../sql/relay/schema_version.sql"))
            .fetch_optional(db.pool())
            .await?;
        accept(version)?;
    }
    if !(versioned && complete) {
        return Err(Error::refused(
            "migration 007 is not in place: ledger, outbox or the schema wavegate are missing",
        )
        .hint(APPLY));
    }
    Ok(())
}

/// Is there a migration 007 at all?
pub async fn versioned(db: &Db) -> Result<bool> {
    let (versioned, _): (bool, bool) = sqlx::query_as(include_str!("../../sql/relay/ready.sql"))
        .fetch_one(db.pool())
        .await?;
    Ok(versioned)
}

const APPLY: &str = "run `wavegate schema apply`, then start this again";

/// This version alone: statements need what it added. A program of the version before goes on while the schema is brought up; started
/// again, it refuses.
fn accept(version: Option<i32>) -> Result<()> {
    if let Some(newer) = version::newer(version) {
        return Err(newer);
    }
    let found = match version {
        Some(KNOWN) => return Ok(()),
        Some(other) => version::said(other),
        None => format!("the database names no schema version; this wavegate knows {KNOWN}"),
    };
    Err(Error::refused(found).hint(APPLY))
}

/// A session of its own that may hold partitions. Dropped, it gives them up.
pub struct Session {
    connection: PgConnection,
    first_key: i32,
    backend: i32,
    /// It counts among the relays that can publish.
    able: bool,
}

/// What this session holds, what nobody holds, how many relays live, and how many of them can publish.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    pub backend: i32,
    pub lives: bool,
    pub held: Vec<i32>,
    pub free: Vec<i32>,
    pub relays: i64,
    pub able: i64,
}

impl Session {
    /// Opens the session; refused behind a proxy that pools transactions.
    pub async fn open(db: &Db, config_id: i32) -> Result<Session> {
        let mut connection = db.pool().acquire().await?.detach();
        let first_key = config_id.wrapping_mul(KEYS);
        let (_, backend, _): (bool, i32, i64) =
            sqlx::query_as(include_str!("../../sql/relay/enter.sql"))
                .bind(CLASS)
                .bind(first_key + PARTITIONS + 1)
                .fetch_one(&mut connection)
                .await?;
        pooler::refuse(&mut connection, &mut *db.pool().acquire().await?).await?;
        Ok(Session {
            connection,
            first_key,
            backend,
            able: false,
        })
    }

    /// Tells the other relays whether this one can publish. Those that cannot count for nothing when partitions are shared out.
    pub async fn tell(&mut self, able: bool) -> Result<()> {
        if able != self.able {
            sqlx::query(include_str!("../../sql/relay/able.sql"))
                .bind(CLASS)
                .bind(self.first_key + PARTITIONS)
                .bind(able)
                .execute(&mut self.connection)
                .await?;
            self.able = able;
        }
        Ok(())
    }

    /// How things stand. An error means: this session holds nothing any more.
    pub async fn look(&mut self) -> Result<Standing> {
        let standing: Standing = sqlx::query_as(include_str!("../../sql/relay/stand.sql"))
            .bind(CLASS)
            .bind(self.first_key)
            .bind(PARTITIONS)
            .fetch_one(&mut self.connection)
            .await?;
        // A session that lives has its own mark.
        if standing.backend != self.backend || !standing.lives {
            return Err(Error::pooled());
        }
        Ok(standing)
    }

    /// Takes those of these partitions that are free; never waits.
    pub async fn take(&mut self, partitions: &[i32]) -> Result<Vec<i32>> {
        self.move_locks(include_str!("../../sql/relay/take.sql"), partitions)
            .await
    }

    /// Gives these partitions to whoever wants them.
    pub async fn give(&mut self, partitions: &[i32]) -> Result<Vec<i32>> {
        self.move_locks(include_str!("../../sql/relay/give.sql"), partitions)
            .await
    }

    /// Gives everything up, at once.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }

    async fn move_locks(&mut self, question: &'static str, partitions: &[i32]) -> Result<Vec<i32>> {
        Ok(sqlx::query_scalar(question)
            .bind(CLASS)
            .bind(self.first_key)
            .bind(partitions)
            .fetch_all(&mut self.connection)
            .await?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn this_version_alone_is_accepted() {
        assert!(accept(Some(KNOWN)).is_ok());
        for (version, says, does) in [
            (Some(KNOWN + 1), "has schema version 7", "as new as"),
            (Some(KNOWN - 1), "has schema version 5", "schema apply"),
            (None, "names no schema version", "schema apply"),
        ] {
            let error = accept(version).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            assert!(error.hints().iter().any(|hint| hint.contains(does)));
        }
    }
}

//! In which version migration 007's tables are, and which one this program knows. What a newer program made is not ours to change.

use super::Db;
use crate::error::{Error, Result};

/// The version of migration 007's tables that this program writes.
pub const KNOWN: i32 = 6;

const NEWER: &str = "start a wavegate that is as new as the one that ran `schema apply`";

/// The version that the database names; `None` where migration 007 is not there, or nobody may look.
pub async fn found(db: &Db) -> Result<Option<i32>> {
    let look = async {
        let (versioned, _): (bool, bool) =
            sqlx::query_as(include_str!("../../sql/relay/ready.sql"))
                .fetch_one(db.pool())
                .await?;
        if !versioned {
            return Ok(None);
        }
        sqlx::query_scalar(include_str!("../../sql/relay/schema_version.sql"))
            .fetch_optional(db.pool())
            .await
    };
    match look.await.map_err(Error::from) {
        Err(error) if error.sqlstate() == Some("42501") => Ok(None),
        found => found,
    }
}

/// Why a command that writes refuses; `None` where the version is ours, or an older one that `schema apply` brings up.
pub fn newer(found: Option<i32>) -> Option<Error> {
    let version = found.filter(|version| *version > KNOWN)?;
    Some(Error::refused(said(version)).hint(NEWER))
}

/// What was found and what is known.
pub fn said(version: i32) -> String {
    format!("the database has schema version {version}; this wavegate knows {KNOWN}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_a_newer_version_is_refused() {
        assert!(newer(None).is_none());
        assert!(newer(Some(KNOWN)).is_none());
        assert!(newer(Some(KNOWN - 1)).is_none());
        let error = newer(Some(KNOWN + 1)).unwrap();
        assert!(error.message().contains("knows 6"), "{error}");
    }

    #[test]
    fn the_migration_writes_this_version() {
        let step = include_str!("../../sql/007/99_version.sql");
        assert!(step.contains(&format!("(version) VALUES ({KNOWN})")));
    }
}

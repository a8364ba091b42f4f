//! Passwords that are renewed while we run: the driver reads the passfile once, when it is told how to connect, so it is told anew when
//! the file has changed. Certificates and keys it reads at each connection.

use std::{fs, os::unix::fs::MetadataExt, path::PathBuf, time::Duration};

use sqlx::{PgPool, postgres::PgConnectOptions};
use tokio::task::JoinHandle;

use crate::error::Result;

/// How often the files are looked at: a renewed password is taken so soon.
const EVERY: Duration = Duration::from_secs(1);

/// Looks at the passfiles as long as it lives.
#[derive(Debug)]
pub struct Renewal(JoinHandle<()>);

impl Renewal {
    /// `fresh` says how to connect now; sessions that stand stay as they are.
    pub fn start(
        fresh: impl Fn() -> Result<PgConnectOptions> + Send + 'static,
        pools: Vec<PgPool>,
    ) -> Renewal {
        let mut known = passfiles();
        Renewal(tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let found = passfiles();
                if found == known {
                    continue;
                }
                known = found;
                match fresh() {
                    Ok(options) => pools
                        .iter()
                        .for_each(|pool| pool.set_connect_options(options.clone())),
                    Err(error) => {
                        tracing::warn!(%error, "cannot read anew how to connect to PostgreSQL")
                    }
                }
            }
        }))
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What tells one version of a file from another.
type Version = (u64, u64, i64, i64, i64, i64, u32);

fn passfiles() -> Vec<Option<Version>> {
    let named = std::env::var_os("PGPASSFILE").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pgpass"));
    let version = |path: PathBuf| {
        let file = fs::metadata(path).ok()?;
        let changed = (
            file.mtime(),
            file.mtime_nsec(),
            file.ctime(),
            file.ctime_nsec(),
        );
        Some((
            file.ino(),
            file.size(),
            changed.0,
            changed.1,
            changed.2,
            changed.3,
            file.mode(),
        ))
    };
    [named, home].into_iter().flatten().map(version).collect()
}

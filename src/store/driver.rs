//! Which `run` drives: a row that its holder renews every second. One that is frozen or gone loses it within seconds, whatever its
//! sessions do.

use std::time::Duration;

use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{Db, journal::Actor, lock};
use crate::{
    error::{Error, Result},
    model::driven::Driving,
};

const RENEW: Duration = Duration::from_secs(1);
/// Whoever said nothing for so long drives no more.
const SILENT: Duration = Duration::from_secs(5);

/// The right to drive, until `release` or drop.
#[derive(Debug)]
pub struct Lease {
    id: i64,
    renewals: JoinHandle<()>,
    lost: watch::Receiver<bool>,
}

/// Who has said lately that it drives?
pub async fn driving(db: &Db) -> Result<Option<Driving>> {
    Ok(sqlx::query_as(include_str!("../../sql/driver/who.sql"))
        .bind(SILENT.as_secs_f64())
        .fetch_optional(db.pool())
        .await?)
}

/// Drives from now on; `None` where somebody else does. The lock of one that froze over a change is freed: the change is a transaction,
/// and what it committed is brought to its end by whoever comes next.
pub async fn take(db: &Db, actor: &Actor) -> Result<Option<Lease>> {
    let id = fastrand::i64(..);
    let taken: Option<i64> = sqlx::query_scalar(include_str!("../../sql/driver/take.sql"))
        .bind(id)
        .bind(&actor.who)
        .bind(&actor.host)
        .bind(&actor.command)
        .bind(SILENT.as_secs_f64())
        .fetch_optional(db.pool())
        .await?;
    if taken.is_none() {
        return Ok(None);
    }
    lock::end_frozen(db, SILENT).await?;
    let (tell, lost) = watch::channel(false);
    let renewals = tokio::spawn(renew(db.clone(), id, tell));
    Ok(Some(Lease { id, renewals, lost }))
}

/// Ends when somebody else drives, or when the word could not be given for so long that somebody may.
async fn renew(db: Db, id: i64, lost: watch::Sender<bool>) {
    let mut said = Instant::now();
    while said.elapsed() < SILENT {
        sleep(RENEW).await;
        let began = Instant::now();
        let renewed: Result<Option<i64>, sqlx::Error> =
            sqlx::query_scalar(include_str!("../../sql/driver/renew.sql"))
                .bind(id)
                .fetch_optional(db.pool())
                .await;
        match renewed {
            Ok(Some(_)) => said = began,
            Ok(None) => break,
            Err(_) => {}
        }
    }
    let _ = lost.send(true);
}

impl Lease {
    /// Ends when the lease is gone.
    pub async fn lost(&self) {
        let mut lost = self.lost.clone();
        if lost.wait_for(|lost| *lost).await.is_err() {
            // Given back.
            std::future::pending::<()>().await;
        }
    }

    /// Others may drive at once.
    pub async fn release(self, db: &Db) -> Result<()> {
        self.renewals.abort();
        sqlx::query(include_str!("../../sql/driver/give.sql"))
            .bind(self.id)
            .execute(db.pool())
            .await?;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewals.abort();
    }
}

/// Why a `run` may not go on.
pub fn taken(driving: Option<&Driving>) -> Error {
    match driving {
        Some(by) => Error::refused(format!(
            "{} on {} drives this migration since {}: {}",
            by.who,
            by.host,
            by.since.format("%Y-%m-%d %H:%M:%S UTC"),
            by.command
        ))
        .hint("leave it to that one, or stop it first; without --once this one would stand by"),
        None => Error::refused("another wavegate drove this migration an instant ago"),
    }
}

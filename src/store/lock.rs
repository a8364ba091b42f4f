//! One change at a time: a row that says who, beside a session advisory lock on a connection of its own.
//! The advisory lock decides: a holder that dies frees itself, whatever the row still says.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{Db, journal::Actor, state::not_installed};
use crate::{
    error::{Error, Result},
    model::EntryKind,
};

const KEY: i64 = i64::from_be_bytes(*b"wavegate");
const PING: Duration = Duration::from_secs(1);
const DYING: Duration = Duration::from_secs(1);

/// The lock, held until `release` or drop.
#[derive(Debug)]
pub struct Lock {
    id: i64,
    connection: Arc<Mutex<PgConnection>>,
    pings: JoinHandle<()>,
    /// Says `true` once the session is gone.
    lost: watch::Receiver<bool>,
}

/// Who holds the lock; the row may be missing for an instant after the session got it.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Holder {
    pub pid: i32,
    pub who: Option<String>,
    pub host: Option<String>,
    pub command: Option<String>,
    pub since: Option<DateTime<Utc>>,
}

/// Takes the lock, or refuses and says who holds it. A session that has just died gets a moment to be cleared away.
pub async fn acquire(db: &Db, actor: &Actor) -> Result<Lock> {
    let end = Instant::now() + DYING;
    loop {
        match attempt(db, actor).await? {
            Ok(lock) => return Ok(lock),
            Err(holder) if Instant::now() > end => return Err(held(holder.as_ref())),
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Takes the lock for a rollback, which waits for nobody but another rollback: the session of any other holder is ended,
/// and its next change is refused. `waiting` hears whom we wait for.
pub async fn preempt(
    db: &Db,
    actor: &Actor,
    patience: Duration,
    waiting: &(dyn Fn(&Holder) + Send + Sync),
) -> Result<Lock> {
    let end = Instant::now() + patience;
    let mut ended = None;
    loop {
        let holder = match attempt(db, actor).await? {
            Ok(lock) => return Ok(lock),
            Err(holder) => holder,
        };
        if let Some(holder) = &holder {
            let another_rollback = holder
                .command
                .as_deref()
                .is_some_and(|command| command.split(' ').any(|word| word == "rollback"));
            if ended != Some(holder.pid) {
                waiting(holder);
                ended = Some(holder.pid);
                if !another_rollback && holder.command.is_some() {
                    sqlx::query(include_str!("../../sql/lock/end_session.sql"))
                        .bind(holder.pid)
                        .execute(db.pool())
                        .await?;
                }
            }
        }
        if Instant::now() > end {
            return Err(held(holder.as_ref()));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn attempt(db: &Db, actor: &Actor) -> Result<Result<Lock, Option<Holder>>> {
    let mut connection = db.pool().acquire().await?.detach();
    let got: bool = sqlx::query_scalar(include_str!("../../sql/lock/try.sql"))
        .bind(KEY)
        .fetch_one(&mut connection)
        .await?;
    if !got {
        connection.close().await?;
        return Ok(Err(holder(db).await?));
    }
    let id: i64 = sqlx::query_scalar(include_str!("../../sql/lock/take.sql"))
        .bind(&actor.who)
        .bind(&actor.host)
        .bind(&actor.command)
        .fetch_one(&mut connection)
        .await
        .map_err(not_installed)?;
    let connection = Arc::new(Mutex::new(connection));
    let (tell, lost) = watch::channel(false);
    let pings = tokio::spawn(ping(connection.clone(), id, tell));
    Ok(Ok(Lock {
        id,
        connection,
        pings,
        lost,
    }))
}

/// Ends the session of a `run` that holds the lock and was silent for longer than `silent`: it is frozen.
pub(super) async fn end_frozen(db: &Db, silent: Duration) -> Result<()> {
    sqlx::query(include_str!("../../sql/driver/end_frozen.sql"))
        .bind(KEY)
        .bind(silent.as_secs_f64())
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Who is at work now, if anybody.
pub async fn holder(db: &Db) -> Result<Option<Holder>> {
    sqlx::query_as(include_str!("../../sql/lock/holder.sql"))
        .bind(KEY)
        .fetch_optional(db.pool())
        .await
        .map_err(not_installed)
}

/// Keeps proxies and firewalls from dropping a silent connection.
async fn ping(connection: Arc<Mutex<PgConnection>>, id: i64, lost: watch::Sender<bool>) {
    loop {
        sleep(PING).await;
        let mut connection = connection.lock().await;
        let alive = sqlx::query(include_str!("../../sql/lock/ping.sql"))
            .bind(id)
            .execute(&mut *connection)
            .await;
        if alive.is_err() {
            let _ = lost.send(true);
            return;
        }
    }
}

fn held(holder: Option<&Holder>) -> Error {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_string());
    let error = match holder {
        Some(holder) if holder.command.is_some() => Error::refused(format!(
            "{} on {} is at work since {}: {}",
            text(&holder.who),
            text(&holder.host),
            holder.since.map_or_else(
                || "?".to_string(),
                |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
            ),
            text(&holder.command)
        )),
        Some(holder) => Error::refused(format!(
            "another wavegate (PostgreSQL session {}) is just starting",
            holder.pid
        )),
        None => Error::refused("another wavegate was at work an instant ago"),
    };
    error.hint("wait until it has ended; a holder that dies frees the lock by itself")
}

impl Lock {
    /// The number by which changes prove that they hold the lock.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Ends when the session that holds the lock is gone: somebody ended it, or PostgreSQL went away.
    pub async fn lost(&self) {
        let mut lost = self.lost.clone();
        if lost.wait_for(|lost| *lost).await.is_err() {
            // Given back.
            std::future::pending::<()>().await;
        }
    }

    /// Gives the lock back.
    pub async fn release(self) -> Result<()> {
        self.pings.abort();
        let mut connection = self.connection.lock().await;
        sqlx::query(include_str!("../../sql/lock/release.sql"))
            .bind(self.id)
            .execute(&mut *connection)
            .await?;
        sqlx::query(include_str!("../../sql/lock/unlock.sql"))
            .bind(KEY)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // With the task ends the last hold on the connection, and with the connection the advisory lock.
        self.pings.abort();
    }
}

/// In the transaction of a change: refused when somebody has taken the lock over; nobody can until the transaction ends.
pub async fn verify(connection: &mut PgConnection, id: i64) -> Result<()> {
    let ours: Option<i64> = sqlx::query_scalar(include_str!("../../sql/lock/verify.sql"))
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    if ours.is_some() {
        return Ok(());
    }
    let by = sqlx::query_as::<_, TakenOver>(include_str!("../../sql/lock/taken_over.sql"))
        .bind(EntryKind::RollbackIntent.as_str())
        .fetch_optional(connection)
        .await?;
    Err(stopped(by.as_ref()))
}

/// Why the session that held the lock is gone. Only a rollback ends one; else PostgreSQL itself went away.
pub async fn taken_over(db: &Db) -> Error {
    let by: Result<Option<TakenOver>, sqlx::Error> =
        sqlx::query_as(include_str!("../../sql/lock/taken_over.sql"))
            .bind(EntryKind::RollbackIntent.as_str())
            .fetch_optional(db.pool())
            .await;
    match by {
        Ok(by) => stopped(by.as_ref()),
        Err(cause) => Error::failed("the connection to PostgreSQL was lost")
            .because(cause)
            .hint(NOT_HALF)
            .hint("run the same command again: it goes on from there"),
    }
}

/// Whoever began to take something back last.
#[derive(sqlx::FromRow)]
struct TakenOver {
    who: String,
    host: String,
    command: String,
    at: DateTime<Utc>,
}

const NOT_HALF: &str = "nothing is half done: a flip is one transaction, and every event is delivered on the path that it has";

fn stopped(by: Option<&TakenOver>) -> Error {
    match by {
        Some(by) => Error::refused(format!(
            "{} on {} took over at {}: {}; this command stopped",
            by.who,
            by.host,
            by.at.format("%H:%M:%S UTC"),
            by.command
        ))
        .hint(NOT_HALF)
        .hint("`wavegate status` shows what stands now, `wavegate history` what was done"),
        None => Error::refused("the session that held the lock was ended; this command stopped")
            .hint(NOT_HALF)
            .hint("run the same command again: it goes on from there"),
    }
}

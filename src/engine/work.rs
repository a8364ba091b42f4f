//! What every change shares: who does it under which lock, the one transaction of a flip, and the place between two
//! statements where tests pull the plug.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    error::{Error, Kind, Result},
    model::{Backoff, Change, EntryKind, Listener, Progress, Routing, WaveStep},
    store::{
        Db,
        flip::{self, EachLine},
        journal::{self, Actor, Line},
        lock, state,
    },
};

/// Called between any two statements that change something; an error there is as good as `kill -9`.
pub type Checkpoint<'a> = &'a (dyn Fn(&str) -> Result<()> + Send + Sync);

/// Nothing stops here.
pub fn no_checkpoint(_: &str) -> Result<()> {
    Ok(())
}

/// How long a flip keeps trying for the locks of its rows.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who works, where, and who listens.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    pub db: &'a Db,
    pub actor: &'a Actor,
    pub listener: Listener<'a>,
    pub checkpoint: Checkpoint<'a>,
}

impl<'a> Work<'a> {
    pub fn new(db: &'a Db, actor: &'a Actor, listener: Listener<'a>) -> Work<'a> {
        Work {
            db,
            actor,
            listener,
            checkpoint: &no_checkpoint,
        }
    }

    pub fn tell(&self, event: Progress) {
        (self.listener)(event);
    }

    /// One line of the journal in a transaction of its own.
    pub async fn note(&self, line: &Line<'_>) -> Result<()> {
        let mut connection = self.db.pool().acquire().await?;
        journal::append(&mut connection, self.actor, line).await?;
        (self.checkpoint)(line.entry.kind().as_str())
    }

    /// The same, only while the lock is ours: after a rollback took over, nothing more is told of what it takes back.
    pub async fn note_locked(&self, lock: &lock::Lock, line: &Line<'_>) -> Result<()> {
        let mut tx = self.db.pool().begin().await?;
        lock::verify(&mut tx, lock.id()).await?;
        journal::append(&mut tx, self.actor, line).await?;
        tx.commit().await?;
        (self.checkpoint)(line.entry.kind().as_str())
    }
}

/// A wave enters a step together with a flip.
#[derive(Debug, Clone)]
pub struct Entering {
    pub wave: String,
    pub step: WaveStep,
    pub share: u8,
    pub attempt: i32,
    /// Its time begins anew, also where it is in this step already.
    pub anew: bool,
}

/// Everything that one transaction changes.
pub struct Transaction<'a> {
    pub lock_id: i64,
    pub migration_id: Option<i32>,
    pub webhooks: &'a [i32],
    /// From the rows as they are under lock to what becomes of them; an error leaves all as it was.
    pub decide: &'a (dyn Fn(&[Routing]) -> Result<Vec<Change>> + Send + Sync),
    pub enter: &'a [Entering],
    /// The line of the whole.
    pub done: Line<'a>,
    /// The line of each webhook.
    pub each: EntryKind,
}

const BUSY: Backoff = Backoff::new(100, 2000);

/// Carries the transaction out, again and again while rows are locked; answers with the changes that were made.
pub async fn commit(work: &Work<'_>, transaction: &Transaction<'_>) -> Result<Vec<Change>> {
    let end = Instant::now() + PATIENCE;
    let mut failures = 0;
    loop {
        match attempt(work, transaction).await {
            Err(error) if error.is_busy() && Instant::now() > end => {
                return Err(Error::new(
                    Kind::NotYet,
                    format!("somebody has held a lock on rows of rule_webhooks for {} s", PATIENCE.as_secs()),
                )
                .hint("find the session: SELECT pid, usename, query FROM pg_stat_activity WHERE state <> 'idle'")
                .hint("run this command again: it continues where it stopped")
                .keeps(error));
            }
            Err(error) if error.is_busy() => {
                work.tell(Progress::Waiting {
                    on: "a lock that somebody holds on rows of rule_webhooks".to_string(),
                });
                failures += 1;
                sleep(BUSY.after(failures)).await;
            }
            outcome => return outcome,
        }
    }
}

async fn attempt(work: &Work<'_>, transaction: &Transaction<'_>) -> Result<Vec<Change>> {
    let mut tx = flip::begin(work.db).await?;
    lock::verify(&mut tx, transaction.lock_id).await?;
    (work.checkpoint)("tx.lock")?;
    let rows = flip::lock_rows(&mut tx, transaction.webhooks).await?;
    (work.checkpoint)("tx.rows")?;
    let changes = (transaction.decide)(&rows)?;
    flip::write(&mut tx, &changes).await?;
    (work.checkpoint)("tx.write")?;
    if let Some(migration_id) = transaction.migration_id {
        for entering in transaction.enter {
            state::enter(
                &mut tx,
                migration_id,
                &entering.wave,
                entering.step,
                entering.share,
                entering.attempt,
                entering.anew,
            )
            .await?;
            (work.checkpoint)("tx.wave")?;
        }
    }
    // A line also for what is so already: it tells what wavegate stands for from here on.
    let ids: Vec<i32> = changes.iter().map(|change| change.webhook_id).collect();
    let epochs: Vec<i64> = flip::lock_rows(&mut tx, &ids)
        .await?
        .iter()
        .map(|row| row.epoch)
        .collect();
    let each = EachLine {
        kind: transaction.each,
        migration_id: transaction.migration_id,
        wave: transaction.done.wave,
    };
    flip::note(&mut tx, work.actor, &each, &changes, &epochs).await?;
    (work.checkpoint)("tx.lines")?;
    journal::append(&mut tx, work.actor, &transaction.done).await?;
    (work.checkpoint)("tx.done")?;
    tx.commit().await?;
    (work.checkpoint)("tx.commit")?;
    let made = changes.into_iter();
    Ok(made
        .filter(|change| change.before != change.after)
        .collect())
}

//! Waiting queue rows follow their webhooks to NATS, on request, after the last flip. What somebody works on is left to finish.

use chrono::TimeDelta;

use crate::engine::work::Work;
use crate::{
    error::{Error, Result},
    model::{
        Entry, Progress, counted,
        journal::{Moved, Nothing},
    },
    store::{Db, clock, flip, journal, journal::Line},
};

/// So long a foreign queue worker that finished a call may hold another.
const FOREIGN_FOR: TimeDelta = TimeDelta::hours(1);

/// Somebody else's queue worker may have read a row before we take it, and call it all the same.
pub async fn refuse_beside_foreign(db: &Db, webhooks: &[i32]) -> Result<()> {
    let since = clock::now(db).await? - FOREIGN_FOR;
    match flip::foreign_finished(db, webhooks, since).await? {
        None => Ok(()),
        Some(at) => Err(Error::refused(format!(
            "somebody else's queue worker delivered calls of this wave until {}; it may hold rows that would be moved",
            at.format("%H:%M:%S UTC")
        ))
        .hint("stop it for an hour, or leave --move-waiting out and let it finish the queue")),
    }
}

/// Moves batch after batch until nothing waits; each with its line in the journal, in one transaction. Repeatable.
pub(super) async fn all(
    work: &Work<'_>,
    migration_id: i32,
    wave: &str,
    webhooks: &[i32],
) -> Result<i64> {
    let mut total = 0;
    loop {
        let mut tx = work.db.pool().begin().await?;
        let (moved, two_route) = flip::move_waiting(&mut tx, webhooks).await?;
        (work.checkpoint)("tx.move")?;
        if moved == 0 {
            return Ok(total);
        }
        let line = Line {
            migration_id: Some(migration_id),
            wave: Some(wave),
            ..Line::new(Entry::MoveBatch {
                before: Nothing {},
                after: Moved { moved, two_route },
            })
        };
        journal::append(&mut tx, work.actor, &line).await?;
        tx.commit().await?;
        (work.checkpoint)(line.entry.kind().as_str())?;
        total += moved;
        work.tell(Progress::Waiting {
            on: format!("{wave}: {} moved to NATS", counted(total, "waiting call")),
        });
    }
}

//! Another attempt for dead events, or the end of them: batch after batch, each a transaction with its line in the journal.
//! Killed between two batches, the same command goes on with what is left; an event that dies again meanwhile is not taken twice.

use sqlx::PgConnection;

use crate::{
    error::Result,
    model::{
        Confirmed, Entry, Listener, Progress, counted,
        journal::{Dead, Nothing},
    },
    store::{
        Db,
        dead::{self, Act, Calls, Selection},
        journal::{self, Actor, Line},
        redrive,
    },
};

/// Events of one transaction, so that none holds its locks for long.
const BATCH: i64 = 500;

/// What was meant, for the journal.
#[derive(Debug, Clone)]
pub struct DeadScope {
    pub words: String,
    pub wave: Option<String>,
    pub selection: Selection,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Of the ledger.
    pub events: i64,
    /// That only the queue knew, or that were set aside.
    pub calls: i64,
    /// Looked at and left: no payload or webhook any more, or in somebody else's hands.
    pub left: i64,
}

impl Done {
    fn all(self) -> i64 {
        self.events + self.calls + self.left
    }

    fn words(self) -> String {
        format!("{} looked at", counted(self.all(), "event"))
    }
}

/// Carries it out. Safe beside workers, the relay and other people's changes to the queue. `able`: how many it is about; of many, it is
/// told how far this is.
pub async fn carry_out(
    db: &Db,
    actor: &Actor,
    scope: &DeadScope,
    act: Act,
    confirmed: Confirmed,
    able: i64,
    listener: Listener<'_>,
) -> Result<Done> {
    let mut done = Done::default();
    let long = able > BATCH;
    let step = |done: &Done| {
        if long {
            listener(Progress::Step {
                done: done.all().unsigned_abs(),
                now: done.words(),
            });
        }
    };
    if long {
        listener(Progress::Begin {
            what: format!("{} in batches of {BATCH}", counted(able, "event")),
            total: Some(able.unsigned_abs()),
        });
    }
    let mut after = String::new();
    loop {
        let mut tx = db.pool().begin().await?;
        let batch = dead::event_batch(&mut tx, &scope.selection, act, &after, BATCH).await?;
        let Some(last) = batch.last else { break };
        if batch.done > 0 {
            if act == Act::Requeue {
                give_queue_rows(&mut tx, &scope.selection).await?;
            }
            let line = line(scope, act, (batch.done, 0), confirmed);
            journal::append(&mut tx, actor, &line).await?;
        }
        tx.commit().await?;
        done.events += batch.done;
        done.left += batch.seen - batch.done;
        step(&done);
        after = last;
    }
    for calls in [Calls::Failed, Calls::Stuck] {
        let mut after = i64::MIN;
        loop {
            let mut tx = db.pool().begin().await?;
            let what = (calls, act);
            let batch = dead::call_batch(&mut tx, &scope.selection, what, after, BATCH).await?;
            let Some(last) = batch.last else { break };
            if batch.done > 0 {
                if what == (Calls::Stuck, Act::Requeue) {
                    give_queue_rows(&mut tx, &scope.selection).await?;
                }
                let line = line(scope, act, (0, batch.done), confirmed);
                journal::append(&mut tx, actor, &line).await?;
            }
            tx.commit().await?;
            done.calls += batch.done;
            done.left += batch.seen - batch.done;
            step(&done);
            after = last;
        }
    }
    if long {
        listener(Progress::End { what: done.words() });
    }
    Ok(done)
}

/// An event that NATS had alone, of a webhook that went back to the queue meanwhile, would wait for a worker that is not there.
async fn give_queue_rows(connection: &mut PgConnection, selection: &Selection) -> Result<()> {
    let webhooks = dead::queue_only(connection, selection.webhooks.as_deref()).await?;
    if !webhooks.is_empty() {
        redrive::enqueue_undelivered(connection, Some(&webhooks), &mut |_| {}).await?;
    }
    Ok(())
}

fn line(
    scope: &DeadScope,
    act: Act,
    (events, calls): (i64, i64),
    confirmed: Confirmed,
) -> Line<'_> {
    let webhook_id = match scope.selection.webhooks.as_deref() {
        Some([one]) => Some(*one),
        _ => None,
    };
    let (before, after) = (
        Nothing {},
        Dead {
            scope: scope.words.clone(),
            events,
            calls,
            ids: scope.selection.events.clone(),
            consent: confirmed.consent(),
        },
    );
    Line {
        wave: scope.wave.as_deref(),
        webhook_id,
        ..Line::new(match act {
            Act::Requeue => Entry::DeadRequeue { before, after },
            Act::Discard => Entry::DeadDiscard { before, after },
        })
    }
}

//! Results on their way to PostgreSQL: gathered for a moment, written together, then the messages are acknowledged. What cannot be written
//! now goes aside, and holds nobody up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep, timeout_at},
};

use super::{
    aside::{Aside, Why},
    keeper::Keeper,
    open_circuits::OpenCircuits,
};
use crate::dataplane::{counters::Counters, split::Halves};
use crate::{
    bus::Acker,
    error::Error,
    model::Backoff,
    store::{
        Db,
        delivery::Mine,
        record::{AttemptResult, Recorded, record},
    },
};

/// A batch that is not full waits this long for more.
const LONGEST_WAIT: Duration = Duration::from_millis(5);
const BATCH: usize = 256;
/// Batches that are written at the same time: one gathers while others commit.
const WRITERS: usize = 2;
/// While PostgreSQL is away, or a table is locked.
const RETRY: Backoff = Backoff::new(50, 1000);

/// Denied so often, results are tried one by one: an application's trigger may lack a right.
const DENIALS: u32 = 3;

/// An attempt that ended. Its place in the worker is free again once the result is written, or waits aside.
pub struct Finished {
    pub outcome: AttemptResult,
    pub message: Option<Acker>,
    pub place: Option<OwnedSemaphorePermit>,
}

impl Finished {
    pub fn mine(outcome: &AttemptResult) -> Mine {
        Mine {
            call_id: outcome.call_id,
            event_id: outcome.event_id.clone(),
            attempt: outcome.attempt,
        }
    }
}

/// Where the results of one path of a worker go.
#[derive(Clone)]
pub struct Book {
    pub db: Db,
    pub worker: String,
    pub counters: Arc<Counters>,
    pub rests: Arc<OpenCircuits>,
    pub circuit_after: i32,
    pub keeper: Arc<Keeper>,
    pub aside: Arc<Aside>,
}

/// Takes results until every sender is gone. Goes on trying while PostgreSQL is away: what was delivered must be known.
pub async fn run(book: Book, mut finished: mpsc::Receiver<Finished>) {
    let writers = Arc::new(Semaphore::new(WRITERS));
    while let Some(first) = finished.recv().await {
        let mut batch = vec![first];
        let Ok(writer) = writers.clone().acquire_owned().await else {
            return;
        };
        let end = Instant::now() + LONGEST_WAIT;
        while batch.len() < BATCH {
            match timeout_at(end, finished.recv()).await {
                Ok(Some(next)) => batch.push(next),
                Ok(None) | Err(_) => break,
            }
        }
        let book = book.clone();
        tokio::spawn(async move {
            book.write(batch).await;
            drop(writer);
        });
    }
}

/// What became of a batch that was to be written.
#[derive(Default)]
pub struct Pass {
    /// By call: rows that somebody has locked, and results that PostgreSQL refuses, with the reason.
    pub locked: Vec<i64>,
    pub refused: Vec<(i64, String)>,
    /// Not tried, for a reason that passes.
    pub waiting: Vec<i64>,
    pub why: Option<Error>,
}

impl Pass {
    /// Of a single result that could not be written.
    pub fn reason(&self) -> Why {
        match (self.refused.first(), &self.why) {
            (Some((_, why)), _) => Why::Refused(why.clone()),
            (None, Some(error)) => Why::Denied(error.to_string()),
            (None, None) => Why::Locked,
        }
    }
}

impl Book {
    async fn write(&self, mut batch: Vec<Finished>) {
        let mut denials = 0;
        for tries in 1.. {
            let outcomes = batch.iter().map(|f| f.outcome.clone()).collect();
            let (pass, rest) = self.pass(batch, outcomes).await;
            let (waiting, apart): (Vec<Finished>, Vec<Finished>) = rest
                .into_iter()
                .partition(|f| pass.waiting.contains(&f.outcome.call_id));
            for finished in apart {
                let call = finished.outcome.call_id;
                let refusal = pass.refused.iter().find(|(refused, _)| *refused == call);
                let why = refusal.map_or(Why::Locked, |(_, why)| Why::Refused(why.clone()));
                self.aside.put(finished, why);
            }
            if waiting.is_empty() {
                return;
            }
            if let Some(error) = pass.why {
                denials += u32::from(error.is_denial());
                if denials >= DENIALS {
                    return self.one_by_one(waiting).await;
                }
                tracing::warn!(%error, results = waiting.len(), "cannot write results; trying again");
                self.counters
                    .trouble(format!("cannot write results: {error}"));
            }
            batch = waiting;
            sleep(RETRY.after(tries)).await;
        }
    }

    async fn one_by_one(&self, batch: Vec<Finished>) {
        for finished in batch {
            let outcomes = vec![finished.outcome.clone()];
            let (pass, rest) = self.pass(vec![finished], outcomes).await;
            for finished in rest {
                self.aside.put(finished, pass.reason());
            }
        }
    }

    /// Writes what can be written of these, given in the form in which they are to be written, and settles it. Returns what could not
    /// be written.
    pub async fn pass(
        &self,
        batch: Vec<Finished>,
        outcomes: Vec<AttemptResult>,
    ) -> (Pass, Vec<Finished>) {
        let mut pass = Pass::default();
        let mut halves = Halves::of(&outcomes);
        while let Some(part) = halves.next_part() {
            match record(&self.db, &self.worker, part, self.circuit_after).await {
                Ok(recorded) => {
                    self.count(part.len(), &recorded);
                    pass.locked.extend(&recorded.locked);
                    let kept = "a trigger on the queue keeps its row from being written";
                    let kept = recorded.kept.iter().map(|call| (*call, kept.to_string()));
                    pass.refused.extend(kept);
                }
                Err(error) => halves.failed(part, error),
            }
        }
        let failed = halves.end();
        for (outcome, error) in failed.refused {
            match self.plainly(outcome).await {
                Plainly::Written => {}
                Plainly::Locked => pass.locked.push(outcome.call_id),
                Plainly::Refused(plain) => {
                    let why = plain.unwrap_or(error).to_string();
                    pass.refused.push((outcome.call_id, why));
                }
                Plainly::Waits(error) => {
                    pass.waiting.push(outcome.call_id);
                    pass.why = Some(error);
                }
            }
        }
        if let Some((outcomes, error)) = failed.waiting {
            pass.waiting.extend(outcomes.iter().map(|o| o.call_id));
            pass.why = Some(error);
        }
        let left: BTreeSet<i64> = pass
            .locked
            .iter()
            .chain(pass.refused.iter().map(|(call, _)| call))
            .chain(&pass.waiting)
            .copied()
            .collect();
        let (rest, done): (Vec<Finished>, Vec<Finished>) = batch
            .into_iter()
            .partition(|f| left.contains(&f.outcome.call_id));
        self.settle(done).await;
        (pass, rest)
    }

    /// A result that is refused is written without what PostgreSQL may refuse to hold.
    async fn plainly(&self, outcome: &AttemptResult) -> Plainly {
        let mut why = None;
        let mut next = outcome.plainer();
        while let Some(plain) = next {
            let one = std::slice::from_ref(&plain);
            match record(&self.db, &self.worker, one, self.circuit_after).await {
                Ok(recorded) if !recorded.locked.is_empty() => return Plainly::Locked,
                Ok(recorded) if !recorded.kept.is_empty() => return Plainly::Refused(None),
                Ok(recorded) => {
                    tracing::warn!(
                        call = outcome.call_id,
                        webhook = outcome.webhook_id,
                        "PostgreSQL refused the endpoint's answer; its result is written without it"
                    );
                    self.count(1, &recorded);
                    return Plainly::Written;
                }
                Err(error) if error.is_temporary() => return Plainly::Waits(error),
                Err(error) => why = Some(error),
            }
            next = plain.plainer();
        }
        Plainly::Refused(why)
    }

    fn count(&self, results: usize, recorded: &Recorded) {
        for webhook in &recorded.resting {
            self.rests.note(*webhook, Duration::ZERO);
        }
        let lost = self.counters.recorded(results, recorded);
        if lost > 0 {
            tracing::warn!(
                lost,
                "results came after the lease had ended; whoever holds the events now writes theirs"
            );
        }
    }

    /// These are written, set aside, or somebody else's.
    pub async fn settle(&self, done: Vec<Finished>) {
        let calls: Vec<i64> = done.iter().map(|f| f.outcome.call_id).collect();
        self.keeper.done(&self.db, &self.worker, &calls).await;
        for finished in done {
            self.counters.attempted(finished.outcome.took_ms);
            if let Some(message) = finished.message {
                acknowledge(&message, &self.counters).await;
            }
            drop(finished.place);
        }
    }
}

enum Plainly {
    Written,
    Locked,
    /// `None`: for the reason that is known already.
    Refused(Option<Error>),
    Waits(Error),
}

/// A lost acknowledgement only brings the message again, to be found closed.
pub async fn acknowledge(message: &Acker, counters: &Counters) {
    match message.ack().await {
        Ok(()) => Counters::add(&counters.acked, 1),
        Err(error) => counters.trouble(format!("cannot acknowledge: {error}")),
    }
}

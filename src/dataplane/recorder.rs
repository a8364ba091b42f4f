//! Results on their way to PostgreSQL: gathered for a moment, written together, then the messages are acknowledged.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::message::Acker;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep, timeout_at},
};

use super::{counters::Counters, rest::Rests};
use crate::store::{
    Db,
    delivery::{Outcome, record},
};

/// A batch that is not full waits this long for more.
const LONGEST_WAIT: Duration = Duration::from_millis(5);
const BATCH: usize = 256;
/// Batches that are written at the same time: one gathers while others commit.
const WRITERS: usize = 2;

/// An attempt that ended. Its place in the worker is free again once the result is written.
pub struct Finished {
    pub outcome: Outcome,
    pub message: Option<Acker>,
    pub place: OwnedSemaphorePermit,
}

/// Where the results of one path of a worker go.
#[derive(Clone)]
pub struct Book {
    pub db: Db,
    pub worker: String,
    pub counters: Arc<Counters>,
    pub rests: Arc<Rests>,
    pub circuit_after: i32,
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

impl Book {
    async fn write(&self, batch: Vec<Finished>) {
        let counters = &self.counters;
        let outcomes: Vec<Outcome> = batch.iter().map(|f| f.outcome.clone()).collect();
        let mut wait = Duration::from_millis(50);
        let recorded = loop {
            match record(&self.db, &self.worker, &outcomes, self.circuit_after).await {
                Ok(recorded) => break recorded,
                Err(error) => {
                    tracing::warn!(%error, results = outcomes.len(), "cannot write results; trying again");
                    counters.trouble(format!("cannot write results: {error}"));
                    sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(2));
                }
            }
        };
        for webhook in &recorded.resting {
            self.rests.note(*webhook, Duration::ZERO);
        }
        let lost = counters.recorded(outcomes.len(), &recorded);
        if lost > 0 {
            tracing::warn!(
                lost,
                "results came after the lease had ended; whoever holds the events now writes theirs"
            );
        }
        for finished in batch {
            counters.attempted(finished.outcome.took_ms);
            if let Some(message) = finished.message {
                acknowledge(&message, counters).await;
            }
            drop(finished.place);
        }
    }
}

/// A lost acknowledgement only brings the message again, to be found closed.
pub async fn acknowledge(message: &Acker, counters: &Counters) {
    match message.ack().await {
        Ok(()) => Counters::add(&counters.acked, 1),
        Err(error) => counters.trouble(format!("cannot acknowledge: {error}")),
    }
}

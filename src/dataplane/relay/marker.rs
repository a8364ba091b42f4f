//! Marks in the ledger what became of copies. What somebody has locked, or PostgreSQL refuses, waits here alone and is tried again.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use super::{Relay, able::Work, poison};
use crate::dataplane::split::{Failed, Halves};
use crate::{
    error::Error,
    model::Backoff,
    store::outbox::{Copy, mark_around, mark_published, mark_void},
};

const BATCH: usize = 1000;
/// Between two tries of what waits.
const RETRY: Backoff = Backoff::new(250, 2000);
/// So long after somebody's lock was met, rows are locked one by one and around it.
const CAREFUL: Duration = Duration::from_secs(10);
/// Marks that may wait; then no more is taken on.
const MOST: usize = 20_000;

/// What is to be noted of a copy; its payload is not needed any more.
#[derive(Debug)]
pub struct Mark {
    pub copy: Copy,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// It is in the stream, at this sequence.
    Published(i64),
    /// It never will be, for this reason.
    Void(String),
}

/// The marks that wait.
#[derive(Debug, Default)]
pub struct Marker {
    waiting: Vec<Mark>,
    failures: u32,
    retry_at: Option<Instant>,
    careful_until: Option<Instant>,
}

impl Marker {
    pub fn takes_more(&self) -> bool {
        self.waiting.len() < MOST
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Ends when it is time to try again what waits; never, where nothing does.
    pub async fn time_to_retry(&self) {
        match self.retry_at {
            Some(at) => tokio::time::sleep_until(at.into()).await,
            None => std::future::pending().await,
        }
    }

    /// Marks these now, or keeps them for another try.
    pub async fn write(&mut self, relay: &Relay, marks: Vec<Mark>) {
        let left = self.try_all(relay, marks).await;
        if !left.is_empty() && self.retry_at.is_none() {
            self.failures = 1;
            self.retry_at = Some(Instant::now() + RETRY.after(1));
        }
        self.waiting.extend(left);
    }

    /// Tries what waits, if its time has come.
    pub async fn retry(&mut self, relay: &Relay) {
        if self.retry_at.is_none_or(|at| Instant::now() < at) {
            return;
        }
        let mut marks = std::mem::take(&mut self.waiting);
        // Whoever serves a partition now publishes again what has no mark: harmless.
        marks.retain(|mark| {
            let ours = relay.board(|board| board.serves(mark.copy.webhook_id));
            if !ours {
                relay.board(|board| board.forget(mark.copy.seq));
            }
            ours
        });
        while !marks.is_empty() {
            let rest = marks.split_off(marks.len().min(BATCH));
            let left = self.try_all(relay, marks).await;
            self.waiting.extend(left);
            marks = rest;
        }
        self.failures = self.failures.saturating_add(1);
        let again = Instant::now() + RETRY.after(self.failures);
        self.retry_at = (!self.waiting.is_empty()).then_some(again);
    }

    /// Nothing waits any more: these events are published again by whoever comes next.
    pub fn give_up(&mut self, relay: &Relay) {
        for mark in self.waiting.drain(..) {
            relay.board(|board| board.forget(mark.copy.seq));
        }
    }

    /// Returns what is not marked.
    async fn try_all(&mut self, relay: &Relay, marks: Vec<Mark>) -> Vec<Mark> {
        let mut published: Vec<(&Copy, i64)> = Vec::new();
        let mut void: Vec<(&str, &str)> = Vec::new();
        for mark in &marks {
            match &mark.what {
                What::Published(sequence) => published.push((&mark.copy, *sequence)),
                What::Void(why) => void.push((&mark.copy.event_id, why)),
            }
        }
        let mut left = self.publish(relay, &published).await;
        left.extend(self.void(relay, &void).await);
        let (left, done): (Vec<Mark>, Vec<Mark>) = marks
            .into_iter()
            .partition(|mark| left.contains(&mark.copy.event_id));
        relay.board(|board| {
            for mark in &done {
                board.landed(mark.copy.seq, mark.copy.webhook_id);
            }
        });
        left
    }

    /// One statement for all, as long as nobody holds a lock; around the locks, while somebody does.
    async fn publish(&mut self, relay: &Relay, copies: &[(&Copy, i64)]) -> HashSet<String> {
        let (db, independent) = (&relay.db, relay.options.independent);
        let mut left = HashSet::new();
        let mut halves = Halves::of(copies);
        while let Some(part) = halves.next_part() {
            let mut outcome = Ok(HashSet::new());
            let mut careful = self
                .careful_until
                .is_some_and(|until| Instant::now() < until);
            if !careful {
                outcome = mark_published(db, part, independent)
                    .await
                    .map(|()| HashSet::new());
                careful = outcome.as_ref().is_err_and(Error::is_busy);
                if careful {
                    self.careful_until = Some(Instant::now() + CAREFUL);
                }
            }
            if careful {
                outcome = mark_around(db, part, independent).await;
            }
            match outcome {
                Ok(locked) => {
                    if !locked.is_empty() {
                        self.careful_until = Some(Instant::now() + CAREFUL);
                    }
                    left.extend(locked);
                    relay.worked(Work::Marking, Ok(()));
                }
                Err(error) => halves.failed(part, error),
            }
        }
        let Failed { refused, waiting } = halves.end();
        for ((copy, _), error) in refused {
            relay.vitals.trouble(format!(
                "marking the event {} as published: {error}",
                copy.event_id
            ));
            left.insert(copy.event_id.clone());
        }
        if let Some((rest, error)) = waiting {
            failed(relay, &error);
            left.extend(rest.into_iter().map(|(copy, _)| copy.event_id.clone()));
        }
        left
    }

    async fn void(&mut self, relay: &Relay, events: &[(&str, &str)]) -> HashSet<String> {
        let mut left = HashSet::new();
        let mut halves = Halves::of(events);
        while let Some(part) = halves.next_part() {
            match mark_void(relay.db.in_order(), part).await {
                Ok(locked) => left.extend(locked),
                Err(error) => halves.failed(part, error),
            }
        }
        let Failed { refused, waiting } = halves.end();
        for ((event_id, why), error) in refused {
            if !poison::unmovable(relay, event_id, why, &error).await {
                left.insert((*event_id).to_string());
            }
        }
        if let Some((rest, error)) = waiting {
            failed(relay, &error);
            left.extend(
                rest.into_iter()
                    .map(|(event_id, _)| (*event_id).to_string()),
            );
        }
        left
    }
}

/// A lock is nothing to tell of others' work; the rest is this relay's trouble.
fn failed(relay: &Relay, error: &Error) {
    if !error.is_busy() {
        relay.worked(Work::Marking, Err(error));
    }
    relay
        .vitals
        .trouble(format!("marking what was published: {error}"));
}

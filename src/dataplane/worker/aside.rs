//! Results that cannot be written now: a row is locked, or PostgreSQL refuses it. Each is tried again by itself; what is refused again and
//! again is set aside by name.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    recorder::{Book, Finished},
    refusals,
};
use crate::{
    model::Backoff,
    store::record::{AttemptResult, Cannot, Stuck, set_aside},
};

/// So many may wait without a place of their own: the worker goes on meanwhile, and its memory stays bounded.
const WITHOUT_PLACE: usize = 4096;
/// How often it is looked for those whose turn has come.
const LOOK: Duration = Duration::from_millis(100);
/// When a locked row is tried again.
const LOCKED: Backoff = Backoff::new(200, 1000);

/// Why a result waits.
#[derive(Debug, Clone)]
pub enum Why {
    Locked,
    /// Too often, and it is set aside by name.
    Refused(String),
    /// Tried for ever: a right is missing, or PostgreSQL is away.
    Denied(String),
}

struct Waiting {
    finished: Finished,
    why: Why,
    /// Times that it was refused, or found locked.
    tries: u32,
    again_at: Instant,
}

#[derive(Default)]
pub struct Aside(Mutex<Vec<Waiting>>);

impl Aside {
    fn locked(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A result that could not be written for the first time.
    pub fn put(&self, mut finished: Finished, why: Why) {
        let mut all = self.locked();
        if all.len() < WITHOUT_PLACE {
            finished.place = None;
        }
        let outcome = &finished.outcome;
        tracing::warn!(
            call = outcome.call_id,
            webhook = outcome.webhook_id,
            event = outcome.event_id,
            ?why,
            "a result waits to be written"
        );
        all.push(Waiting {
            finished,
            again_at: Instant::now() + pause(&why, 1),
            why,
            tries: 1,
        });
    }

    pub fn len(&self) -> usize {
        self.locked().len()
    }

    /// Those whose turn has come are out of here until they are put back.
    fn due(&self, now: Instant) -> Vec<Waiting> {
        let mut all = self.locked();
        let (due, rest) = std::mem::take(&mut *all)
            .into_iter()
            .partition(|waiting| waiting.again_at <= now);
        *all = rest;
        due
    }

    fn back(&self, waiting: Waiting) {
        self.locked().push(waiting);
    }
}

fn pause(why: &Why, tries: u32) -> Duration {
    match why {
        Why::Locked => LOCKED.after(tries),
        Why::Refused(_) | Why::Denied(_) => refusals::REST.after(tries),
    }
}

/// Tries again, for ever.
pub async fn run(book: Book) {
    loop {
        sleep(LOOK).await;
        let due = book.aside.due(Instant::now());
        if !due.is_empty() {
            book.try_again(due).await;
        }
        let waiting = i64::try_from(book.aside.len()).unwrap_or(i64::MAX);
        book.counters.waiting.set(waiting);
    }
}

impl Book {
    async fn try_again(&self, due: Vec<Waiting>) {
        // What is denied is tried by itself: one that fails would keep the others.
        let (alone, together): (Vec<Waiting>, Vec<Waiting>) = due
            .into_iter()
            .partition(|waiting| matches!(waiting.why, Why::Denied(_)));
        let alone = alone.into_iter().map(|waiting| vec![waiting]);
        for batch in alone.chain([together]).filter(|batch| !batch.is_empty()) {
            self.try_together(batch).await;
        }
    }

    async fn try_together(&self, due: Vec<Waiting>) {
        let outcomes = due.iter().map(|w| w.finished.outcome.clone()).collect();
        let (batch, known): (Vec<Finished>, Vec<(i64, Why, u32)>) = due
            .into_iter()
            .map(|w| (w.finished, w.why, w.tries))
            .map(|(finished, why, tries)| {
                let call = finished.outcome.call_id;
                (finished, (call, why, tries))
            })
            .unzip();
        let (pass, rest) = self.pass(batch, outcomes).await;
        let mut too_often = Vec::new();
        for finished in rest {
            let call = finished.outcome.call_id;
            let before = known.iter().find(|(one, ..)| *one == call);
            let (why, tries) =
                before.map_or((Why::Locked, 0), |(_, why, tries)| (why.clone(), *tries));
            let refusal = pass.refused.iter().find(|(one, _)| *one == call);
            let (why, tries) = match (refusal, &pass.why) {
                (Some((_, why)), _) => (Why::Refused(why.clone()), tries + 1),
                (None, _) if pass.locked.contains(&call) => (Why::Locked, tries + 1),
                (None, Some(error)) if error.is_denial() => {
                    (Why::Denied(error.to_string()), tries + 1)
                }
                _ => (why, tries),
            };
            match why {
                Why::Refused(why) if tries >= refusals::TRIES => too_often.push((finished, why)),
                why => self.aside.back(Waiting {
                    finished,
                    again_at: Instant::now() + pause(&why, tries),
                    why,
                    tries,
                }),
            }
        }
        self.give_up(too_often).await;
    }

    /// At the end of a worker: what could not be written is given up by name, so that nobody sends it again by itself.
    pub async fn give_up_all(&self) {
        let left = std::mem::take(&mut *self.aside.locked());
        let left = left.into_iter().map(|waiting| {
            let why = match waiting.why {
                Why::Locked => "its row was locked when the worker stopped".to_string(),
                Why::Refused(why) | Why::Denied(why) => why,
            };
            (waiting.finished, why)
        });
        self.give_up(left.collect()).await;
    }

    async fn give_up(&self, refused: Vec<(Finished, String)>) {
        if refused.is_empty() {
            return;
        }
        let stuck: Vec<Stuck> = refused
            .iter()
            .map(|(f, why)| named(&f.outcome, why))
            .collect();
        match set_aside(&self.db, &self.worker, &stuck).await {
            Ok(_) => {
                for one in &stuck {
                    tracing::error!(
                        event = one.event_id, call = one.call_id, webhook = one.webhook_id, delivered = one.delivered,
                        http_status = one.http_status, reason = %one.reason,
                        "set aside: its result cannot be written; `wavegate dead list` shows it"
                    );
                }
                self.counters.stuck.inc_by(stuck.len() as u64);
                self.settle(refused.into_iter().map(|(f, _)| f).collect())
                    .await;
            }
            Err(error) => {
                tracing::warn!(%error, results = stuck.len(), "cannot set results aside; trying again");
                for (finished, why) in refused {
                    let why = Why::Refused(why);
                    self.aside.back(Waiting {
                        finished,
                        again_at: Instant::now() + pause(&why, refusals::TRIES),
                        why,
                        tries: refusals::TRIES,
                    });
                }
            }
        }
    }
}

fn named(outcome: &AttemptResult, why: &str) -> Stuck {
    Stuck {
        call_id: outcome.call_id,
        event_id: outcome.event_id.clone(),
        webhook_id: outcome.webhook_id,
        attempt: Some(outcome.attempt),
        cannot: Cannot::Record,
        reason: why.to_string(),
        delivered: outcome.ok,
        http_status: outcome.http_status,
    }
}

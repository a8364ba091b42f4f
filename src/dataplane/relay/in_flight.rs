//! Copies on their way to the stream, and what becomes of them: acknowledged, refused, or overdue.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::by_token::ByToken;
use crate::{
    bus::{Acknowledgements, Bus, Refusal},
    store::outbox::Copy,
};

/// How often it is looked for acknowledgements that are overdue.
const OVERDUE: Duration = Duration::from_millis(200);

/// A copy and what became of it.
#[derive(Debug)]
pub struct Settled {
    pub copy: Copy,
    /// The stream sequence, or why not.
    pub outcome: Result<i64, Refusal>,
    pub latency_ms: f64,
    /// Of the sweeper, if it wants to know.
    pub ticket: Option<Arc<Ticket>>,
    /// Its place in the window, until it is marked and logged.
    pub _room: Option<OwnedSemaphorePermit>,
}

/// Goes once every copy of a batch is settled and marked.
pub type Ticket = mpsc::UnboundedSender<()>;

/// A copy on its way to the stream.
pub struct Sent {
    pub copy: Copy,
    pub ticket: Option<Arc<Ticket>>,
    pub room: Option<OwnedSemaphorePermit>,
}

/// What is on its way to the stream, and where it goes from there.
pub struct InFlight {
    flights: Mutex<ByToken<Sent>>,
    results: mpsc::UnboundedSender<Settled>,
}

impl InFlight {
    pub fn new(results: mpsc::UnboundedSender<Settled>) -> InFlight {
        InFlight {
            flights: Mutex::default(),
            results,
        }
    }

    pub fn flights(&self) -> MutexGuard<'_, ByToken<Sent>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands on what arrives, for ever; what takes longer than the time-out is to be tried again.
    pub async fn land(&self, answers: &mut Acknowledgements, bus: &Bus) {
        let mut tick = tokio::time::interval(OVERDUE);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // The clock is asked when no answer waits.
                biased;
                (token, outcome) = answers.next() => self.arrived(token, outcome),
                _ = tick.tick() => self.give_up(bus),
            }
        }
    }

    pub fn arrived(&self, token: u64, outcome: Result<u64, Refusal>) {
        let outcome = outcome.map(|sequence| i64::try_from(sequence).unwrap_or(i64::MAX));
        let flight = self.flights().arrive(token);
        if let Some(flight) = flight {
            self.settle(flight, outcome);
        }
    }

    fn give_up(&self, bus: &Bus) {
        let timeout = bus.timeout();
        let Some(since) = Instant::now().checked_sub(timeout) else {
            return;
        };
        let overdue = self.flights().overdue(since);
        if overdue.is_empty() {
            return;
        }
        let denied = bus.denied().map(|said| format!(": NATS says: {said}"));
        let why = format!(
            "no acknowledgement within {} s{}",
            timeout.as_secs_f32(),
            denied.unwrap_or_default()
        );
        for flight in overdue {
            self.settle(flight, Err(Refusal::Temporary(why.clone())));
        }
    }

    fn settle(&self, (left, sent): (Instant, Sent), outcome: Result<i64, Refusal>) {
        let _ = self.results.send(Settled {
            copy: sent.copy,
            outcome,
            latency_ms: left.elapsed().as_secs_f64() * 1000.0,
            ticket: sent.ticket,
            _room: sent.room,
        });
    }

    /// Waits until nothing is on its way.
    pub async fn clear(&self) {
        while !self.flights().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

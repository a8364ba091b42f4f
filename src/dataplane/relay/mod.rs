//! The relay: carries committed events from the outbox to JetStream. Several share the partitions.
//!
//! Tasks side by side, joined by what is on the board: `partitions` says what is ours, `carrier` reads and sends, `publisher`
//! marks and logs what was acknowledged, `sweeper` tidies and publishes again, `vitals` tells once a second.

mod able;
mod answers;
mod by_token;
mod coverage;
mod cursors;
mod doubtful;
mod heartbeat;
mod in_flight;
mod independent;
mod marker;
mod message;
mod overlook;
mod partitions;
mod poison;
mod retention;
mod sender;
mod sweeper;

pub use retention::Keep;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, watch};

use self::{
    able::{Able, Work},
    coverage::Coverage,
    cursors::PartitionCursors,
    heartbeat::Heartbeat,
};
use super::{
    endpoint::{Endpoint, Watched},
    metrics::{Metrics, RelayMetrics},
    pulse::Pulse,
    stop::Stop,
};
use crate::{
    bus::Bus,
    error::{Error, Result},
    model::StreamDefinition,
    store::{
        Db, lead,
        outbox::{PARTITIONS, Part},
    },
};

pub struct RelayOptions {
    pub host: String,
    pub bus: Bus,
    /// Of these partitions, as many as are its share.
    pub part: Part,
    pub stream: StreamDefinition,
    /// The durable of our workers, or of the foreign ones.
    pub consumer: String,
    /// Messages in the envelope of the engine's example workers.
    pub envelope: bool,
    /// Foreign workers deliver: what their durable acknowledges is delivered.
    pub independent: bool,
    /// A copy that did not lead to delivery is followed by another after this, doubling.
    pub republish_after: Duration,
    pub keep: Keep,
}

/// Relays until asked to stop; then what is on its way arrives and is marked first. `endpoint`: where it tells how it fares.
pub async fn relay(
    db: &Db,
    options: RelayOptions,
    endpoint: Option<Endpoint>,
    stop: &Stop,
) -> Result<()> {
    lead::ready(db).await?;
    let mut metrics = Metrics::new();
    let counted = RelayMetrics::new(&mut metrics);
    metrics.watch(&options.bus);
    let watched = endpoint.is_some();
    let relay = Arc::new(Relay::new(db, options, counted, watched, stop));
    if let Some(endpoint) = endpoint {
        endpoint.serve(Watched {
            metrics,
            pulses: vec![relay.carrying.clone(), relay.holding.clone()],
            bus: Some(relay.options.bus.clone()),
            stop: stop.clone(),
        });
    }
    tokio::select! {
        outcome = relay.run() => {
            heartbeat::beat(&relay, true).await;
            outcome
        }
        error = stop.hurry() => Err(error),
    }
}

/// What the tasks share.
pub struct Relay {
    pub db: Db,
    pub options: RelayOptions,
    pub stop: Stop,
    pub vitals: Heartbeat,
    /// How reading and publishing fare, and how holding the partitions does.
    pub carrying: Arc<Pulse>,
    pub holding: Arc<Pulse>,
    /// Somebody can ask for metrics.
    pub watched: bool,
    board: Mutex<PartitionCursors>,
    able: Mutex<Able>,
    coverage: Coverage,
    granted: watch::Sender<Option<Vec<i32>>>,
    ended: watch::Sender<bool>,
}

impl Relay {
    fn new(
        db: &Db,
        options: RelayOptions,
        counted: RelayMetrics,
        watched: bool,
        stop: &Stop,
    ) -> Relay {
        Relay {
            db: db.clone(),
            vitals: Heartbeat::new(&options, counted),
            carrying: Arc::new(Pulse::new("relay")),
            holding: Arc::new(Pulse::new("partitions")),
            watched,
            options,
            stop: stop.clone(),
            board: Mutex::new(PartitionCursors::default()),
            able: Mutex::new(Able::new(Instant::now())),
            coverage: Coverage::default(),
            granted: watch::Sender::new(None),
            ended: watch::Sender::new(false),
        }
    }

    async fn run(self: &Arc<Self>) -> Result<()> {
        let (results, settled) = mpsc::unbounded_channel();
        let (lines, log) = mpsc::channel(answers::WAITING_LINES);
        let (again, extra) = mpsc::channel(1);
        let carry = async {
            tokio::join!(
                sender::carry(self, results, extra),
                answers::mark(self, settled, lines),
                answers::log(self, log),
            );
            self.ended.send_replace(true);
        };
        let outcome = tokio::select! {
            // Only a refusal ends the relay before it is asked to stop.
            outcome = partitions::hold(self) => outcome,
            () = async { tokio::join!(carry, heartbeat::pulse(self), sweeper::sweep(self, again), retention::keep(self), overlook::keep(self)); std::future::pending().await } => Ok(()),
        };
        self.lose();
        outcome
    }

    /// One look at the board, or one change; never held across an await.
    pub fn board<V>(&self, change: impl FnOnce(&mut PartitionCursors) -> V) -> V {
        change(&mut self.board.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reading or marking went well, or why not.
    pub fn worked(&self, work: Work, outcome: Result<(), &Error>) {
        let outcome = outcome.map_err(ToString::to_string);
        self.able(|able| able.work(work, outcome, Instant::now()));
    }

    /// Why this relay cannot publish; `None` while it can.
    pub fn why_not(&self) -> Option<String> {
        let bus = &self.options.bus;
        let (up, now) = (bus.is_up(), Instant::now());
        let why = self.able(|able| {
            able.connection(up, now);
            able.why_not(now)
        })?;
        Some(if up {
            why
        } else {
            format!("{why} at {}", bus.place())
        })
    }

    /// Can this subject not come into the stream?
    pub fn beyond(&self, subject: &str) -> bool {
        self.coverage.beyond(subject, &self.options.stream)
    }

    fn able<V>(&self, change: impl FnOnce(&mut Able) -> V) -> V {
        change(&mut self.able.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Nothing is published from now on: no session holds a partition.
    pub fn lose(&self) {
        self.hold(Vec::new(), false);
    }

    /// These partitions are published from now on.
    pub fn grant(&self, partitions: Vec<i32>) {
        self.hold(partitions, true);
    }

    fn hold(&self, partitions: Vec<i32>, standing_by: bool) {
        let changed = self.granted.send_replace(Some(partitions.clone()));
        if changed.as_ref() == Some(&partitions) {
            return;
        }
        self.board(|board| board.serve(&partitions));
        let list: Vec<String> = partitions.iter().map(ToString::to_string).collect();
        if partitions.is_empty() {
            // Who has lost its session, or leaves, says so elsewhere.
            if standing_by {
                tracing::info!("ready: stands by, no partition is this relay's");
            }
        } else {
            tracing::info!(
                "ready: publishes the partitions {} of {PARTITIONS}",
                list.join(", ")
            );
        }
    }

    /// Does this relay hold the partition whose holder tidies for all?
    pub fn tidies(&self) -> bool {
        self.granted
            .borrow()
            .as_ref()
            .is_some_and(|partitions| partitions.contains(&0))
    }

    /// Ends when everything that was on its way has arrived, after a stop.
    pub async fn ended(&self) {
        // The sender lives as long as `self`.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }
}

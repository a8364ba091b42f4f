//! A worker process: one crew for each path it serves, their places, deliveries and heartbeats.

mod aside;
mod attempt;
mod caller;
mod delivery;
mod host_limits;
mod keeper;
mod leave;
mod nats_path;
mod open_circuits;
mod queue_path;
mod recorder;
mod refusals;
mod served;
mod signature;
mod verdicts;

pub use caller::{CallCounts, CallOptions, Guard, Reason, raise_limit, roots};
pub use served::Dedication;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::sleep,
};

use self::{
    aside::Aside,
    caller::Caller,
    delivery::{ROOM, ROOM_UNIT},
    host_limits::HostLimits,
    keeper::Keeper,
    leave::Leaves,
    open_circuits::OpenCircuits,
    recorder::{Book, Finished},
    refusals::Refusals,
    served::Served,
};
use super::{
    counters::{Counters, rss_bytes},
    endpoint::{Endpoint, Watched},
    metrics::{Metrics, WorkerMetrics},
    nag::Nag,
    pulse::Pulse,
    stop::Stop,
};
use crate::{
    bus::Bus,
    error::Result,
    model::{ConsumerDefinition, Path},
    store::{
        Db, clock, dedicated,
        delivery::ClaimHolder,
        heartbeat::{WorkerBeat, beat_worker},
        lead,
        stats::{self, ConsumerStats},
    },
};

/// Events held for each call that may run: one is called, the others wait for a place or for their result to be written, so that
/// no place stands idle meanwhile.
const HELD: usize = 4;

/// After a stop the calls under way end by their deadlines, and results that cannot be written get so long. Then they are given up by
/// name: a stop always ends.
const LAST_WRITES: Duration = Duration::from_secs(10);
const LAST_CALLS: Duration = Duration::from_secs(65);

/// Where the NATS path gets its messages.
#[derive(Clone)]
pub struct NatsSource {
    pub bus: Bus,
    pub stream: String,
    pub consumer: ConsumerDefinition,
}

pub struct WorkerOptions {
    pub host: String,
    /// Serve the queue path.
    pub queue: bool,
    /// Serve the NATS path, from here.
    pub nats: Option<NatsSource>,
    /// Whom it serves; `None`: every webhook.
    pub dedication: Option<Dedication>,
    /// Calls in flight at most, for each path.
    pub concurrency: usize,
    /// Calls in flight at most to one host, both paths together; 0: any number.
    pub per_host: usize,
    /// Failures in a row that open an endpoint's circuit; 0: none do.
    pub circuit_after: i32,
    /// A row that another worker has been processing for this long goes back to the queue; zero: never.
    pub reap_after: Duration,
    /// How much longer than the webhook's deadline a claim lasts.
    pub lease_slack: Duration,
    /// Whom it may call, and how.
    pub calls: CallOptions,
    /// How many descriptors this process may have.
    pub descriptors: u64,
}

/// Works until asked to stop, then finishes what it holds. `endpoint`: where it tells how it fares.
pub async fn work(
    db: &Db,
    options: &WorkerOptions,
    endpoint: Option<Endpoint>,
    stop: &Stop,
) -> Result<()> {
    lead::ready(db).await?;
    let mut metrics = Metrics::new();
    let counted = WorkerMetrics::new(&mut metrics);
    let mut pulses = Vec::new();
    let shared = Shared {
        hosts: Arc::new(HostLimits::new(options.per_host, options.per_host * HELD)),
        rests: Arc::default(),
        http: Arc::new(Caller::new(
            options.calls.clone(),
            options.descriptors,
            counted.calls(),
        )?),
        room: Arc::new(Semaphore::new(ROOM / ROOM_UNIT)),
        served: Served::start(db, options.dedication.as_ref(), stop).await?,
    };
    let clocks = tokio::spawn(compare_clocks(db.clone(), shared.http.clone()));
    let crew = |path| Crew::new(db, options, path, counted.of(path), stop, shared.clone());
    let mut crews = tokio::task::JoinSet::new();
    if options.queue {
        let crew = crew(Path::Queue);
        pulses.push(crew.0.pulse.clone());
        crews.spawn(serve(crew, None));
    }
    if let Some(source) = &options.nats {
        let crew = crew(Path::Nats);
        pulses.push(crew.0.pulse.clone());
        metrics.watch(&source.bus);
        crews.spawn(serve(crew, Some(source.clone())));
    }
    if let Some(endpoint) = endpoint {
        endpoint.serve(Watched {
            metrics,
            pulses,
            bus: options.nats.as_ref().map(|source| source.bus.clone()),
            stop: stop.clone(),
        });
    }
    tracing::info!(
        queue = options.queue,
        nats = options.nats.is_some(),
        concurrency = options.concurrency,
        "ready"
    );
    let ended = tokio::select! {
        _ = async { while crews.join_next().await.is_some() {} } => Ok(()),
        error = stop.hurry() => Err(error),
    };
    clocks.abort();
    ended
}

/// Signatures carry the database's time.
async fn compare_clocks(db: Db, caller: Arc<Caller>) {
    let mut tick = tokio::time::interval(Duration::from_secs(60));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let before = Utc::now();
        match clock::now(&db).await {
            Ok(theirs) => caller.compare_clocks(before, theirs, Utc::now()),
            Err(error) => tracing::debug!(%error, "cannot ask the database for its time"),
        }
    }
}

async fn serve(
    (crew, finished): (Arc<Crew>, mpsc::Receiver<Finished>),
    source: Option<NatsSource>,
) {
    let book = Book {
        db: crew.db.clone(),
        worker: crew.holder.id.clone(),
        counters: crew.counters.clone(),
        rests: crew.shared.rests.clone(),
        circuit_after: crew.circuit_after,
        keeper: crew.keeper.clone(),
        aside: Arc::new(Aside::default()),
    };
    let slack = Duration::from_millis(crew.holder.slack_ms.unsigned_abs().into());
    let mut keeping = tokio::task::JoinSet::new();
    keeping.spawn(keeper::run(
        crew.keeper.clone(),
        crew.db.clone(),
        crew.holder.id.clone(),
        slack,
        crew.counters.clone(),
    ));
    keeping.spawn(aside::run(book.clone()));
    keeping.spawn(recorder::run(book.clone(), finished));
    let beats = {
        let (crew, source) = (crew.clone(), source.clone());
        tokio::spawn(async move { crew.beat_while(source.as_ref()).await })
    };
    match &source {
        Some(source) => nats_path::run(&crew, source).await,
        None => queue_path::run(&crew).await,
    }
    crew.finish(&book).await;
    beats.abort();
    crew.beat(source.as_ref(), true).await;
    if let Some(source) = &source {
        // Acknowledgements are on their way; let them out.
        let _ = tokio::time::timeout(Duration::from_secs(2), source.bus.client().flush()).await;
    }
    drop(crew);
    keeping.shutdown().await;
}

/// What both paths of a worker share.
#[derive(Clone)]
pub struct Shared {
    pub hosts: Arc<HostLimits>,
    pub rests: Arc<OpenCircuits>,
    pub http: Arc<Caller>,
    /// For payloads that are read at their call.
    pub room: Arc<Semaphore>,
    /// Whose events are taken.
    pub served: Served,
}

/// What one path of a worker shares.
pub struct Crew {
    pub db: Db,
    pub holder: ClaimHolder,
    pub stop: Stop,
    pub counters: Arc<Counters>,
    pub pulse: Arc<Pulse>,
    pub shared: Shared,
    /// A permit for each call that runs.
    pub calls: Arc<Semaphore>,
    pub results: mpsc::Sender<Finished>,
    pub concurrency: usize,
    pub reap_after: Duration,
    /// Claims whose results wait.
    pub keeper: Arc<Keeper>,
    /// Claims ask here before their call.
    pub leaves: Leaves,
    pub refusals: Refusals,
    circuit_after: i32,
    heartbeat: Nag,
    activity: Nag,
    statistics: Nag,
    path: Path,
    host: String,
    started: DateTime<Utc>,
    /// A permit for each event that is held, until its result is written.
    places: Arc<Semaphore>,
}

impl Crew {
    fn new(
        db: &Db,
        options: &WorkerOptions,
        path: Path,
        counters: Counters,
        stop: &Stop,
        shared: Shared,
    ) -> (Arc<Crew>, mpsc::Receiver<Finished>) {
        let (results, finished) = mpsc::channel(options.concurrency * HELD);
        let id = format!(
            "{}-{}-{path}-{:06x}{}",
            options.host,
            std::process::id(),
            fastrand::u32(..1 << 24),
            match shared.served.is_dedicated() {
                true => dedicated::SUFFIX,
                false => "",
            }
        );
        let crew = Crew {
            db: db.clone(),
            keeper: Arc::default(),
            leaves: Leaves::new(db, &id, path),
            refusals: Refusals::default(),
            holder: ClaimHolder {
                id,
                slack_ms: i32::try_from(options.lease_slack.as_millis()).unwrap_or(i32::MAX),
            },
            stop: stop.clone(),
            counters: Arc::new(counters),
            pulse: Arc::new(Pulse::new(path.as_str())),
            shared,
            calls: Arc::new(Semaphore::new(options.concurrency)),
            results,
            concurrency: options.concurrency,
            reap_after: options.reap_after,
            circuit_after: options.circuit_after,
            heartbeat: Nag::default(),
            activity: Nag::default(),
            statistics: Nag::default(),
            path,
            host: options.host.clone(),
            started: Utc::now(),
            places: Arc::new(Semaphore::new(options.concurrency * HELD)),
        };
        (Arc::new(crew), finished)
    }

    /// Waits until a fair part of the places is free, so that claims come in batches, and takes all that are free.
    /// `None` when asked to stop.
    pub async fn places(&self, at_most: usize) -> Option<OwnedSemaphorePermit> {
        let least = u32::try_from(self.concurrency.div_ceil(2).clamp(1, at_most)).unwrap_or(1);
        let free = self.places.clone().acquire_many_owned(least);
        tokio::pin!(free);
        let mut places = loop {
            tokio::select! {
                places = &mut free => break places.ok()?,
                () = self.stop.wait() => return None,
                // Busy is not stuck.
                () = sleep(Duration::from_secs(1)) => self.pulse.turned(),
            }
        };
        let more = self
            .places
            .available_permits()
            .min(at_most - places.num_permits());
        let more = u32::try_from(more).unwrap_or(0);
        if let Ok(more) = self.places.clone().try_acquire_many_owned(more) {
            places.merge(more);
        }
        Some(places)
    }

    /// After the last claim: all places are free again once every result is written, or waits aside. What cannot be written is given up
    /// by name.
    async fn finish(&self, book: &Book) {
        let all = u32::try_from(self.concurrency * HELD).unwrap_or(u32::MAX);
        let calls = self
            .calls
            .acquire_many(u32::try_from(self.concurrency).unwrap_or(u32::MAX));
        if tokio::time::timeout(LAST_CALLS, calls).await.is_err() {
            tracing::error!("calls are under way beyond their deadlines; they are left behind");
        }
        let written = async {
            let _ = self.places.acquire_many(all).await;
            while book.aside.len() > 0 {
                sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(LAST_WRITES, written).await.is_err() {
            tracing::error!(
                results = book.aside.len(),
                "results could not be written within {} s; they are given up by name",
                LAST_WRITES.as_secs()
            );
            let last = tokio::time::timeout(LAST_WRITES / 2, book.give_up_all());
            if last.await.is_err() {
                tracing::error!(
                    "PostgreSQL does not answer; what waited is taken up again when its lease ends"
                );
            }
        }
    }

    /// So many places, once they are free. `None` when asked to stop.
    pub async fn places_for(&self, count: usize) -> Option<OwnedSemaphorePermit> {
        let count = u32::try_from(count).ok()?;
        tokio::select! {
            biased;
            () = self.stop.wait() => None,
            places = self.places.clone().acquire_many_owned(count) => places.ok(),
        }
    }

    async fn beat_while(&self, source: Option<&NatsSource>) {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.beat(source, false).await;
        }
    }

    /// Heartbeat, path activity and consumer statistics; trouble with them stops no delivery.
    async fn beat(&self, source: Option<&NatsSource>, goodbye: bool) {
        let counters = &self.counters;
        let beat = WorkerBeat {
            worker_id: self.holder.id.clone(),
            path: self.path,
            host: self.host.clone(),
            pid: i32::try_from(std::process::id()).unwrap_or_default(),
            started_at: self.started,
            seen_at: self.started,
            claimed: Counters::get(&counters.claimed),
            delivered: Counters::get(&counters.delivered),
            failed: counters.failed(),
            acked: Counters::get(&counters.acked),
            in_flight: i32::try_from(counters.in_flight.get()).unwrap_or(i32::MAX),
            rss_bytes: rss_bytes(),
            last_error: counters.last_error(),
            dedicated: self.shared.served.is_dedicated(),
        };
        let written = beat_worker(&self.db, &beat, goodbye).await;
        self.pulse.beat(&written);
        self.heartbeat.hear(&written, "cannot write the heartbeat");
        let active = counters.take_active();
        if !active.is_empty() {
            let written = stats::path_activity(&self.db, self.path, &active).await;
            self.activity
                .hear(&written, "cannot write which webhooks were active");
        }
        let Some(source) = source else { return };
        let consumer = ConsumerStats {
            stream: source.stream.clone(),
            worker: self.holder.id.clone(),
            durable: self.shared.served.durable(&source.consumer).name,
            delivered: Counters::get(&counters.received),
            acknowledged: Counters::get(&counters.acked),
            pending: counters.in_flight.get(),
            redelivered: Counters::get(&counters.redelivered),
            mean_ms: counters.mean_ms(),
            active: !goodbye,
        };
        let written = stats::consumer(&self.db, &consumer).await;
        self.statistics
            .hear(&written, "cannot write the consumer's statistics");
    }
}

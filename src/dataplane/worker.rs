//! A worker process: one crew for each path it serves, their places, deliveries and heartbeats.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::sleep,
};

use super::{
    attempt::client,
    counters::{Counters, rss_bytes},
    endpoint::{Endpoint, Watched},
    host::Hosts,
    metrics::{Metrics, WorkerMetrics},
    nats_worker,
    pulse::Pulse,
    queue_worker,
    recorder::{self, Book, Finished},
    rest::Rests,
    stop::Stop,
};
use crate::{
    bus::Bus,
    error::Result,
    model::{ConsumerDefinition, Path},
    store::{
        Db,
        delivery::Holder,
        heartbeat::{WorkerBeat, beat_worker},
        lead,
        stats::{self, ConsumerStats},
    },
};

/// Events held for each call that may run: one is called, the others wait for a place or for their result to be written, so that
/// no place stands idle meanwhile.
const HELD: usize = 4;

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
        hosts: Arc::new(Hosts::new(options.per_host, options.per_host * HELD)),
        rests: Arc::default(),
        http: client()?,
    };
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
    tokio::select! {
        _ = async { while crews.join_next().await.is_some() {} } => Ok(()),
        error = stop.hurry() => Err(error),
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
    };
    let recorder = tokio::spawn(recorder::run(book, finished));
    let beats = {
        let (crew, source) = (crew.clone(), source.clone());
        tokio::spawn(async move { crew.beat_while(source.as_ref()).await })
    };
    match &source {
        Some(source) => nats_worker::run(&crew, source).await,
        None => queue_worker::run(&crew).await,
    }
    // All places are free again once every result is written.
    let all = u32::try_from(crew.concurrency * HELD).unwrap_or(u32::MAX);
    let _ = crew.places.acquire_many(all).await;
    beats.abort();
    crew.beat(source.as_ref(), true).await;
    if let Some(source) = &source {
        // Acknowledgements are on their way; let them out.
        let _ = tokio::time::timeout(Duration::from_secs(2), source.bus.client().flush()).await;
    }
    drop(crew);
    recorder.abort();
}

/// What both paths of a worker share.
#[derive(Clone)]
pub struct Shared {
    pub hosts: Arc<Hosts>,
    pub rests: Arc<Rests>,
    pub http: reqwest::Client,
}

/// What one path of a worker shares.
pub struct Crew {
    pub db: Db,
    pub holder: Holder,
    pub stop: Stop,
    pub counters: Arc<Counters>,
    pub pulse: Arc<Pulse>,
    pub shared: Shared,
    /// A permit for each call that runs.
    pub calls: Arc<Semaphore>,
    pub results: mpsc::Sender<Finished>,
    pub concurrency: usize,
    pub reap_after: Duration,
    circuit_after: i32,
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
        let crew = Crew {
            db: db.clone(),
            holder: Holder {
                id: format!(
                    "{}-{}-{path}-{:06x}",
                    options.host,
                    std::process::id(),
                    fastrand::u32(..1 << 24)
                ),
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

    /// So many places, once they are free. `None` when asked to stop.
    pub async fn places_for(&self, count: usize) -> Option<OwnedSemaphorePermit> {
        let count = u32::try_from(count).ok()?;
        tokio::select! {
            places = self.places.clone().acquire_many_owned(count) => places.ok(),
            () = self.stop.wait() => None,
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
            path: self.path.as_str().to_string(),
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
        };
        let written = beat_worker(&self.db, &beat, goodbye).await;
        self.pulse.beat(&written);
        if let Err(error) = written {
            tracing::warn!(%error, "cannot write the heartbeat");
        }
        let active = counters.take_active();
        if !active.is_empty()
            && let Err(error) = stats::path_activity(&self.db, self.path, &active).await
        {
            tracing::warn!(%error, "cannot write which webhooks were active");
        }
        let Some(source) = source else { return };
        let consumer = ConsumerStats {
            stream: source.stream.clone(),
            worker: self.holder.id.clone(),
            durable: source.consumer.name.clone(),
            delivered: Counters::get(&counters.received),
            acknowledged: Counters::get(&counters.acked),
            pending: counters.in_flight.get(),
            redelivered: Counters::get(&counters.redelivered),
            mean_ms: counters.mean_ms(),
            active: !goodbye,
        };
        if let Err(error) = stats::consumer(&self.db, &consumer).await {
            tracing::warn!(%error, "cannot write the consumer's statistics");
        }
    }
}

//! A worker process: one crew for each path it serves, their places, deliveries and heartbeats.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{AckKind, message::Acker};
use chrono::{DateTime, Utc};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep},
};

use super::{
    attempt::{attempt, client, deadline},
    counters::{Counters, rss_bytes},
    endpoint::{Endpoint, Watched},
    metrics::{Metrics, WorkerMetrics},
    nats_worker,
    pulse::Pulse,
    queue_worker,
    recorder::{self, Finished},
    stop::Stop,
};
use crate::{
    bus::Bus,
    error::Result,
    model::{ConsumerDefinition, Path},
    store::{
        Db,
        delivery::{Claim, Holder, renew},
        heartbeat::{WorkerBeat, beat_worker},
        lead,
        stats::{self, ConsumerStats},
    },
};

/// A call begins only if its lease outlasts its deadline by this part of the slack.
const MARGIN: u32 = 3;

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
    let mut crews = tokio::task::JoinSet::new();
    if options.queue {
        let crew = Crew::new(db, options, Path::Queue, counted.of(Path::Queue), stop)?;
        pulses.push(crew.0.pulse.clone());
        crews.spawn(serve(crew, None));
    }
    if let Some(source) = &options.nats {
        let crew = Crew::new(db, options, Path::Nats, counted.of(Path::Nats), stop)?;
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
    let recorder = tokio::spawn(recorder::run(
        crew.db.clone(),
        crew.holder.id.clone(),
        crew.counters.clone(),
        finished,
    ));
    let beats = {
        let (crew, source) = (crew.clone(), source.clone());
        tokio::spawn(async move { crew.beat_while(source.as_ref()).await })
    };
    match &source {
        Some(source) => nats_worker::run(&crew, source).await,
        None => queue_worker::run(&crew).await,
    }
    // All places are free again once every result is written.
    let all = u32::try_from(crew.concurrency).unwrap_or(u32::MAX);
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

/// What one path of a worker shares.
pub struct Crew {
    pub db: Db,
    pub holder: Holder,
    pub stop: Stop,
    pub counters: Arc<Counters>,
    pub pulse: Arc<Pulse>,
    path: Path,
    host: String,
    started: DateTime<Utc>,
    concurrency: usize,
    places: Arc<Semaphore>,
    http: reqwest::Client,
    results: mpsc::Sender<Finished>,
}

impl Crew {
    fn new(
        db: &Db,
        options: &WorkerOptions,
        path: Path,
        counters: Counters,
        stop: &Stop,
    ) -> Result<(Arc<Crew>, mpsc::Receiver<Finished>)> {
        let (results, finished) = mpsc::channel(options.concurrency.max(16));
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
            path,
            host: options.host.clone(),
            started: Utc::now(),
            concurrency: options.concurrency,
            places: Arc::new(Semaphore::new(options.concurrency)),
            http: client()?,
            results,
        };
        Ok((Arc::new(crew), finished))
    }

    /// Waits until a fair part of the places is free, so that claims come in batches, and takes all that are free.
    /// `None` when asked to stop.
    pub async fn places(&self, at_most: usize) -> Option<OwnedSemaphorePermit> {
        let least = u32::try_from((self.concurrency / 4).clamp(1, at_most)).unwrap_or(1);
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

    /// Starts the deliveries of claims made by the queue path.
    pub fn deliver_all(
        self: &Arc<Self>,
        claims: Vec<Claim>,
        since: Instant,
        mut places: OwnedSemaphorePermit,
    ) {
        for claim in claims {
            if let Some(place) = places.split(1) {
                self.deliver(claim, None, since, place);
            }
        }
    }

    /// Starts one delivery; `since` is a moment before its lease began.
    pub fn deliver(
        self: &Arc<Self>,
        claim: Claim,
        message: Option<Acker>,
        since: Instant,
        place: OwnedSemaphorePermit,
    ) {
        self.counters.claimed.inc();
        self.counters.took_over.inc_by(claim.took_over.into());
        self.counters.ambiguous.inc_by(claim.ambiguous.into());
        self.counters.claimed_for(claim.webhook_id);
        let crew = self.clone();
        tokio::spawn(async move {
            crew.counters.in_flight.inc();
            crew.call(claim, message, since, place).await;
            crew.counters.in_flight.dec();
        });
    }

    async fn call(
        &self,
        claim: Claim,
        message: Option<Acker>,
        since: Instant,
        place: OwnedSemaphorePermit,
    ) {
        if !self.still_ours(&claim, since).await {
            // Somebody else has it, or will have it when the lease ends; the message has nothing to add.
            if let Some(message) = &message {
                recorder::acknowledge(message, &self.counters).await;
            }
            return;
        }
        let outcome = {
            let call = attempt(&self.http, &claim);
            tokio::pin!(call);
            let mut tick = tokio::time::interval_at(Instant::now() + PROGRESS, PROGRESS);
            loop {
                tokio::select! {
                    outcome = &mut call => break outcome,
                    _ = tick.tick() => {
                        if let Some(message) = &message {
                            let _ = message.ack_with(AckKind::Progress).await;
                        }
                    }
                }
            }
        };
        if let Some(error) = &outcome.error {
            tracing::debug!(webhook = claim.webhook_id, call = claim.call_id, attempt = claim.attempt, %error, "a call failed");
            self.counters
                .trouble(format!("webhook {}: {error}", claim.webhook_id));
        }
        let finished = Finished {
            outcome,
            message,
            place,
        };
        let _ = self.results.send(finished).await;
    }

    /// Does the lease outlast the call? Renewed by compare-and-set if not.
    async fn still_ours(&self, claim: &Claim, since: Instant) -> bool {
        let deadline = deadline(claim);
        let slack = Duration::from_millis(self.holder.slack_ms.unsigned_abs().into());
        let lease = deadline + slack;
        if since.elapsed() + deadline + slack / MARGIN < lease {
            return true;
        }
        let lease_ms = i32::try_from(lease.as_millis()).unwrap_or(i32::MAX);
        match renew(&self.db, &self.holder.id, claim, lease_ms).await {
            Ok(held) => held,
            Err(error) => {
                self.counters
                    .trouble(format!("cannot renew a lease: {error}"));
                false
            }
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

/// Well below the shortest sensible ack wait.
const PROGRESS: Duration = Duration::from_secs(10);

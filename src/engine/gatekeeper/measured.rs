//! Everything that the gates of one evaluation need, asked at once; each part may fail by itself.

use chrono::{DateTime, TimeDelta, Utc};

use super::Scope;
use crate::{
    bus::{self, Bus, consumer::LiveConsumer, stream::LiveStream},
    error::Result,
    gates::{
        Counts, QueueCounts,
        backlog::Look,
        workers::{Beat, Crew},
    },
    model::{ConsumerDefinition, StreamDefinition},
    store::{Db, heartbeat, measure, nats_config},
};

/// Heartbeats older than this are history, not silence.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

/// What was measured; each part may have failed by itself.
pub(super) struct Measured {
    pub ledger: Result<Counts, String>,
    pub queue: Result<Vec<QueueCounts>, String>,
    pub crew: Result<(Crew, Option<i64>), String>,
    pub wanted: Result<StreamDefinition, String>,
    pub stream: Result<Option<LiveStream>, String>,
    pub consumer: Result<Option<LiveConsumer>, String>,
    pub before: Option<Look>,
}

pub(super) async fn measure(db: &Db, bus: &Bus, scope: &Scope<'_>) -> Measured {
    let target = scope.plan.nats();
    let (step, enabled) = (scope.step(), scope.enabled());
    // One after the other: both hold the step's tally.
    let counted = async {
        let ledger = match &step {
            Some(step) => words(measure::ledger(db, step, scope.now, scope.limits()).await),
            None => Err("the wave has not begun".to_string()),
        };
        let queue = measure::queue(db, step.as_ref(), &enabled, scope.now).await;
        (ledger, queue)
    };
    let wanted = async {
        let config = nats_config::load(db, &target.config).await?;
        nats_config::wanted_stream(db, &config, Some(&target.stream)).await
    };
    let ((ledger, queue), wanted, stream, consumer) = tokio::join!(
        counted,
        wanted,
        bus::stream::live(bus, &target.stream),
        bus::consumer::live(bus, &target.stream, ConsumerDefinition::NAME),
    );
    let foreign = queue
        .as_ref()
        .map_or(0, |rows| rows.iter().map(|q| q.foreign_done).sum());
    Measured {
        crew: words(crew(db, scope.now, foreign).await),
        before: before(db, scope).await.unwrap_or_default(),
        ledger,
        queue: words(queue),
        wanted: words(wanted),
        stream: words(stream),
        consumer: words(consumer),
    }
}

fn words<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

/// Everybody heard from in the last hour, and the relay's lag.
async fn crew(db: &Db, now: DateTime<Utc>, foreign_queue: i64) -> Result<(Crew, Option<i64>)> {
    let workers = heartbeat::workers(db, now - REMEMBERED).await?;
    let relays = heartbeat::relays(db, now - REMEMBERED).await?;
    // A relay that lives and names no lag has nothing unpublished.
    let lag = relays
        .iter()
        .filter(|r| now - r.seen_at < TimeDelta::minutes(1))
        .map(|r| r.lag_ms.unwrap_or(0))
        .max();
    let of = |path: &str| {
        workers
            .iter()
            .filter(|w| w.path == path)
            .map(|w| Beat {
                id: w.worker_id.clone(),
                seen_at: w.seen_at,
                last_error: w.last_error.clone(),
            })
            .collect()
    };
    let crew = Crew {
        nats: of("nats"),
        queue: of("queue"),
        relays: relays
            .into_iter()
            .map(|r| Beat {
                id: r.relay_id,
                seen_at: r.seen_at,
                last_error: r.last_error,
            })
            .collect(),
        foreign_queue,
    };
    Ok((crew, lag))
}

/// The last look at the queue in this step.
async fn before(db: &Db, scope: &Scope<'_>) -> Result<Option<Look>> {
    let (Some(id), Some(since)) = (scope.migration_id, scope.status.entered_at) else {
        return Ok(None);
    };
    let inputs = measure::previous(db, id, &scope.wave.name, "drain", "empty", since).await?;
    Ok(inputs.and_then(|inputs| {
        Some(Look {
            empty: inputs["empty"].as_bool()?,
            at: inputs["at"].as_str()?.parse().ok()?,
        })
    }))
}

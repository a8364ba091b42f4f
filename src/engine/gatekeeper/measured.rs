//! Everything that the gates of one evaluation need, asked at once; each part may fail by itself.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use tokio::sync::Semaphore;

use super::Scope;
use crate::{
    bus::{self, Bus, LiveConsumer, LiveStream},
    error::{Error, Result},
    gates::{
        Counts, Found, Lately, QueueCounts,
        backlog::{Drained, Level},
        plain::Ambiguous,
        signoff::Signature,
        workers::{Beat, Crew, Steady, Unanswered},
    },
    model::{ConsumerDefinition, Gate, Path, StreamDefinition},
    store::{
        Db,
        heartbeat::{self, RelayBeat, Steadiness, WorkerBeat},
        measure, nats_config, signoff, stats,
        tally::TallyStep,
    },
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
    pub told: Told,
}

/// What stands written beside the counts.
pub(super) struct Told {
    pub before: Result<Option<Drained>, String>,
    /// What waited at earlier looks at this step.
    pub levels: Result<Vec<Level>, String>,
    /// Counted where the plan limits them.
    pub ambiguous: Result<Ambiguous, String>,
    /// Read where the plan wants some.
    pub signatures: Result<Vec<Signature>, String>,
}

/// A look asks PostgreSQL in so many sessions at a time: more processors are rarely free, and to open a session costs more than most of
/// its statements do.
pub const SESSIONS: u32 = 2;

/// Who asks PostgreSQL waits for a turn; first come, first served.
pub(super) struct Turns(Semaphore);

impl Turns {
    pub fn new() -> Turns {
        Turns(Semaphore::new(SESSIONS as usize))
    }

    pub async fn take<T>(&self, asks: impl Future<Output = T>) -> T {
        let _turn = self.0.acquire().await;
        asks.await
    }
}

pub(super) async fn measure(
    db: &Db,
    bus: Result<&Bus, &str>,
    scope: &Scope<'_>,
    turns: &Turns,
) -> Measured {
    let target = scope.plan.nats();
    let (step, enabled) = (scope.step(), scope.enabled());
    let counted = async {
        match &step {
            Some(step) if scope.alone() => {
                words(measure::ledger(db, step, scope.now, scope.limits()).await)
            }
            Some(step) => words(measure::ledger_of_both(db, step, scope.now, scope.limits()).await),
            None => Err("the wave has not begun".to_string()),
        }
    };
    let unrouted = async {
        match &step {
            Some(step) => measure::unrouted(db, step).await,
            None => Ok(Vec::new()),
        }
    };
    let lately = async {
        match &step {
            Some(step) => measure::lately(db, step, scope.now).await,
            None => Ok(Lately::default()),
        }
    };
    let newest = async {
        match &step {
            Some(step) => measure::newest(db, step, scope.now).await,
            None => Ok(BTreeMap::new()),
        }
    };
    let wanted = async {
        let config = nats_config::load(db, &target.config).await?;
        nats_config::wanted_stream(db, &config, Some(&target.stream)).await
    };
    // Those who deliver: what the consumer is called may stand in what they say.
    let deliverers = async {
        let heard = turns.take(heard(db, scope)).await;
        let consumer = consumer(bus, scope, &heard).await;
        (heard, consumer)
    };
    let (ledger, unrouted, (heard, consumer), lately, newest, queue, told, wanted, stream) = tokio::join!(
        turns.take(counted),
        turns.take(unrouted),
        deliverers,
        turns.take(lately),
        turns.take(newest),
        turns.take(measure::queue(db, &enabled, scope.now)),
        turns.take(told(db, scope, step.as_ref())),
        turns.take(wanted),
        async { bus::live_stream(asked(bus)?, &target.stream).await },
    );
    let ledger = ledger.and_then(|counts| {
        Ok(Counts {
            wave: scope.wave.name.clone(),
            lately: words(lately)?,
            newest: words(newest)?,
            names: scope.own().into_iter().map(|w| (w.id, w.name)).collect(),
            ..counts
        })
    });
    let queue = unrouted.and_then(|past| Ok(measure::with_unrouted(queue?, &past)));
    let foreign = queue
        .as_ref()
        .map_or(0, |rows| rows.iter().map(|q| q.foreign_done).sum());
    let live = consumer.as_ref().ok().and_then(Option::as_ref);
    Measured {
        crew: words(crew(db, bus, scope, &heard, foreign, live).await),
        ledger,
        queue: words(queue),
        told,
        wanted: words(wanted),
        stream: words(stream),
        consumer: words(consumer),
    }
}

/// What the gates and people said earlier.
async fn told(db: &Db, scope: &Scope<'_>, step: Option<&TallyStep>) -> Told {
    Told {
        before: words(before(db, scope).await),
        levels: words(levels(db, scope).await),
        ambiguous: match (step, scope.limits().duplicates_max) {
            (Some(step), Some(_)) => words(measure::ambiguous(db, step, scope.now).await),
            _ => Err("the wave has not begun".to_string()),
        },
        signatures: match scope.wave.signoff.is_empty() {
            true => Ok(Vec::new()),
            false => words(signoff::given(db, &scope.matter()).await),
        },
    }
}

/// Why it is not known, and what helps.
fn words<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|error| {
        let hints = error.hints().iter().map(|hint| format!("; {hint}"));
        format!("{error}{}", hints.collect::<String>())
    })
}

fn asked<'b>(bus: Result<&'b Bus, &str>) -> Result<&'b Bus> {
    bus.map_err(Error::failed)
}

/// The durable of those who deliver: ours, or the one that the relay listens to.
async fn consumer(
    bus: Result<&Bus, &str>,
    scope: &Scope<'_>,
    heard: &Result<Heard>,
) -> Result<Option<LiveConsumer>> {
    let name = match scope.independent() {
        false => ConsumerDefinition::NAME,
        true => heard
            .as_ref()
            .map_err(|error| Error::failed(error.to_string()))?
            .relays
            .iter()
            .find_map(|relay| relay.foreign_consumer.as_deref())
            .ok_or_else(|| {
                Error::failed("no relay delivers independently")
                    .hint("start `wavegate relay --delivery independent --consumer NAME`")
            })?,
    };
    bus::live_consumer(asked(bus)?, &scope.plan.nats().stream, name).await
}

/// Everybody heard from in the last hour.
struct Heard {
    workers: Vec<WorkerBeat>,
    relays: Vec<RelayBeat>,
    /// Asked for where the plan wants it.
    steady: Vec<Steadiness>,
}

async fn heard(db: &Db, scope: &Scope<'_>) -> Result<Heard> {
    let since = scope.now - REMEMBERED;
    Ok(Heard {
        workers: heartbeat::workers(db, since).await?,
        relays: heartbeat::relays(db, since).await?,
        steady: match scope.limits().workers_stable_for {
            Some(_) => heartbeat::steady(db, since).await?,
            None => Vec::new(),
        },
    })
}

/// Who is there, and the relay's lag.
async fn crew(
    db: &Db,
    bus: Result<&Bus, &str>,
    scope: &Scope<'_>,
    heard: &Result<Heard>,
    foreign_queue: i64,
    consumer: Option<&LiveConsumer>,
) -> Result<(Crew, Option<i64>)> {
    let now = scope.now;
    let Heard {
        workers,
        relays,
        steady,
    } = heard
        .as_ref()
        .map_err(|error| Error::failed(error.to_string()))?;
    // One that publishes for others than the plan says is none for this plan.
    let relays: Vec<&RelayBeat> = relays
        .iter()
        .filter(|relay| relay.foreign_consumer.is_some() == scope.independent())
        .collect();
    let foreign_nats = match consumer {
        Some(live) if scope.independent() => {
            let name = live.definition.name.clone();
            let counted = stats::last_active(db, &name).await?;
            let lately = counted.is_some_and(|at| now - at < TimeDelta::minutes(1));
            Some((name, live.waiting > 0 || lately))
        }
        _ => None,
    };
    // A relay that lives and names no lag has nothing unpublished.
    let lag = relays
        .iter()
        .filter(|r| (now - r.seen_at).abs() < TimeDelta::minutes(1))
        .map(|r| r.lag_ms.unwrap_or(0))
        .max();
    let beat = |id: &str, seen_at, last_error: &Option<String>| Beat {
        id: id.to_string(),
        seen_at,
        last_error: last_error.clone(),
        steady: steady.iter().find(|s| s.id == id).map(|s| Steady {
            since: s.steady_since,
            rss_bytes: s.rss_bytes,
            rss_settled: s.rss_settled,
        }),
    };
    let of = |path: Path| {
        workers
            .iter()
            .filter(|w| w.path == path)
            .map(|w| beat(&w.worker_id, w.seen_at, &w.last_error))
            .collect()
    };
    let unanswered = match consumer {
        Some(live) if !scope.independent() => unanswered(asked(bus)?, scope, live).await?,
        _ => None,
    };
    let crew = Crew {
        nats: of(Path::Nats),
        queue: of(Path::Queue),
        relays: relays
            .iter()
            .map(|r| beat(&r.relay_id, r.seen_at, &r.last_error))
            .collect(),
        foreign_queue,
        foreign_nats,
        unanswered,
    };
    Ok((crew, lag))
}

/// What the stream holds that nobody has acknowledged.
async fn unanswered(
    bus: &Bus,
    scope: &Scope<'_>,
    live: &LiveConsumer,
) -> Result<Option<Unanswered>> {
    let messages = live.pending + live.ack_pending as u64;
    if messages == 0 {
        return Ok(None);
    }
    Ok(Some(Unanswered {
        messages,
        since: bus::waits_since(bus, &scope.plan.nats().stream, live).await?,
        last_ack: live.last_ack,
        ack_wait_ms: live.definition.ack_wait.as_secs(),
    }))
}

/// The last look at the queue in this step.
async fn before(db: &Db, scope: &Scope<'_>) -> Result<Option<Drained>> {
    match previous(db, scope, &Gate::Drain, "empty").await? {
        Some(Found::Drain(look)) => Ok(Some(look)),
        _ => Ok(None),
    }
}

/// What waited at the looks before this one, as the last of them kept it.
async fn levels(db: &Db, scope: &Scope<'_>) -> Result<Vec<Level>> {
    match previous(db, scope, &Gate::Backlog, "levels").await? {
        None => Ok(Vec::new()),
        Some(Found::Backlog(piled)) => Ok(piled.levels),
        Some(_) => Err(Error::failed(
            "what the last look kept of the backlog cannot be read",
        )),
    }
}

/// What this gate measured the last time it looked at this step, where it measured `key`.
async fn previous(db: &Db, scope: &Scope<'_>, gate: &Gate, key: &str) -> Result<Option<Found>> {
    let (Some(id), Some(since)) = (scope.migration_id, scope.status.entered_at) else {
        return Ok(None);
    };
    let kept = measure::previous(db, id, &scope.wave.name, gate, key, since).await?;
    Ok(kept.map(|kept| kept.found))
}

//! Evaluates the gates of a wave's next step: measures once, lets the pure gates judge, keeps every answer with its inputs.
//! Whatever cannot be measured is inconclusive, never pass.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    bus::{self, Bus, consumer::LiveConsumer, stream::LiveStream},
    error::Result,
    gates::{
        self, Baseline, Counts, GateResult, Guarded, QueueCounts, Report,
        backlog::{Look, Waiting},
        hybrid::Expected,
        place::Headroom,
        workers::{Beat, Crew, Needed},
    },
    model::{
        ConsumerDefinition, GateLimits, Mode, PublishMode, StreamDefinition, WaveStatus, WaveStep,
        Webhook,
    },
    plan::{self, Plan, Wave},
    store::{self, Db, heartbeat, measure, nats_config, state::Migration},
};

/// Heartbeats older than this are history, not silence.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

/// One wave before one step, in plain data.
struct Scope<'a> {
    plan: &'a Plan,
    wave: &'a Wave,
    migration_id: Option<i32>,
    status: WaveStatus,
    members: Vec<i32>,
    /// All webhooks of the database, by id.
    webhooks: BTreeMap<i32, Webhook>,
    guarded: Guarded,
    now: DateTime<Utc>,
}

/// What was measured; each part may have failed by itself.
struct Measured {
    ledger: Result<Counts, String>,
    queue: Result<Vec<QueueCounts>, String>,
    crew: Result<(Crew, Option<i64>), String>,
    wanted: Result<StreamDefinition, String>,
    stream: Result<Option<LiveStream>, String>,
    consumer: Result<Option<LiveConsumer>, String>,
    before: Option<Look>,
}

/// Evaluates the gates that guard the way of `wave` to `to`, and keeps what they said in `wavegate.gate_result`.
/// `now` should be the database's time. Errors only where the webhooks cannot be read or the answers cannot be kept.
pub async fn evaluate(
    db: &Db,
    bus: &Bus,
    plan: &Plan,
    migration: Option<&Migration>,
    wave: &Wave,
    to: Mode,
    now: DateTime<Utc>,
) -> Result<Report> {
    let scope = scope(db, plan, migration, wave, to, now).await?;
    let measured = measure(db, bus, &scope).await;
    let mut report = Report {
        wave: wave.name.clone(),
        step: format!("{} -> {}", scope.status.step, target(scope.status.step, to)),
        at: now,
        results: Vec::new(),
    };
    for gate in scope.guarded.gates() {
        let result = match gate {
            "schema" => schema(db).await,
            _ => judge(gate, to, &scope, &measured),
        };
        report.results.push(result);
    }
    measure::keep(db, scope.migration_id, &report).await?;
    Ok(report)
}

fn target(from: WaveStep, to: Mode) -> String {
    match (from, to) {
        (WaveStep::Nats, Mode::Nats) => "finished".to_string(),
        (_, Mode::Both(share)) => format!("hybrid {share}"),
        (_, mode) => mode.to_string(),
    }
}

async fn scope<'a>(
    db: &Db,
    plan: &'a Plan,
    migration: Option<&Migration>,
    wave: &'a Wave,
    to: Mode,
    now: DateTime<Utc>,
) -> Result<Scope<'a>> {
    let all = store::webhook::all(db, now).await?;
    let status = migration
        .and_then(|m| m.waves.iter().find(|w| w.name == wave.name).cloned())
        .unwrap_or_else(|| WaveStatus {
            name: wave.name.clone(),
            position: wave.position,
            step: WaveStep::Pending,
            attempt: 1,
            entered_at: None,
            members: 0,
        });
    let members = match migration.and_then(|m| m.members.get(&wave.name)) {
        Some(members) => members.clone(),
        None => plan::membership(plan, &all)
            .members
            .remove(&wave.name)
            .unwrap_or_default(),
    };
    Ok(Scope {
        plan,
        wave,
        migration_id: migration.map(|m| m.id),
        guarded: Guarded::between(status.step, to),
        status,
        members,
        webhooks: all.into_iter().map(|w| (w.id, w)).collect(),
        now,
    })
}

impl Scope<'_> {
    fn limits(&self) -> &GateLimits {
        &self.wave.limits
    }

    /// The wave's webhooks that still exist.
    fn own(&self) -> Vec<Webhook> {
        self.members
            .iter()
            .filter_map(|id| self.webhooks.get(id).cloned())
            .collect()
    }

    fn window(&self) -> measure::Window {
        measure::Window {
            // Disabled webhooks count in no gate.
            webhooks: self
                .own()
                .iter()
                .filter(|w| w.enabled)
                .map(|w| w.id)
                .collect(),
            // Before the first step there is no cohort; an hour shows backlog and foreign workers.
            since: self
                .status
                .entered_at
                .filter(|_| self.guarded != Guarded::Enter)
                .unwrap_or(self.now - TimeDelta::hours(1)),
            now: self.now,
        }
    }
}

async fn measure(db: &Db, bus: &Bus, scope: &Scope<'_>) -> Measured {
    let window = scope.window();
    let target = scope.plan.nats();
    let ledger = async {
        let mut counts = measure::ledger(db, &window, scope.limits()).await?;
        counts.baseline = baseline(db, scope).await?;
        Ok(counts)
    };
    let wanted = async {
        let config = nats_config::load(db, &target.config).await?;
        nats_config::wanted_stream(db, &config, Some(&target.stream)).await
    };
    let (ledger, queue, wanted, stream, consumer) = tokio::join!(
        ledger,
        measure::queue(db, &window),
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
        ledger: words(ledger),
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

/// What the queue arm last measured in this migration, for share 100 and beyond.
async fn baseline(db: &Db, scope: &Scope<'_>) -> Result<Baseline> {
    let Some(id) = scope.migration_id else {
        return Ok(Baseline::default());
    };
    let since = scope.now - TimeDelta::days(90);
    let of = async |gate: &str| -> Result<Option<f64>> {
        let inputs = measure::previous(db, id, &scope.wave.name, gate, "baseline", since).await?;
        Ok(inputs.and_then(|inputs| inputs["baseline"].as_f64()))
    };
    Ok(Baseline {
        failure_rate: of("success").await?,
        quantile_ms: of("latency").await?,
    })
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

async fn schema(db: &Db) -> GateResult {
    match store::schema::differences(db).await {
        Ok(differences) => gates::place::verdict(
            "schema",
            &differences
                .iter()
                .map(|d| format!("{} is {}, wanted {}", d.object, d.found, d.wanted))
                .collect::<Vec<_>>(),
            "migration 007 is in place",
            "run `wavegate schema status`, then `wavegate schema apply`",
        ),
        Err(error) => GateResult::unmeasured("schema", &error.to_string()),
    }
}

fn judge(gate: &str, to: Mode, scope: &Scope<'_>, measured: &Measured) -> GateResult {
    match decide(gate, to, scope, measured) {
        Ok(result) => result,
        Err(why) => GateResult::unmeasured(gate, &why),
    }
}

fn decide(
    gate: &str,
    to: Mode,
    scope: &Scope<'_>,
    measured: &Measured,
) -> Result<GateResult, String> {
    let limits = scope.limits();
    let ledger = || measured.ledger.as_ref().map_err(Clone::clone);
    let queue = || measured.queue.as_ref().map_err(Clone::clone);
    Ok(match gate {
        "stream" => stream(measured)?,
        "consumer" => consumer(measured)?,
        "subjects" => subjects(scope, measured)?,
        "headroom" => headroom(scope, measured)?,
        "hybrid_complete" => {
            let (crew, _) = measured.crew.as_ref().map_err(Clone::clone)?;
            gates::hybrid::complete(expected(scope, crew), &scope.members, &scope.own())
        }
        "routed" => gates::hybrid::routed(ledger()?, queue()?),
        "parity" if scope.guarded == Guarded::Watch => gates::parity::single(ledger()?),
        "parity" => gates::parity::verdict(ledger()?),
        "success" => gates::success::verdict(ledger()?, limits),
        "latency" => gates::latency::verdict(ledger()?, limits),
        "errors" => gates::errors::verdict(ledger()?, limits),
        "workers" => {
            let (crew, _) = measured.crew.as_ref().map_err(Clone::clone)?;
            gates::workers::verdict(crew, needed(scope, to), limits, scope.now)
        }
        "backlog" => gates::backlog::verdict(queue()?, &waiting(measured), limits),
        "drain" => gates::backlog::drain(queue()?, measured.before, scope.now),
        "soak" => gates::soak::verdict(scope.status.entered_at, soak(scope), scope.now),
        other => return Err(format!("there is no gate `{other}`")),
    })
}

fn soak(scope: &Scope<'_>) -> Duration {
    match scope.guarded {
        Guarded::Watch => scope.wave.watch,
        _ => gates::soak::per_share(scope.wave.soak, scope.wave.shares.len()),
    }
}

/// Leaving hybrid mode wants share 100, or share 0 where a foreign worker reads the queue.
fn expected(scope: &Scope<'_>, crew: &Crew) -> Expected {
    let share = match scope.guarded {
        Guarded::Leave(0) if crew.foreign_queue > 0 => 0,
        Guarded::Leave(_) => 100,
        Guarded::Share(now) => now,
        _ => 0,
    };
    Expected {
        mode: PublishMode::Both,
        share: Some(share),
    }
}

fn needed(scope: &Scope<'_>, to: Mode) -> Needed {
    let limits = scope.limits();
    let foreign_allowed = match (scope.guarded, to) {
        (Guarded::Share(_), Mode::Both(share)) => share.percent() == 0,
        (Guarded::Leave(now), _) => now == 0,
        _ => true,
    };
    let mut needed = match scope.guarded {
        Guarded::Back => Needed::back(limits),
        Guarded::Share(_) | Guarded::Leave(_) => Needed::forward(limits, true),
        Guarded::Enter | Guarded::Watch => Needed::forward(limits, false),
    };
    needed.foreign_allowed = foreign_allowed;
    needed
}

fn stream(measured: &Measured) -> Result<GateResult, String> {
    let wanted = measured.wanted.as_ref().map_err(Clone::clone)?;
    let differences = match measured.stream.as_ref().map_err(Clone::clone)? {
        None => vec![format!("there is no stream {}", wanted.name)],
        Some(live) => bus::stream::compare(wanted, &live.definition)
            .into_iter()
            .map(|d| format!("{} is {}, wanted {}", d.field, d.found, d.wanted))
            .chain(
                live.read_only
                    .then(|| "it is a mirror or sealed".to_string()),
            )
            .collect(),
    };
    Ok(gates::place::verdict(
        "stream",
        &differences,
        &format!("stream {} is as defined", wanted.name),
        "run `wavegate stream ensure`",
    ))
}

fn consumer(measured: &Measured) -> Result<GateResult, String> {
    let wanted = ConsumerDefinition::new(ConsumerDefinition::NAME);
    let differences = match measured.consumer.as_ref().map_err(Clone::clone)? {
        None => vec![format!("there is no consumer {}", wanted.name)],
        Some(live) => bus::consumer::compare(&wanted, live)
            .into_iter()
            .map(|d| format!("{} is {}, wanted {}", d.field, d.found, d.wanted))
            .collect(),
    };
    Ok(gates::place::verdict(
        "consumer",
        &differences,
        &format!("consumer {} is as defined", wanted.name),
        "run `wavegate stream ensure`",
    ))
}

/// The subject that a webhook publishes to now, or will after the flip.
fn subject(scope: &Scope<'_>, webhook: &Webhook, flips: bool) -> Result<String, String> {
    if flips {
        return scope.plan.nats().subject.render(webhook);
    }
    Ok(webhook
        .subject
        .clone()
        .unwrap_or_else(|| format!("webhooks.{}", webhook.id)))
}

fn subjects(scope: &Scope<'_>, measured: &Measured) -> Result<GateResult, String> {
    let filters = match measured.stream.as_ref().map_err(Clone::clone)? {
        Some(live) => live.definition.subjects.clone(),
        None => Vec::new(),
    };
    let flips = scope.guarded == Guarded::Enter;
    let mut owners: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    let mut differences = Vec::new();
    for webhook in scope.webhooks.values() {
        let own = scope.members.contains(&webhook.id);
        match subject(scope, webhook, flips && own) {
            Ok(subject) => {
                if own && webhook.enabled && !filters.iter().any(|f| plan::covers(f, &subject)) {
                    differences.push(format!(
                        "{subject} of {} ({}) is not in the stream",
                        webhook.name, webhook.id
                    ));
                }
                owners.entry(subject).or_default().push(webhook.id);
            }
            Err(why) if own => {
                differences.push(format!("{} ({}): {why}", webhook.name, webhook.id));
            }
            Err(_) => {}
        }
    }
    for (subject, ids) in &owners {
        if ids.len() > 1 && ids.iter().any(|id| scope.members.contains(id)) {
            differences.push(format!("webhooks {ids:?} share the subject {subject}"));
        }
    }
    Ok(gates::place::verdict(
        "subjects",
        &differences,
        &format!("{} subjects, unique and in the stream", scope.members.len()),
        "choose another nats.subject in the plan, such as webhooks.{id}, or add the subject to the stream",
    ))
}

fn headroom(scope: &Scope<'_>, measured: &Measured) -> Result<GateResult, String> {
    let counts = measured.ledger.as_ref().map_err(Clone::clone)?;
    let Some(live) = measured.stream.as_ref().map_err(Clone::clone)? else {
        return Err("there is no stream".to_string());
    };
    let consumer = measured.consumer.as_ref().map_err(Clone::clone)?;
    let window = scope.window();
    let hours = ((scope.now - window.since).num_milliseconds() as f64 / 3_600_000.0).max(1e-6);
    Ok(gates::place::headroom(&Headroom {
        max_messages: live.definition.max_messages,
        max_bytes: live.definition.max_bytes,
        messages: live.messages,
        bytes: live.bytes,
        pending: consumer.as_ref().map_or(0, |c| c.pending),
        events_per_hour: counts.events() as f64 / hours,
    }))
}

fn waiting(measured: &Measured) -> Waiting {
    let consumer = measured.consumer.as_ref().ok().and_then(Option::as_ref);
    Waiting {
        pending: consumer.map(|c| c.pending),
        unacked: consumer.map(|c| c.ack_pending as u64),
        redelivered: consumer.map(|c| c.redelivered as u64),
        lag_ms: measured.crew.as_ref().ok().and_then(|(_, lag)| *lag),
    }
}

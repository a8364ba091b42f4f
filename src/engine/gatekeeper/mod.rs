//! Evaluates the gates of a wave's next step: measures once, lets the pure gates judge, keeps every answer with its inputs.
//! Whatever cannot be measured is inconclusive, never pass.

mod judge;
mod measured;
mod own;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, Utc};

pub use self::measured::SESSIONS;

use self::measured::Turns;
use crate::engine::forward::choice::Flip;
use crate::{
    bus::Bus,
    error::Result,
    gates::{self, GateResult, Guarded, Report},
    model::{Gate, GateLimits, Mode, WaveStatus, WaveStep, Webhook},
    plan::{self, Plan, Wave},
    store::{self, Db, signoff::Matter, state::Migration, tally::TallyStep, verdicts},
};

/// One wave before one step, in plain data.
struct Scope<'a> {
    plan: &'a Plan,
    wave: &'a Wave,
    migration_id: Option<i32>,
    /// Of the plan's text as pinned, else as read.
    hash: String,
    status: WaveStatus,
    /// Without those that were taken back alone.
    members: Vec<i32>,
    /// Who comes back to where the wave is.
    joining: Vec<i32>,
    /// All webhooks of the database, by id.
    webhooks: BTreeMap<i32, Webhook>,
    guarded: Guarded,
    now: DateTime<Utc>,
}

/// The step that is to be judged, and on whom.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    pub wave: &'a Wave,
    /// Where the wave stands; for one that was rolled back and is resumed, before its first step.
    pub from: WaveStep,
    pub to: Mode,
    pub attempt: i32,
    /// Members that were taken back alone: no gate looks at them.
    pub away: BTreeSet<i32>,
    /// Of these, the ones that come back to where their wave is: judged is the rest of it, and what this step writes for them.
    pub joining: Vec<i32>,
    /// A person takes it on himself that there is nothing to judge: gates that only lack events decide no more.
    pub unjudged: bool,
}

impl<'a> Candidate<'a> {
    /// Of the whole wave, from where it stands.
    pub fn new(migration: Option<&Migration>, wave: &'a Wave, to: Mode) -> Self {
        let status = migration.and_then(|m| m.wave(&wave.name));
        Candidate {
            wave,
            from: status.map_or(WaveStep::Pending, |status| status.step),
            to,
            attempt: status.map_or(1, |status| status.attempt),
            away: BTreeSet::new(),
            joining: Vec::new(),
            unjudged: false,
        }
    }

    /// Of one task that `apply` would carry out.
    pub fn of(wave: &'a Wave, flip: &Flip, away: &BTreeSet<i32>) -> Self {
        let flips: BTreeSet<&i32> = flip.step.webhooks.iter().collect();
        let of_wave = |id: &&i32| flip.joins || !flips.contains(id);
        Candidate {
            wave,
            from: flip.step.from,
            to: flip.step.to,
            attempt: flip.attempt,
            away: away.iter().filter(of_wave).copied().collect(),
            joining: match flip.joins {
                true => flip.step.webhooks.clone(),
                false => Vec::new(),
            },
            unjudged: false,
        }
    }
}

/// `look`, and keeps what was said in `wavegate.gate_result`; an error where it cannot be kept.
pub async fn evaluate(
    db: &Db,
    bus: Result<&Bus, &str>,
    plan: &Plan,
    migration: Option<&Migration>,
    candidate: &Candidate<'_>,
    now: DateTime<Utc>,
) -> Result<Report> {
    let report = look(db, bus, plan, migration, candidate, now).await?;
    verdicts::keep(db, migration.map(|m| m.id), &report).await?;
    Ok(report)
}

/// Evaluates the gates that guard the candidate's step, and leaves no record.
/// `now` should be the database's time. Where NATS is away, `bus` says why, and so do the gates that need it. Errors only where the webhooks cannot be read.
pub async fn look(
    db: &Db,
    bus: Result<&Bus, &str>,
    plan: &Plan,
    migration: Option<&Migration>,
    candidate: &Candidate<'_>,
    now: DateTime<Utc>,
) -> Result<Report> {
    let (wave, to) = (candidate.wave, candidate.to);
    let scope = scope(db, plan, migration, candidate, now).await?;
    let (windows, signoff) = (plan.windows().is_some(), !wave.signoff.is_empty());
    let mut gates = scope.guarded.asked(scope.limits(), windows, signoff);
    if matches!(scope.guarded, Guarded::Join(_)) && scope.enabled().is_empty() {
        // Nothing of the wave is there to look at.
        gates.retain(|gate| !gates::needs_webhooks(gate));
    }
    // What foreign NATS workers send, nobody can tell.
    gates.retain(|gate| *gate != Gate::SameBytes || !scope.independent());
    let turns = Turns::new();
    let way = match scope.joining.len() {
        0 => target(scope.status.step, to),
        some => format!("{}, joined by {some}", target(scope.status.step, to)),
    };
    let (measured, mut place, own) = tokio::join!(
        measured::measure(db, bus, &scope, &turns),
        async {
            match gates.contains(&Gate::Schema) {
                true => Some(turns.take(schema(db)).await),
                false => None,
            }
        },
        turns.take(own::ask(db, &scope, &way)),
    );
    let mut report = Report {
        wave: wave.name.clone(),
        step: format!("{} -> {way}", scope.status.step),
        since: scope.status.entered_at,
        at: now,
        results: Vec::new(),
    };
    for gate in gates {
        let result = match place.take_if(|place| place.gate == gate) {
            Some(place) => place,
            None => judge::judge(&gate, to, &scope, &measured),
        };
        report.results.push(scope.ruled(result));
    }
    judge::too_little(&mut report.results, &scope, &measured, candidate.unjudged);
    for result in own {
        report.results.push(scope.ruled(result));
    }
    Ok(report)
}

/// Only the gates of the candidate's step that ask nothing but the clock, the plan and people: soak, windows, sign-off. Reads no event and
/// leaves no record.
pub async fn known(
    db: &Db,
    plan: &Plan,
    migration: &Migration,
    candidate: &Candidate<'_>,
    now: DateTime<Utc>,
) -> Result<Report> {
    let wave = candidate.wave;
    let scope = scope_of(plan, Some(migration), candidate, now, Vec::new());
    let given = match wave.signoff.is_empty() {
        true => Vec::new(),
        false => store::signoff::given(db, &scope.matter()).await?,
    };
    let (windows, signoff) = (plan.windows().is_some(), !wave.signoff.is_empty());
    let gates = scope.guarded.asked(scope.limits(), windows, signoff);
    let results = gates
        .iter()
        .filter_map(|gate| judge::known(gate, &scope, &given));
    Ok(Report {
        wave: wave.name.clone(),
        step: format!(
            "{} -> {}",
            scope.status.step,
            target(scope.status.step, candidate.to)
        ),
        since: scope.status.entered_at,
        at: now,
        results: results.map(|result| scope.ruled(result)).collect(),
    })
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
    candidate: &Candidate<'a>,
    now: DateTime<Utc>,
) -> Result<Scope<'a>> {
    let begun = migration.is_some_and(|m| m.members.contains_key(&candidate.wave.name));
    let all = match begun {
        true => store::webhook::all(db).await?,
        // Selectors may ask for volumes.
        false => store::webhook::with_volume(db, now).await?,
    };
    Ok(scope_of(plan, migration, candidate, now, all))
}

/// With these webhooks of the database.
fn scope_of<'a>(
    plan: &'a Plan,
    migration: Option<&Migration>,
    candidate: &Candidate<'a>,
    now: DateTime<Utc>,
    all: Vec<Webhook>,
) -> Scope<'a> {
    let wave = candidate.wave;
    let members = migration.and_then(|m| m.members.get(&wave.name));
    let mut status = migration
        .and_then(|m| m.waves.iter().find(|w| w.name == wave.name).cloned())
        .unwrap_or_else(|| WaveStatus {
            name: wave.name.clone(),
            position: wave.position,
            step: WaveStep::Pending,
            attempt: 1,
            entered_at: None,
            members: 0,
        });
    (status.step, status.attempt) = (candidate.from, candidate.attempt);
    let mut members = match members {
        Some(members) => members.clone(),
        None => plan::membership(plan, &all)
            .members
            .remove(&wave.name)
            .unwrap_or_default(),
    };
    members.retain(|id| !candidate.away.contains(id));
    Scope {
        plan,
        wave,
        migration_id: migration.map(|m| m.id),
        hash: migration.map_or(plan.hash(), |m| &m.hash).to_string(),
        guarded: match candidate.joining.is_empty() {
            true => Guarded::between(status.step, candidate.to),
            false => Guarded::joining(status.step),
        },
        status,
        members,
        joining: candidate.joining.clone(),
        webhooks: all.into_iter().map(|w| (w.id, w)).collect(),
        now,
    }
}

impl Scope<'_> {
    /// What signatures for this step are bound to.
    fn matter(&self) -> Matter<'_> {
        Matter {
            migration_id: self.migration_id,
            plan: self.plan.name(),
            hash: &self.hash,
            wave: &self.wave.name,
            from: self.status.step.to_string(),
            since: self.status.entered_at,
        }
    }

    /// With what the plan says of this gate: how long it may be inconclusive, and whether it decides.
    fn ruled(&self, result: GateResult) -> GateResult {
        let rules = &self.wave.gates;
        let key = match &result.gate {
            Gate::MinRate => Gate::Success,
            gate => gate.clone(),
        };
        // The step looks whether NATS carries the rest, and wants no proof that it does so well.
        let result = match self.guarded {
            Guarded::Join(_) if gates::needs_webhooks(&key) && result.lacks_evidence() => {
                result.advisory()
            }
            _ => result,
        };
        let result = match rules.inconclusive_after.get(&key) {
            Some(after) => result.not_for_ever(*after, self.status.entered_at, self.now),
            None => result,
        };
        match rules.advisory.contains(&key) {
            true => result.advisory(),
            false => result,
        }
    }

    /// From 1; further attempts at a step are judged more strictly.
    fn attempt(&self) -> u32 {
        self.status.attempt.max(1).unsigned_abs()
    }

    /// Only NATS delivers.
    fn alone(&self) -> bool {
        matches!(
            self.guarded,
            Guarded::Share(100) | Guarded::Leave(100) | Guarded::Watch
        )
    }

    fn limits(&self) -> &GateLimits {
        &self.wave.limits
    }

    /// Do foreign NATS workers deliver?
    fn independent(&self) -> bool {
        self.plan.delivery() == plan::Delivery::Independent
    }

    /// The wave's webhooks that still exist.
    fn own(&self) -> Vec<Webhook> {
        self.members
            .iter()
            .filter_map(|id| self.webhooks.get(id).cloned())
            .collect()
    }

    /// Those that are enabled: the others count in no gate.
    fn enabled(&self) -> Vec<i32> {
        let own = self.own();
        own.iter().filter(|w| w.enabled).map(|w| w.id).collect()
    }

    /// The step that has begun; before the first one there is nothing to count.
    fn step(&self) -> Option<TallyStep> {
        if self.guarded == Guarded::Enter {
            return None;
        }
        Some(TallyStep {
            migration_id: self.migration_id?,
            wave: self.wave.name.clone(),
            since: self.status.entered_at?,
            block_ms: gates::soak::block_ms(self.limits().block, self.soak()),
            members: self.members.clone(),
            enabled: self.enabled(),
        })
    }

    /// How long the present step should last.
    fn soak(&self) -> Duration {
        match self.guarded {
            Guarded::Watch => self.wave.watch,
            _ => gates::soak::per_share(self.wave.soak, self.wave.shares.len()),
        }
    }
}

async fn schema(db: &Db) -> GateResult {
    match store::schema::differences(db).await {
        Ok(differences) => {
            let differences = differences
                .iter()
                .map(|d| (d.object.as_str(), d.found.as_str(), d.wanted.as_str()));
            gates::place::schema(differences)
        }
        Err(error) => GateResult::unmeasured(&Gate::Schema, &error.to_string()),
    }
}

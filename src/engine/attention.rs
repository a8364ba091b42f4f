//! One list of what needs a look, each with its cause, its age and its command. `status`, `gate` and preflight read it; the relay's metrics
//! count from the same query.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    drift, standstill,
    unfinished::{self, Unfinished},
};
use crate::{
    error::Result,
    model::{Cause, Look, Path, WaveStatus, WaveStep, counted, drift::Drift},
    plan::Plan,
    store::{
        Db, away, clock, flip, guard,
        heartbeat::{self, RelayBeat, SILENT, WorkerBeat},
        hold::{self, Standstill},
        lock,
        standing::{self, Standing},
        state::{self, Migration},
        troubles::{LATE_S, Trouble, troubles},
    },
};

/// One that was silent for so long, without a goodbye, is told of: it beats once a second.
const QUIET: TimeDelta = TimeDelta::seconds(5);
/// After that it is history.
const FORGOTTEN: TimeDelta = TimeDelta::hours(24);
/// A relay that is further behind needs a look.
const BEHIND_MS: i64 = 30_000;
/// Webhooks that are told by name.
const NAMED: usize = 5;
/// An error of longer ago needs none.
const RECENT: TimeDelta = TimeDelta::minutes(15);

/// Everything that is looked at.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    pub now: DateTime<Utc>,
    /// Each wave with what stands where; webhooks of no wave at the end.
    pub waves: Vec<(Option<WaveStatus>, Standing)>,
    /// Everybody who has not said goodbye, heard from within a day.
    pub relays: Vec<RelayBeat>,
    pub workers: Vec<WorkerBeat>,
    pub troubles: Vec<Trouble>,
    /// By wave, the names of members that were taken back alone.
    pub away: BTreeMap<String, Vec<String>>,
    /// What was begun and not ended, while nobody is at work.
    pub unfinished: Vec<Unfinished>,
    /// What stands still.
    pub holds: Vec<Standstill>,
    /// What somebody changed by hand.
    pub drifts: Vec<Drift>,
    /// Since when nobody has looked although the plan wants a guard.
    pub unguarded: Option<DateTime<Utc>>,
}

impl Situation {
    pub async fn read(db: &Db, migration: Option<&Migration>) -> Result<Situation> {
        let now = clock::now(db).await?;
        let (standing, workers, relays, troubles) = tokio::try_join!(
            standing::read(db, migration.map(|m| m.id)),
            heartbeat::all_workers(db, now - FORGOTTEN),
            heartbeat::relays(db, now - FORGOTTEN),
            troubles(db, LATE_S),
        )?;
        let (away, drifts) = match migration {
            Some(migration) => (
                names(migration, &away::read(db, migration.id).await?),
                flip::drifted(db, migration.id).await?,
            ),
            None => Default::default(),
        };
        let unfinished = match lock::holder(db).await? {
            Some(_) => Vec::new(),
            None => unfinished::read(db, migration).await?,
        };
        let unguarded = match migration {
            Some(migration) => unguarded(db, migration, now).await?,
            None => None,
        };
        let holds = hold::standing(db, migration.map(|m| m.id)).await?;
        let of = |position: Option<i32>| {
            let found = standing.iter().find(|one| one.position == position);
            found.cloned().unwrap_or_default()
        };
        let waves = migration.iter().flat_map(|m| &m.waves);
        Ok(Situation {
            now,
            waves: waves
                .map(|wave| (Some(wave.clone()), of(Some(wave.position))))
                .chain([(None, of(None))])
                .collect(),
            relays,
            workers,
            troubles,
            away,
            unfinished,
            holds,
            drifts,
            unguarded,
        })
    }

    pub fn live_relays(&self) -> impl Iterator<Item = &RelayBeat> {
        let from = self.now - SILENT;
        self.relays
            .iter()
            .filter(move |relay| relay.seen_at >= from)
    }

    /// Those that serve every webhook: only they are there for whatever comes.
    pub fn live_workers(&self, path: Path) -> usize {
        let live = self.live().filter(|worker| worker.path == path);
        live.filter(|worker| !worker.dedicated).count()
    }

    /// Those that serve some webhooks only, of both paths.
    pub fn live_dedicated(&self) -> usize {
        self.live().filter(|worker| worker.dedicated).count()
    }

    fn live(&self) -> impl Iterator<Item = &WorkerBeat> {
        let from = self.now - SILENT;
        self.workers
            .iter()
            .filter(move |worker| worker.seen_at >= from)
    }

    /// What an operator should look at, worst first.
    pub fn looks(&self) -> Vec<Look> {
        let mut all = self.missing();
        all.extend(self.unfinished.iter().map(Unfinished::look));
        all.extend(self.unguarded.map(|since| {
            let text = "nobody guards: the plan takes waves back by itself, and no `run` looks";
            Look::new(Cause::Unguarded, text.to_string())
                .since(since)
                .command("wavegate run")
        }));
        all.extend(drift::looks(&self.drifts));
        all.extend(self.holds.iter().map(|hold| {
            Look::new(Cause::Held, standstill::said(hold))
                .since(hold.at)
                .command(standstill::release(hold))
        }));
        all.extend(self.silent());
        all.extend(self.live_relays().filter_map(|relay| self.behind(relay)));
        all.extend(self.troubles.iter().filter_map(trouble));
        all.extend(
            self.waves
                .iter()
                .flat_map(|(wave, _)| self.held_back(wave.as_ref())),
        );
        all.extend(self.live_relays().filter_map(|relay| self.error(relay)));
        all.sort_by_key(|look| look.cause);
        all
    }

    /// Who is needed and not there.
    fn missing(&self) -> Vec<Look> {
        let moved: i64 = self.sum(|one| one.in_both + one.in_nats + one.fenced);
        let waiting = self.sum(|one| one.waiting);
        let mut all = Vec::new();
        let relays: Vec<&RelayBeat> = self.live_relays().collect();
        if moved > 0 && relays.is_empty() {
            let text = "no relay is alive: nothing goes to NATS".to_string();
            all.push(Look::new(Cause::NoRelay, text).command("wavegate relay"));
        }
        // Where foreign workers deliver, ours are not wanted.
        let foreign = relays.iter().any(|relay| relay.foreign_consumer.is_some());
        if moved > 0 && !foreign && self.live_workers(Path::Nats) == 0 {
            let text = "no NATS worker is alive".to_string();
            all.push(Look::new(Cause::NoNatsWorker, text).command("wavegate worker --path nats"));
        }
        if moved > 0 && !foreign && waiting > 0 && self.live_workers(Path::Queue) == 0 {
            let whose: Vec<&str> = self
                .waves
                .iter()
                .flat_map(|(_, standing)| &standing.waiting_in_queue)
                .map(String::as_str)
                .collect();
            let text = format!(
                "no queue worker of ours is alive, and {} wait{}",
                counted(waiting, "call"),
                whose_alone(&whose)
            );
            all.push(Look::new(Cause::NoQueueWorker, text).command("wavegate worker --path queue"));
        }
        all
    }

    /// Who ended without a goodbye, and nobody has taken its place since.
    fn silent(&self) -> Vec<Look> {
        let quiet = self.now - QUIET;
        let relays = self.relays.iter().filter(|relay| {
            relay.seen_at < quiet
                && !self
                    .relays
                    .iter()
                    .any(|other| other.started_at > relay.seen_at && other.seen_at >= quiet)
        });
        let relays = relays.map(|relay| {
            let text = format!(
                "the relay on {} (pid {}) went silent without a goodbye",
                relay.host, relay.pid
            );
            Look::new(Cause::SilentRelay, text).since(relay.seen_at)
        });
        let workers = self.workers.iter().filter(|worker| {
            worker.seen_at < quiet
                && !self.workers.iter().any(|other| {
                    (other.path, other.dedicated) == (worker.path, worker.dedicated)
                        && other.started_at > worker.seen_at
                        && other.seen_at >= quiet
                })
        });
        let workers = workers.map(|worker| {
            let text = format!(
                "the {} worker on {} (pid {}) went silent without a goodbye",
                worker.path, worker.host, worker.pid
            );
            Look::new(Cause::SilentWorker, text).since(worker.seen_at)
        });
        relays.chain(workers).collect()
    }

    fn behind(&self, relay: &RelayBeat) -> Option<Look> {
        let lag = relay.lag_ms.filter(|lag| *lag > BEHIND_MS)?;
        let text = format!(
            "the relay on {} (pid {}) is {} s behind",
            relay.host,
            relay.pid,
            lag / 1000
        );
        let begun = relay.seen_at - TimeDelta::milliseconds(lag);
        Some(
            Look::new(Cause::RelayBehind, text)
                .since(begun)
                .command("wavegate stream status"),
        )
    }

    fn error(&self, relay: &RelayBeat) -> Option<Look> {
        let error = relay.last_error.as_deref()?;
        let at = relay.last_error_at.filter(|at| *at >= self.now - RECENT)?;
        let text = format!("the relay on {} (pid {}): {error}", relay.host, relay.pid);
        Some(Look::new(Cause::LastError, text).since(at))
    }

    fn held_back(&self, wave: Option<&WaveStatus>) -> Option<Look> {
        let wave = wave?;
        let resume = format!("wavegate apply --wave {} --resume", wave.name);
        if wave.step == WaveStep::RolledBack {
            let text = format!("wave {} was rolled back; to go forward again", wave.name);
            return Some(Look::new(Cause::RolledBack, text).command(resume));
        }
        let away = self.away.get(&wave.name)?;
        let text = format!(
            "wave {} goes on without {}, taken back alone",
            wave.name,
            away.join(", ")
        );
        Some(Look::new(Cause::Fenced, text).command(resume))
    }

    fn sum(&self, of: impl Fn(&Standing) -> i64) -> i64 {
        self.waves.iter().map(|(_, standing)| of(standing)).sum()
    }
}

/// Whose calls nobody else takes over.
fn whose_alone(webhooks: &[&str]) -> String {
    match webhooks {
        [] => String::new(),
        few if few.len() <= NAMED => format!(", those of {} in the queue alone", few.join(", ")),
        many => format!(
            ", those of {} and {} more in the queue alone",
            many[..NAMED].join(", "),
            many.len() - NAMED
        ),
    }
}

/// Reads all of it.
pub async fn looks(db: &Db) -> Result<Vec<Look>> {
    let migration = state::load(db).await?;
    Ok(Situation::read(db, migration.as_ref()).await?.looks())
}

/// Since when nobody has looked, where the plan wants a guard, something is moved, and that is too long ago.
async fn unguarded(
    db: &Db,
    migration: &Migration,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    // The pinned text was checked before it was pinned; a newer wavegate may read it otherwise.
    let plan = Plan::parse(&migration.plan).ok();
    let Some(policy) = plan.as_ref().and_then(Plan::auto_rollback) else {
        return Ok(None);
    };
    let moved = migration.waves.iter().filter(|wave| wave.step.is_moved());
    let Some(since) = moved.filter_map(|wave| wave.entered_at).min() else {
        return Ok(None);
    };
    let looked = match guard::looked(db, migration.id).await {
        // Before `schema apply` made its table.
        Err(error) if error.sqlstate() == Some("42P01") => None,
        looked => looked?,
    };
    let since = looked.unwrap_or(since);
    let silent = (now - since).to_std();
    Ok(silent
        .is_ok_and(|silent| silent > policy.silent_after)
        .then_some(since))
}

fn trouble(trouble: &Trouble) -> Option<Look> {
    let whose =
        trouble
            .webhook
            .as_deref()
            .map_or_else(String::new, |name| match trouble.webhooks {
                1 => format!(" of {name}"),
                many => format!(" of {many} webhooks, {name} first,"),
            });
    let are = |noun: &str, what: &str| {
        let verb = if trouble.events == 1 { "is" } else { "are" };
        format!("{}{whose} {verb} {what}", counted(trouble.events, noun))
    };
    let (cause, text, command) = match trouble.cause.as_str() {
        "circuit_open" => {
            let what = "open: the endpoint fails, and is asked now and then only";
            (
                Cause::CircuitOpen,
                are("circuit", what),
                "wavegate dead list",
            )
        }
        "dead" => (Cause::Dead, are("event", "dead"), "wavegate dead list"),
        "stuck" => {
            let what = "set aside, sent by nobody until you decide";
            (Cause::Stuck, are("event", what), "wavegate dead list")
        }
        "undelivered" => {
            let what = "due and not delivered";
            (Cause::Undelivered, are("event", what), "wavegate audit")
        }
        "undelivered_without_row" => {
            let what = "due and not delivered, and NATS alone can";
            (Cause::Undelivered, are("event", what), "wavegate audit")
        }
        "queue_late" => {
            let what = "due in the queue and not delivered";
            (Cause::QueueLate, are("call", what), "wavegate drain --all")
        }
        // By wave, from `standing`.
        _ => return None,
    };
    Some(Look::new(cause, text).since(trouble.since).command(command))
}

/// The members that are away, by name, each under its wave.
fn names(migration: &Migration, away: &BTreeSet<i32>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in away {
        if let Some(wave) = migration.wave_of(*id) {
            let name = migration.names.get(id).cloned();
            let name = name.unwrap_or_else(|| id.to_string());
            all.entry(wave.to_string()).or_default().push(name);
        }
    }
    all
}

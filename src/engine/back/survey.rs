//! Rollback, thought through: from the columns as they are and as they were found to what a webhook goes back to.
//! Carrying it out is in `undo`. No server is asked here but for the survey that the operator sees first.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    error::{Error, Result},
    model::{Change, Columns, Goal, Path, PublishMode, Routing, WaveStep},
    plan::{Delivery, Plan, unknown_wave},
    store::{
        Db, clock, fence, flip,
        heartbeat::{self, WorkerBeat},
        scope::{self, Undelivered},
        state::{self, Migration},
    },
};

/// What is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One webhook, by name or id.
    Webhook(String),
    Wave(String),
    /// Every webhook that NATS has to do with, migration or not.
    All,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Webhook(name) => write!(f, "webhook {name}"),
            Scope::Wave(name) => write!(f, "wave {name}"),
            Scope::All => f.write_str("everything"),
        }
    }
}

/// What a webhook goes back to. `found`: its columns before wavegate touched it, where recorded.
pub fn back(now: &Columns, found: Option<&Columns>, goal: Goal) -> Columns {
    match (goal, now.publish_mode) {
        (Goal::Both, PublishMode::Queue) => now.clone(),
        (Goal::Both, PublishMode::Both | PublishMode::Nats) => Columns {
            publish_mode: PublishMode::Both,
            nats_share: 0,
            ..now.clone()
        },
        (Goal::Queue, _) => {
            let old = found.cloned().unwrap_or_else(|| Columns {
                nats_share: 0,
                ..now.clone()
            });
            Columns {
                publish_mode: PublishMode::Queue,
                // Calls in flight may have read the old mode: cleared only after the barrier, by `settled`.
                nats_enabled: now.nats_enabled,
                ..old
            }
        }
    }
}

/// After the barrier: `nats_enabled` as first found, off where it belonged to another mode or nobody knows.
pub fn settled(now: &Columns, found: Option<&Columns>) -> Columns {
    let enabled = match (now.publish_mode, found) {
        (PublishMode::Queue, Some(old)) => {
            old.nats_enabled && old.publish_mode == PublishMode::Queue
        }
        (PublishMode::Queue, None) => false,
        (PublishMode::Both | PublishMode::Nats, _) => now.nats_enabled,
    };
    Columns {
        nats_enabled: enabled,
        ..now.clone()
    }
}

/// What is known before anything is done: shown to the operator.
#[derive(Debug, Clone)]
pub struct Survey {
    pub scope: Scope,
    pub goal: Goal,
    pub migration: Option<Migration>,
    /// Every webhook of the scope that exists and has something to take back.
    pub changes: Vec<Change>,
    /// Waves that become rolled back, with their attempt.
    pub waves: Vec<(String, i32)>,
    /// Members that somebody deleted.
    pub deleted: Vec<String>,
    pub found: BTreeMap<i32, Columns>,
    pub undelivered: BTreeMap<i32, Undelivered>,
    pub fenced: Vec<i32>,
    pub workers: Vec<WorkerBeat>,
    /// When a foreign queue worker last delivered something of the scope.
    pub foreign_worker: Option<DateTime<Utc>>,
    /// Foreign NATS workers deliver: nobody knows which events of the stream they have sent already, so nothing is re-driven.
    pub independent: bool,
}

impl Survey {
    pub fn ids(&self) -> Vec<i32> {
        self.changes
            .iter()
            .map(|change| change.webhook_id)
            .collect()
    }

    /// Is anybody there who would deliver from the queue?
    pub fn queue_worker_alive(&self) -> bool {
        queue_worker_alive(&self.workers, self.foreign_worker)
    }
}

/// Is one of ours alive, or has somebody else's delivered something lately?
pub(super) fn queue_worker_alive(ours: &[WorkerBeat], foreign: Option<DateTime<Utc>>) -> bool {
    ours.iter().any(|worker| worker.path == Path::Queue)
        || foreign.is_some_and(|at| at > Utc::now() - TimeDelta::minutes(5))
}

/// Reads what the rollback would touch; `None` where there is nothing to take back.
pub async fn survey(db: &Db, scope: Scope, goal: Goal) -> Result<Option<Survey>> {
    let migration = state::load(db).await?;
    let ids = resolve(db, &scope, migration.as_ref()).await?;
    let rows = flip::read(db, &ids).await?;
    let found = state::found(db, &ids).await?;
    let undelivered = scope::undelivered(db, &ids).await?;
    let fenced = fence::standing(db, &ids).await?;
    let deleted = ids
        .iter()
        .filter(|id| !rows.iter().any(|row| row.webhook_id == **id))
        .map(|id| {
            let name = migration.as_ref().and_then(|m| m.names.get(id));
            format!("{} ({id})", name.map_or("?", String::as_str))
        })
        .collect();
    let by_hand = by_hand(db, &scope, migration.as_ref()).await?;
    let touched = |row: &Routing| {
        row.columns.publish_mode != PublishMode::Queue
            || by_hand.contains(&row.webhook_id)
            || undelivered.contains_key(&row.webhook_id)
            || fenced.contains(&row.webhook_id)
            || settled(&row.columns, found.get(&row.webhook_id)) != row.columns
    };
    let changes: Vec<Change> = rows
        .into_iter()
        .filter(touched)
        .map(|row| change(row, &found, goal, migration.as_ref()))
        .collect();
    let waves = waves(&scope, migration.as_ref());
    // A wave that is back already, with nothing left to move, is nothing to do.
    let back_already = waves.iter().all(|(name, _)| {
        let status = migration.as_ref().and_then(|m| m.wave(name));
        status.is_some_and(|status| status.step == WaveStep::RolledBack)
    });
    if changes.is_empty() && back_already {
        return Ok(None);
    }
    let now = clock::now(db).await?;
    let ids: Vec<i32> = changes.iter().map(|change| change.webhook_id).collect();
    Ok(Some(Survey {
        workers: heartbeat::workers(db, now - TimeDelta::seconds(30)).await?,
        foreign_worker: scope::foreign_worker(db, &ids).await?,
        independent: independent(db, migration.as_ref(), now).await?,
        scope,
        goal,
        migration,
        changes,
        waves,
        deleted,
        found,
        undelivered,
        fenced,
    }))
}

/// Webhooks that somebody put elsewhere by hand, also to the queue. What is taken back alone, or with its wave, is fenced like the
/// others, so that its wave goes on without it, or waits; nothing of it may move again by what was written before.
async fn by_hand(db: &Db, scope: &Scope, migration: Option<&Migration>) -> Result<BTreeSet<i32>> {
    let Some(migration) = migration else {
        return Ok(BTreeSet::new());
    };
    let moved = |wave: &str| {
        migration
            .wave(wave)
            .is_some_and(|wave| wave.step.is_moved())
    };
    let drifts = flip::drifted(db, migration.id).await?.into_iter();
    let elsewhere = drifts
        .filter(|one| one.reroutes() && (matches!(scope, Scope::Webhook(_)) || moved(&one.wave)));
    Ok(elsewhere.map(|one| one.now.webhook_id).collect())
}

/// By the plan under way, or by a relay that runs so.
pub async fn independent(
    db: &Db,
    migration: Option<&Migration>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let planned = migration.and_then(|migration| Plan::parse(&migration.plan).ok());
    if planned.is_some_and(|plan| plan.delivery() == Delivery::Independent) {
        return Ok(true);
    }
    let relays = heartbeat::relays(db, now - TimeDelta::minutes(5)).await?;
    Ok(relays.iter().any(|relay| relay.foreign_consumer.is_some()))
}

/// A row with what becomes of it.
pub fn change(
    row: Routing,
    found: &BTreeMap<i32, Columns>,
    goal: Goal,
    migration: Option<&Migration>,
) -> Change {
    Change {
        after: back(&row.columns, found.get(&row.webhook_id), goal),
        wave: migration
            .and_then(|m| m.wave_of(row.webhook_id))
            .map(str::to_string),
        webhook_id: row.webhook_id,
        name: row.name,
        enabled: row.enabled,
        epoch: row.epoch,
        before: row.columns,
    }
}

/// The webhooks of a scope, by id; some may be gone.
pub(in crate::engine) async fn resolve(
    db: &Db,
    scope: &Scope,
    migration: Option<&Migration>,
) -> Result<Vec<i32>> {
    match scope {
        Scope::Webhook(name) => Ok(vec![scope::named(db, name).await?]),
        Scope::Wave(name) => {
            let migration = migration.ok_or_else(|| {
                Error::usage(format!(
                    "no migration is under way, so there is no wave {name}"
                ))
                .hint("take back --webhook NAME or --all instead")
            })?;
            migration.members.get(name).cloned().ok_or_else(|| {
                unknown_wave(
                    &format!("migration {}", migration.name),
                    name,
                    migration.waves.iter().map(|w| w.name.as_str()),
                )
            })
        }
        Scope::All => scope::all(db, migration.map(|m| m.id)).await,
    }
}

/// The waves that the scope takes back as a whole.
fn waves(scope: &Scope, migration: Option<&Migration>) -> Vec<(String, i32)> {
    let wanted = |name: &str| match scope {
        Scope::Webhook(_) => false,
        Scope::Wave(wave) => wave == name,
        Scope::All => true,
    };
    migration
        .iter()
        .flat_map(|migration| &migration.waves)
        .filter(|wave| wanted(&wave.name))
        .filter(|wave| wave.step != WaveStep::Pending)
        .map(|wave| (wave.name.clone(), wave.attempt))
        .collect()
}

//! Reads what a decision rests on: state, unfinished work, holds, the gates of every wave that may move, and what the guard has counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    decide::{Facts, View, step_of},
    guard,
};
use crate::{
    engine::{
        forward::{Judge, executor},
        gatekeeper::Candidate,
        pinned,
        planner::{self, Hold, Snapshot},
        snapshot, unfinished,
    },
    error::Result,
    gates::Report,
    model::{Consent, Gate, Mode, WaveStep, drift::Drift, driven::WaveWait},
    plan::{Plan, Wave},
    store::{
        self, Db,
        approval::{self, ApprovedStep},
        guard::GuardLook,
        hold::{self, Standstill},
        state::Migration,
        verdicts,
    },
};

/// Owned, as read.
#[derive(Debug)]
pub struct Seen {
    pub migration: Option<Migration>,
    pub snapshot: Snapshot,
    pub unfinished: Option<String>,
    pub half_back: Option<String>,
    pub views: BTreeMap<String, View>,
    pub holds: Vec<Standstill>,
    pub drifts: Vec<Drift>,
    /// When the guard had looked last before this.
    pub looked: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
}

impl Seen {
    pub fn facts<'a>(&'a self, plan: &'a Plan, aside: &'a BTreeMap<String, WaveWait>) -> Facts<'a> {
        Facts {
            plan,
            aside,
            snapshot: &self.snapshot,
            unfinished: self.unfinished.as_deref(),
            half_back: self.half_back.as_deref(),
            views: &self.views,
            holds: &self.holds,
            drifts: &self.drifts,
            now: self.now,
        }
    }

    /// Where this wave stands.
    pub fn step(&self, wave: &str) -> WaveStep {
        step_of(&self.snapshot, wave)
    }
}

/// Looks once. What is said by the gates and counted by the guard is kept.
pub async fn read<J: Judge>(db: &Db, plan: &Plan, judge: &J) -> Result<Seen> {
    let migration = pinned::migration(db, plan).await?;
    let now = store::clock::now(db).await?;
    let snapshot = snapshot::read(db, plan, migration.as_ref(), now).await?;
    let mut seen = Seen {
        unfinished: None,
        half_back: None,
        views: BTreeMap::new(),
        holds: hold::standing(db, migration.as_ref().map(|m| m.id)).await?,
        drifts: Vec::new(),
        looked: None,
        migration,
        snapshot,
        now,
    };
    if let Some(migration) = &seen.migration {
        let unfinished = executor::unfinished(db, migration).await?;
        seen.unfinished = unfinished.map(|flip| flip.wave);
        seen.half_back = half_back(db, migration).await?;
        seen.drifts = store::flip::drifted(db, migration.id).await?;
        seen.looked = store::guard::looked(db, migration.id).await?;
    }
    for wave in plan.waves() {
        if let Some(to) = target(plan, &seen.snapshot, wave)
            && let Some(view) = view(db, plan, judge, &seen, wave, to).await?
        {
            seen.views.insert(wave.name.clone(), view);
        }
    }
    Ok(seen)
}

/// The wave of a rollback that the guard began and nobody ended; what a person began is a person's.
async fn half_back(db: &Db, migration: &Migration) -> Result<Option<String>> {
    let all = unfinished::read(db, Some(migration)).await?;
    Ok(all.into_iter().find_map(|one| match one {
        unfinished::Unfinished::Rollback { intent, .. } if intent.consent == Consent::Policy => {
            intent.scope.strip_prefix("wave ").map(str::to_string)
        }
        _ => None,
    }))
}

/// Where a wave that has to be looked at would go next: its turn has come, or something of it is NATS's already.
pub(super) fn target(plan: &Plan, snapshot: &Snapshot, wave: &Wave) -> Option<Mode> {
    let step = snapshot
        .waves
        .iter()
        .find(|status| status.name == wave.name)?;
    match planner::decide(plan, snapshot, &wave.name) {
        Ok(step) => Some(step.to),
        Err(Hold::Watched) => Some(Mode::Nats),
        // It waits for another wave, and what it has already is guarded.
        Err(Hold::Behind { .. }) => match step.step {
            WaveStep::Hybrid(_) => planner::next_mode(wave, step.step).ok(),
            _ => None,
        },
        Err(_) => None,
    }
}

async fn view<J: Judge>(
    db: &Db,
    plan: &Plan,
    judge: &J,
    seen: &Seen,
    wave: &Wave,
    to: Mode,
) -> Result<Option<View>> {
    let migration = seen.migration.as_ref();
    let candidate = Candidate {
        away: seen.snapshot.away.clone(),
        ..Candidate::new(migration, wave, to)
    };
    let Some(report) = judge.judge(migration, &candidate).await? else {
        return Ok(None);
    };
    verdicts::keep(db, migration.map(|m| m.id), &report).await?;
    let step = approved_step(migration, plan, &candidate);
    Ok(Some(View {
        whole: true,
        approved: approval::given(db, &step).await?.is_some(),
        strikes: strikes(db, plan, migration, wave, &report).await?,
        report,
    }))
}

/// The step that a person may have approved.
pub(super) fn approved_step<'a>(
    migration: Option<&Migration>,
    plan: &'a Plan,
    candidate: &Candidate<'a>,
) -> ApprovedStep<'a> {
    let status = migration.and_then(|m| m.wave(&candidate.wave.name));
    ApprovedStep {
        migration_id: migration.map(|m| m.id),
        plan: plan.name(),
        hash: plan.hash(),
        wave: &candidate.wave.name,
        from: candidate.from,
        to: match candidate.from {
            WaveStep::Nats => None,
            _ => Some(candidate.to),
        },
        since: status.and_then(|status| status.entered_at),
    }
}

/// Counts this look for the guard, where the plan has one and the wave has begun.
async fn strikes(
    db: &Db,
    plan: &Plan,
    migration: Option<&Migration>,
    wave: &Wave,
    report: &Report,
) -> Result<Vec<(Gate, u32)>> {
    let (Some(policy), Some(migration)) = (plan.auto_rollback(), migration) else {
        return Ok(Vec::new());
    };
    let status = migration.wave(&wave.name);
    let moved = status.filter(|status| status.step.is_moved());
    let Some(since) = moved.and_then(|status| status.entered_at) else {
        return Ok(Vec::new());
    };
    let look = GuardLook {
        migration_id: migration.id,
        wave: &wave.name,
        since,
        failed: &guard::told(policy, report),
        spacing: policy.every / 2,
    };
    store::guard::note(db, &look).await
}

//! What somebody changed by hand while a migration runs: no step goes on over it, `restore` puts it back, `adopt` lets it stand.

pub mod adopt;
pub mod restore;

use super::{
    back::survey::{self, Scope},
    story,
    unfinished::{self, Unfinished},
};
use crate::{
    error::{Error, Result},
    model::{Cause, Goal, Look, WaveStep, counted, drift::Drift, typed},
    store::{
        Db, flip,
        lock::Lock,
        state::{self, Migration},
    },
};

/// What of a scope was changed by hand, as it was shown.
#[derive(Debug, Clone)]
pub struct Survey {
    pub scope: Scope,
    pub migration: Migration,
    /// Wave by wave.
    pub drifts: Vec<Drift>,
    /// Waves of which webhooks were put back before, without the barrier behind it.
    pub without_barrier: Vec<String>,
    /// Webhooks of which an earlier `adopt` began the rollback, and did not end it.
    pub half_back: Vec<i32>,
}

impl Survey {
    fn step(&self, wave: &str) -> WaveStep {
        let status = self.migration.wave(wave);
        status.map_or(WaveStep::Pending, |status| status.step)
    }

    /// What is typed where `nats` is written.
    pub fn name(&self) -> &str {
        match &self.scope {
            Scope::Webhook(name) | Scope::Wave(name) => name,
            Scope::All => &self.migration.name,
        }
    }
}

/// Reads it. Refused without a migration, and where a step or a rollback has not come to its end.
pub async fn survey(db: &Db, scope: Scope) -> Result<Survey> {
    let Some(migration) = state::load(db).await? else {
        return Err(Error::refused(
            "no migration is under way, so nothing that wavegate wrote has to stand",
        ));
    };
    let ids = match &scope {
        Scope::All => None,
        some => Some(survey::resolve(db, some, Some(&migration)).await?),
    };
    if let (Scope::Webhook(name), Some([id])) = (&scope, ids.as_deref())
        && migration.wave_of(*id).is_none()
    {
        return Err(Error::refused(format!(
            "webhook {name} is in no wave of {}: wavegate wrote nothing to it",
            migration.name
        )));
    }
    let within = |id: i32| ids.as_ref().is_none_or(|ids| ids.contains(&id));
    let mut drifts = flip::drifted(db, migration.id).await?;
    drifts.retain(|one| within(one.now.webhook_id));
    let mut half_back = Vec::new();
    for one in unfinished::read(db, Some(&migration)).await? {
        match one {
            Unfinished::Restore { .. } => {}
            Unfinished::Rollback { intent, .. }
                if intent.scope.starts_with("webhook ")
                    && intent.goal == Goal::Queue
                    && intent.ids.iter().all(|id| within(*id)) =>
            {
                half_back.extend(intent.ids);
            }
            other => return Err(other.refusal()),
        }
    }
    let stories = story::read(db, Some(migration.id)).await?.checked()?;
    let without_barrier = migration.waves.iter().map(|wave| wave.name.clone());
    let without_barrier = without_barrier
        .filter(|wave| stories.restored(migration.id, wave))
        .filter(|wave| {
            migration
                .members
                .get(wave)
                .into_iter()
                .flatten()
                .any(|id| within(*id))
        });
    Ok(Survey {
        without_barrier: without_barrier.collect(),
        scope,
        drifts,
        half_back,
        migration,
    })
}

/// What was shown is still so, once the lock is ours.
async fn still(db: &Db, shown: &Survey) -> Result<()> {
    let now = state::load(db).await?;
    let stands = |m: &Migration| (m.hash.clone(), m.members.clone());
    if now.is_some_and(|now| {
        stands(&now) == stands(&shown.migration) && now.steps() == shown.migration.steps()
    }) {
        return Ok(());
    }
    let moved = "a wave has moved, or the plan was amended meanwhile; nothing was changed";
    Err(Error::refused(moved).hint("run the command again"))
}

/// The lock is given back, whatever happened under it.
async fn released<T>(lock: Lock, outcome: Result<T>) -> Result<T> {
    let released = lock.release().await;
    let outcome = outcome?;
    released?;
    Ok(outcome)
}

fn nothing(shown: &Survey) -> Error {
    Error::refused(format!(
        "nothing of {} was changed by hand; nothing was changed now",
        shown.scope
    ))
    .hint("`wavegate status` shows where every wave stands")
}

/// The webhooks of a step must be where wavegate put them. What only looks different (a subject, a config) is shown with the step, which
/// writes it anew.
pub async fn allows(
    db: &Db,
    migration: Option<&Migration>,
    wave: &str,
    webhooks: &[i32],
) -> Result<()> {
    let moved = |m: &&Migration| m.wave(wave).is_some_and(|wave| wave.step.is_moved());
    let Some(migration) = migration.filter(moved) else {
        return Ok(());
    };
    let mut drifts = flip::drifted(db, migration.id).await?;
    drifts.retain(|one| one.reroutes() && webhooks.contains(&one.now.webhook_id));
    let Some((why, scope)) = of_wave(&drifts, wave, webhooks) else {
        return Ok(());
    };
    let each: Vec<String> = drifts.iter().map(Drift::said).collect();
    Err(Error::refused(format!("{why}; nothing was changed"))
        .list(&each)
        .hint(format!("`wavegate restore {scope}` puts back what wavegate wrote"))
        .hint(format!(
            "`wavegate adopt {scope}` lets it stand; what is in the queue counts as taken back alone"
        )))
}

/// What keeps the wave from going on, and the scope of a command about it. Before its first step nothing of a wave is wavegate's.
pub fn of_wave(drifts: &[Drift], wave: &str, webhooks: &[i32]) -> Option<(String, String)> {
    let elsewhere: Vec<&Drift> = drifts
        .iter()
        .filter(|one| one.wave == wave && webhooks.contains(&one.now.webhook_id))
        .filter(|one| one.reroutes())
        .collect();
    let first = elsewhere.first()?;
    Some(match elsewhere.len() {
        1 => (
            format!("{} of wave {wave} was changed by hand", first.now.name),
            format!("--webhook {}", typed::word(&first.now.name)),
        ),
        many => (
            format!("{many} webhooks of wave {wave} were changed by hand"),
            format!("--wave {wave}"),
        ),
    })
}

/// One look for each wave.
pub fn looks(drifts: &[Drift]) -> Vec<Look> {
    let waves = drifts.chunk_by(|one, next| one.wave == next.wave);
    let look = |drifts: &[Drift]| {
        let first = drifts.first()?;
        let (wave, count) = (&first.wave, drifts.len());
        let scope = match count {
            1 => format!("--webhook {}", typed::word(&first.now.name)),
            _ => format!("--wave {wave}"),
        };
        let names: Vec<&str> = drifts.iter().map(|one| &*one.now.name).take(3).collect();
        let text = format!(
            "changed by hand: {} of wave {wave} ({}{}); `status --wave {wave}` shows what, `adopt` lets it stand",
            counted(count, "webhook"),
            names.join(", "),
            if count > 3 { ", ..." } else { "" }
        );
        Some(Look::new(Cause::ChangedByHand, text).command(format!("wavegate restore {scope}")))
    };
    waves.filter_map(look).collect()
}

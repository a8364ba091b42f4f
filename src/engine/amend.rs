//! A plan under way gets another text. What has moved stays as it is: its waves, their members, and where their events go.

use std::collections::{BTreeMap, BTreeSet};

use super::{Work, pinned, unfinished};
use crate::{
    error::{Error, Result},
    model::{
        Confirmed, Entry, WaveStep, Webhook,
        amendment::{AmendedWave, Amendment, LeftOut, WaveChange},
        journal::{Amended, PlanText},
    },
    plan::{Membership, Plan, Surroundings, lint, membership},
    store::{
        Db, amend, clock,
        journal::{self, Line},
        lock::{self, Lock},
        state::{self, Beginning, Migration},
        webhook,
    },
};

/// What is to become of the migration.
#[derive(Debug)]
pub struct Amending {
    pub migration: Migration,
    pub told: Amendment,
    /// Every wave of the new text, with its members.
    becomes: Beginning,
}

/// What the new text changes, `None` where it says the same. Refused with all that is in the way.
pub async fn survey(db: &Db, plan: &Plan) -> Result<Option<Amending>> {
    let Some(migration) = state::load(db).await? else {
        return Err(
            Error::refused("no migration is under way: there is nothing to amend")
                .hint("change the file; `wavegate apply PLAN` begins with it as it is then"),
        );
    };
    if migration.name != plan.name() {
        return Err(state::other_under_way(&migration.name));
    }
    let old = Plan::parse(&migration.plan).ok();
    if old.as_ref().is_some_and(|old| old.means_the_same(plan)) {
        return Ok(None);
    }
    if !unfinished::read(db, Some(&migration)).await?.is_empty() {
        return Err(Error::refused(
            "a step or a rollback has not come to its end; nothing was changed",
        )
        .hint("`wavegate status` shows the command that goes on with it"));
    }
    let webhooks = webhook::any(db, clock::now(db).await?).await?;
    stays(&migration, old.as_ref(), plan)?;
    let assigned = assign(&migration, plan, &webhooks);
    fits(plan, &assigned, &webhooks)?;
    let told = tell(&migration, plan, &assigned, &webhooks);
    let members = |wave: &str| {
        assigned
            .members
            .members
            .get(wave)
            .cloned()
            .unwrap_or_default()
    };
    let waves = plan
        .waves()
        .iter()
        .map(|wave| (wave.name.clone(), members(&wave.name)));
    let becomes = Beginning {
        name: plan.name().to_string(),
        plan: plan.text().to_string(),
        hash: plan.hash().to_string(),
        waves: waves.collect(),
    };
    Ok(Some(Amending {
        migration,
        told,
        becomes,
    }))
}

/// Who belongs where by the new text.
struct Assigned {
    members: Membership,
    left_out: Vec<(i32, String)>,
    /// Waves that have moved.
    moved: BTreeSet<String>,
}

fn moved(migration: &Migration) -> BTreeSet<String> {
    let moved = migration
        .waves
        .iter()
        .filter(|wave| wave.step != WaveStep::Pending);
    moved.map(|wave| wave.name.clone()).collect()
}

/// A wave that has moved may not vanish, and its events may not go elsewhere.
fn stays(migration: &Migration, old: Option<&Plan>, plan: &Plan) -> Result<()> {
    let moved = moved(migration);
    let mut faults: Vec<String> = migration
        .waves
        .iter()
        .filter(|wave| moved.contains(&wave.name) && plan.wave(&wave.name).is_none())
        .map(|wave| {
            format!(
                "wave {} is {}, and the new text does not have it",
                wave.name, wave.step
            )
        })
        .collect();
    if let (false, Some(old)) = (moved.is_empty(), old) {
        if old.nats() != plan.nats() {
            faults.push("`nats` changes, and webhooks that have moved publish by it".to_string());
        }
        if old.delivery() != plan.delivery() {
            faults
                .push("`delivery` changes, and events that are on their way go by it".to_string());
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let error = Error::refused("the new text changes what has moved already; nothing was changed");
    Err(faults.into_iter().fold(error, Error::detail).hint(
        "leave that as it is, or take the waves back and close the migration: `wavegate rollback --all --to queue`, `wavegate close`",
    ))
}

/// Members of waves that have moved are fixed; the selectors choose among all others.
fn assign(migration: &Migration, plan: &Plan, webhooks: &[Webhook]) -> Assigned {
    let moved = moved(migration);
    let fixed: BTreeMap<&String, &Vec<i32>> = migration
        .members
        .iter()
        .filter(|(wave, _)| moved.contains(*wave))
        .collect();
    let taken: BTreeSet<i32> = fixed.values().flat_map(|ids| ids.iter().copied()).collect();
    let free: Vec<Webhook> = webhooks
        .iter()
        .filter(|one| !taken.contains(&one.id))
        .cloned()
        .collect();
    let mut members = membership(plan, &free);
    let mut left_out = Vec::new();
    for (wave, ids) in fixed {
        if let Some(wanted) = members.members.insert(wave.clone(), ids.clone()) {
            left_out.extend(wanted.into_iter().map(|id| (id, wave.clone())));
        }
    }
    // What a wave that has moved asks for is there already.
    let gone_by: Vec<String> = (0..)
        .zip(plan.waves())
        .filter(|(_, wave)| moved.contains(&wave.name))
        .map(|(place, _): (usize, _)| format!("waves[{place}]."))
        .collect();
    members
        .missing
        .retain(|fault| !gone_by.iter().any(|path| fault.path.starts_with(path)));
    Assigned {
        members,
        left_out,
        moved,
    }
}

fn fits(plan: &Plan, assigned: &Assigned, webhooks: &[Webhook]) -> Result<()> {
    let around = Surroundings {
        begun: Some(&assigned.moved),
        amends: true,
        ..Surroundings::default()
    };
    let faults = lint(plan, &assigned.members, webhooks, around).faults;
    pinned::no_faults(plan, &faults)
}

fn tell(
    migration: &Migration,
    plan: &Plan,
    assigned: &Assigned,
    webhooks: &[Webhook],
) -> Amendment {
    let names: BTreeMap<i32, &str> = webhooks
        .iter()
        .map(|one| (one.id, one.name.as_str()))
        .collect();
    let name = |id: &i32| match names.get(id) {
        Some(name) => (*name).to_string(),
        None => migration
            .names
            .get(id)
            .cloned()
            .unwrap_or_else(|| id.to_string()),
    };
    let none = Vec::new();
    let in_order = plan.waves().iter().map(|wave| &wave.name);
    let gone = migration
        .waves
        .iter()
        .map(|wave| &wave.name)
        .filter(|wave| plan.wave(wave).is_none());
    let waves = in_order.chain(gone).filter_map(|wave| {
        let before = migration.members.get(wave);
        let after = assigned.members.members.get(wave);
        let change = match (migration.wave(wave), plan.wave(wave)) {
            (None, _) => WaveChange::New,
            (_, None) => WaveChange::Gone,
            _ => WaveChange::Members,
        };
        let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
        let only = |these: &[i32], those: &[i32]| -> Vec<String> {
            let those: BTreeSet<&i32> = those.iter().collect();
            these
                .iter()
                .filter(|id| !those.contains(id))
                .map(name)
                .collect()
        };
        let (gained, lost) = (only(after, before), only(before, after));
        (change != WaveChange::Members || !gained.is_empty() || !lost.is_empty()).then(|| {
            AmendedWave {
                wave: wave.clone(),
                change,
                gained,
                lost,
            }
        })
    });
    let left_out = assigned.left_out.iter().map(|(id, wave)| LeftOut {
        webhook: name(id),
        wave: wave.clone(),
    });
    Amendment {
        lines: pinned::difference(&migration.plan, plan.text(), LINES),
        waves: waves.collect(),
        left_out: left_out.collect(),
    }
}

/// So many lines of a difference are shown to who is to agree to it.
const LINES: usize = 200;

/// Pins the new text, in one transaction; refused where anything has moved since it was shown.
pub async fn carry_out(
    work: &Work<'_>,
    lock: &Lock,
    amending: &Amending,
    why: Option<&str>,
    confirmed: Confirmed,
) -> Result<()> {
    let old = &amending.migration;
    let mut tx = work.db.pool().begin().await?;
    lock::verify(&mut tx, lock.id()).await?;
    let now = state::load_on(&mut tx).await?;
    if now.is_none_or(|now| {
        (&now.hash, &now.members, now.steps()) != (&old.hash, &old.members, old.steps())
    }) {
        return Err(Error::refused(
            "a wave has moved, or the plan was amended meanwhile; nothing was changed",
        )
        .hint("run the command again"));
    }
    amend::pin(&mut tx, old.id, &amending.becomes).await?;
    let line = Line {
        migration_id: Some(old.id),
        ..Line::new(Entry::PlanAmended {
            before: PlanText {
                hash: old.hash.clone(),
                plan: old.plan.clone(),
            },
            after: Amended {
                hash: amending.becomes.hash.clone(),
                waves: amending
                    .told
                    .waves
                    .iter()
                    .map(|wave| wave.wave.clone())
                    .collect(),
                webhooks: amending
                    .becomes
                    .waves
                    .iter()
                    .map(|(_, ids)| ids.len())
                    .sum(),
                why: why.map(str::to_string),
                consent: confirmed.consent(),
            },
        })
    };
    journal::append(&mut tx, work.actor, &line).await?;
    tx.commit().await?;
    (work.checkpoint)(line.entry.kind().as_str())
}

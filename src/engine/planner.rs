//! What comes next, and if nothing, why. Pure: plan and snapshot in, steps out; it sees no server and no clock.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
};

use chrono::{DateTime, Utc};

use crate::{
    model::{Mode, Share, WaveStatus, WaveStep, Webhook},
    plan::{Plan, Promote, Wave, membership},
};

/// What was read from the database at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub waves: Vec<WaveStatus>,
    /// Webhook ids by wave, as fixed at the start.
    pub members: BTreeMap<String, Vec<i32>>,
    pub webhooks: Vec<Webhook>,
    /// Members that were taken back alone: their waves go on without them.
    pub away: BTreeSet<i32>,
}

impl Snapshot {
    /// A migration that has not begun: every wave pending, its members by the plan's selectors.
    pub fn before_start(plan: &Plan, webhooks: Vec<Webhook>) -> Snapshot {
        let members = membership(plan, &webhooks).members;
        let count = |name: &str| members.get(name).map_or(0, Vec::len);
        let waves = plan
            .waves()
            .iter()
            .map(|wave| WaveStatus {
                name: wave.name.clone(),
                position: wave.position,
                step: WaveStep::Pending,
                attempt: 1,
                entered_at: None,
                members: i64::try_from(count(&wave.name)).unwrap_or(i64::MAX),
            })
            .collect();
        Snapshot {
            waves,
            members,
            webhooks,
            away: BTreeSet::new(),
        }
    }

    fn step(&self, wave: &str) -> WaveStep {
        self.waves
            .iter()
            .find(|status| status.name == wave)
            .map_or(WaveStep::Pending, |status| status.step)
    }

    /// The members of every wave that still exist, rising; disabled ones move along.
    fn living(&self) -> Living<'_> {
        let existing: HashSet<i32> = self.webhooks.iter().map(|webhook| webhook.id).collect();
        let living = |ids: &Vec<i32>| {
            let mut ids: Vec<i32> = ids
                .iter()
                .copied()
                .filter(|id| existing.contains(id))
                .collect();
            ids.sort_unstable();
            ids
        };
        self.members
            .iter()
            .map(|(name, ids)| (name.as_str(), living(ids)))
            .filter(|(_, ids)| !ids.is_empty())
            .collect()
    }
}

/// Existing members by wave; waves without any are left out.
type Living<'a> = BTreeMap<&'a str, Vec<i32>>;

/// One flip of one wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub wave: String,
    pub from: WaveStep,
    pub to: Mode,
    /// The webhooks to flip, rising.
    pub webhooks: Vec<i32>,
}

/// Why a wave has no next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The plan has no such wave.
    Unknown,
    /// No member of it exists.
    Empty,
    /// Every member of it was taken back alone.
    Away,
    /// Another wave must get further first.
    Behind {
        wave: String,
        step: WaveStep,
    },
    /// Taken back; somebody must resume it on purpose.
    RolledBack,
    /// In `nats`: it is watched, and then finished without a flip.
    Watched,
    Finished,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hold::Unknown => f.write_str("the plan has no such wave"),
            Hold::Empty => f.write_str("it has no webhook"),
            Hold::Away => f.write_str(
                "every webhook of it was taken back alone, and stays so until it is resumed on purpose",
            ),
            Hold::Behind { wave, step } => write!(f, "wave {wave} comes first; it is {step}"),
            Hold::RolledBack => {
                f.write_str("it was rolled back and stays so until it is resumed on purpose")
            }
            Hold::Watched => f.write_str("it is in nats and being watched"),
            Hold::Finished => f.write_str("it is finished"),
        }
    }
}

/// The next flip of one wave, in the plan's order of promotion, or why it has none.
pub fn decide(plan: &Plan, snapshot: &Snapshot, wave: &str) -> Result<Step, Hold> {
    choose(plan, snapshot, &snapshot.living(), wave)
}

/// Every flip that the plan's order allows now, in that order.
pub fn next_steps(plan: &Plan, snapshot: &Snapshot) -> Vec<Step> {
    let living = snapshot.living();
    plan.waves()
        .iter()
        .filter_map(|wave| choose(plan, snapshot, &living, &wave.name).ok())
        .collect()
}

/// When a wave in `nats` has been watched long enough to be called finished; `None` in any other step.
pub fn watch_ends(plan: &Plan, snapshot: &Snapshot, wave: &str) -> Option<DateTime<Utc>> {
    let status = snapshot.waves.iter().find(|status| status.name == wave)?;
    let watch = chrono::TimeDelta::from_std(plan.wave(wave)?.watch).ok()?;
    match status.step {
        WaveStep::Nats if all_away(snapshot, &snapshot.living(), wave) => None,
        WaveStep::Nats => status.entered_at?.checked_add_signed(watch),
        _ => None,
    }
}

/// The mode after this step, whatever other waves do.
pub fn next_mode(wave: &Wave, from: WaveStep) -> Result<Mode, Hold> {
    Ok(match from {
        WaveStep::Pending => wave
            .shares
            .first()
            .map_or(Mode::Both(Share::NONE), |share| Mode::Both(*share)),
        WaveStep::Hybrid(now) => wave
            .shares
            .iter()
            .find(|share| share.percent() > now)
            .map_or(Mode::Nats, |share| Mode::Both(*share)),
        WaveStep::Nats => return Err(Hold::Watched),
        WaveStep::Finished => return Err(Hold::Finished),
        WaveStep::RolledBack => return Err(Hold::RolledBack),
    })
}

fn choose(plan: &Plan, snapshot: &Snapshot, living: &Living<'_>, name: &str) -> Result<Step, Hold> {
    let wave = plan.wave(name).ok_or(Hold::Unknown)?;
    let from = snapshot.step(name);
    let to = match from {
        WaveStep::Nats if all_away(snapshot, living, name) => return Err(Hold::Away),
        from => next_mode(wave, from)?,
    };
    let webhooks = living.get(name).cloned().ok_or(Hold::Empty)?;
    if let Some(first) = before(plan, snapshot, living, wave, from, to) {
        return Err(Hold::Behind {
            wave: first.name.clone(),
            step: snapshot.step(&first.name),
        });
    }
    let webhooks: Vec<i32> = webhooks
        .into_iter()
        .filter(|id| !snapshot.away.contains(id))
        .collect();
    if webhooks.is_empty() {
        return Err(Hold::Away);
    }
    Ok(Step {
        wave: name.to_string(),
        from,
        to,
        webhooks,
    })
}

fn all_away(snapshot: &Snapshot, living: &Living<'_>, wave: &str) -> bool {
    living
        .get(wave)
        .is_some_and(|ids| ids.iter().all(|id| snapshot.away.contains(id)))
}

/// The first wave that must get further before this one may take its step. Waves without webhooks hold nobody up.
fn before<'a>(
    plan: &'a Plan,
    snapshot: &Snapshot,
    living: &Living<'_>,
    wave: &Wave,
    from: WaveStep,
    to: Mode,
) -> Option<&'a Wave> {
    let in_nats = |other: &Wave| {
        matches!(
            snapshot.step(&other.name),
            WaveStep::Nats | WaveStep::Finished
        )
    };
    let hybrid = |other: &Wave| {
        in_nats(other)
            || matches!((snapshot.step(&other.name), other.shares.last()),
                        (WaveStep::Hybrid(now), Some(last)) if now >= last.percent())
    };
    let earlier = |other: &Wave| other.position < wave.position;
    plan.waves()
        .iter()
        .filter(|other| other.name != wave.name && living.contains_key(other.name.as_str()))
        .find(|other| match (plan.promote(), from, to) {
            (Promote::PerWave, WaveStep::Pending, _) => earlier(other) && !in_nats(other),
            (Promote::PerWave, _, _) => false,
            (Promote::Together, _, Mode::Nats) => !hybrid(other),
            (Promote::Together, WaveStep::Pending, _) => earlier(other) && !hybrid(other),
            (Promote::Together, _, _) => false,
        })
}

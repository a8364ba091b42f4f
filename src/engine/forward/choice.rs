//! Which wave `apply` takes further, and how far. Pure: plan and snapshot in, a task or the reason for none out.

use std::{collections::BTreeSet, str::FromStr};

use chrono::{DateTime, Utc};

use crate::engine::planner::{self, Hold, Snapshot, Step};
use crate::{
    error::{Error, Result},
    model::{Mode, Share, WaveStep},
    plan::{Plan, unknown_wave},
};

/// `--to`: a wave is asked to take this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Both,
    Share(Share),
    Nats,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = |number: &str| {
            number
                .trim_end_matches('%')
                .parse()
                .ok()
                .and_then(Share::new)
        };
        match text.split_once('=') {
            None if text == "both" => Ok(Target::Both),
            None if text == "nats" => Ok(Target::Nats),
            None if text == "queue" => {
                Err("back to queue goes `wavegate rollback --to queue`".to_string())
            }
            Some(("share", number)) => share(number)
                .map(Target::Share)
                .ok_or_else(|| format!("a share of `{number}`; wanted 0 to 100")),
            _ => Err(format!("`{text}`; wanted both, nats or share=N")),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    Flip(Flip),
    /// Watched long enough: the wave is finished, nothing is flipped.
    Finish {
        wave: String,
    },
}

/// One flip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    pub step: Step,
    /// The wave's from then on.
    pub attempt: i32,
    /// Fences go first, and members that were taken back come along.
    pub resume: bool,
    /// Only these come back, to where their wave is: the wave itself takes no step.
    pub joins: bool,
    /// A lower share needs no gate.
    pub gated: bool,
}

/// What the operator asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    pub wave: Option<&'a str>,
    pub to: Option<Target>,
    pub resume: bool,
}

/// The task for this wish.
pub fn choose(
    plan: &Plan,
    snapshot: &Snapshot,
    wish: Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Task> {
    match wish.wave {
        Some(wave) => for_wave(plan, snapshot, wave, wish, now),
        None if wish.resume || wish.to.is_some() => {
            Err(Error::usage("--to and --resume want a wave")
                .hint("say which with --wave NAME; `wavegate status` lists them"))
        }
        None => for_first(plan, snapshot, now),
    }
}

/// The first wave of the plan's order that has something to do.
fn for_first(plan: &Plan, snapshot: &Snapshot, now: DateTime<Utc>) -> Result<Task> {
    let mut waiting = Vec::new();
    let mut all_finished = true;
    for wave in plan.waves() {
        if watched(plan, snapshot, &wave.name, now) {
            return Ok(Task::Finish {
                wave: wave.name.clone(),
            });
        }
        match planner::decide(plan, snapshot, &wave.name) {
            Ok(step) => return Ok(flip(snapshot, step)),
            Err(Hold::Finished | Hold::Empty) => {}
            Err(hold) => {
                all_finished = false;
                waiting.push(format!(
                    "wave {}: {}",
                    wave.name,
                    held(plan, snapshot, &wave.name, &hold)
                ));
            }
        }
    }
    if all_finished {
        return Err(
            Error::refused("every wave is finished; there is nothing left to apply")
                .hint("`wavegate status` shows them"),
        );
    }
    Err(waiting
        .into_iter()
        .fold(Error::not_yet("no wave has a next step now"), Error::detail))
}

fn flip(snapshot: &Snapshot, step: Step) -> Task {
    Task::Flip(Flip {
        attempt: attempt(snapshot, &step.wave),
        step,
        resume: false,
        joins: false,
        gated: true,
    })
}

fn attempt(snapshot: &Snapshot, wave: &str) -> i32 {
    snapshot
        .waves
        .iter()
        .find(|status| status.name == wave)
        .map_or(1, |status| status.attempt)
}

fn watched(plan: &Plan, snapshot: &Snapshot, wave: &str, now: DateTime<Utc>) -> bool {
    planner::watch_ends(plan, snapshot, wave).is_some_and(|end| end <= now)
}

fn held(plan: &Plan, snapshot: &Snapshot, wave: &str, hold: &Hold) -> String {
    match (hold, planner::watch_ends(plan, snapshot, wave)) {
        (Hold::Watched, Some(end)) => {
            format!("{hold} until {}", end.format("%Y-%m-%d %H:%M:%S UTC"))
        }
        _ => hold.to_string(),
    }
}

fn for_wave(
    plan: &Plan,
    snapshot: &Snapshot,
    wave: &str,
    wish: Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Task> {
    let status = snapshot.waves.iter().find(|status| status.name == wave);
    let from = status.map_or(WaveStep::Pending, |status| status.step);
    if wish.resume {
        return resume(plan, snapshot, wave, from, wish.to);
    }
    if let (WaveStep::Hybrid(now), Some(to)) = (from, wish.to) {
        match to {
            Target::Share(share) if share.percent() < now => {
                return Ok(Task::Flip(Flip {
                    step: Step {
                        wave: wave.to_string(),
                        from,
                        to: Mode::Both(share),
                        webhooks: going(snapshot, wave),
                    },
                    attempt: attempt(snapshot, wave),
                    resume: false,
                    joins: false,
                    gated: false,
                }));
            }
            Target::Share(share) if share.percent() == now => return Err(there(wave, from)),
            Target::Both => return Err(there(wave, from)),
            Target::Share(_) | Target::Nats => {}
        }
    }
    if watched(plan, snapshot, wave, now) && matches!(wish.to, None | Some(Target::Nats)) {
        return Ok(Task::Finish {
            wave: wave.to_string(),
        });
    }
    let step = planner::decide(plan, snapshot, wave)
        .map_err(|hold| refusal(plan, snapshot, wave, &hold))?;
    allowed(&step, wish.to)?;
    Ok(flip(snapshot, step))
}

/// A rolled back wave begins again, one attempt later; in a wave that went on, the members that were taken back come to
/// where it is.
fn resume(
    plan: &Plan,
    snapshot: &Snapshot,
    wave: &str,
    from: WaveStep,
    to: Option<Target>,
) -> Result<Task> {
    let to_where_it_is = match from {
        WaveStep::RolledBack | WaveStep::Pending => {
            return begin_again(plan, snapshot, wave, from, to);
        }
        WaveStep::Hybrid(share) => Mode::Both(Share::new(share).unwrap_or(Share::NONE)),
        WaveStep::Nats | WaveStep::Finished => Mode::Nats,
    };
    let webhooks: Vec<i32> = living(snapshot, wave)
        .into_iter()
        .filter(|id| snapshot.away.contains(id))
        .collect();
    if plan.wave(wave).is_none() {
        return Err(refusal(plan, snapshot, wave, &Hold::Unknown));
    }
    if webhooks.is_empty() {
        return Err(nothing_to_resume(wave, from));
    }
    let step = Step {
        wave: wave.to_string(),
        from,
        to: to_where_it_is,
        webhooks,
    };
    let fits = match (to, step.to) {
        (None, _) | (Some(Target::Both), Mode::Both(_)) | (Some(Target::Nats), Mode::Nats) => true,
        (Some(Target::Share(asked)), Mode::Both(share)) => asked == share,
        _ => false,
    };
    if !fits {
        return Err(Error::refused(format!(
            "wave {wave} is {from}; what was taken back alone comes back to where its wave is"
        ))
        .hint("leave --to out"));
    }
    Ok(Task::Flip(Flip {
        attempt: attempt(snapshot, wave),
        step,
        resume: true,
        joins: true,
        gated: true,
    }))
}

/// The wave's first step, with all its members.
fn begin_again(
    plan: &Plan,
    snapshot: &Snapshot,
    wave: &str,
    from: WaveStep,
    to: Option<Target>,
) -> Result<Task> {
    let mut again = snapshot.clone();
    let members = living(snapshot, wave);
    if from == WaveStep::Pending && !members.iter().any(|id| snapshot.away.contains(id)) {
        return match plan.wave(wave) {
            Some(_) => Err(nothing_to_resume(wave, from)),
            None => Err(refusal(plan, snapshot, wave, &Hold::Unknown)),
        };
    }
    for id in &members {
        again.away.remove(id);
    }
    for status in again.waves.iter_mut().filter(|status| status.name == wave) {
        if status.step == WaveStep::RolledBack {
            status.step = WaveStep::Pending;
            status.attempt += 1;
        }
    }
    let step =
        planner::decide(plan, &again, wave).map_err(|hold| refusal(plan, &again, wave, &hold))?;
    allowed(&step, to)?;
    Ok(Task::Flip(Flip {
        attempt: attempt(&again, wave),
        step,
        resume: true,
        joins: false,
        gated: true,
    }))
}

fn nothing_to_resume(wave: &str, from: WaveStep) -> Error {
    Error::refused(format!(
        "wave {wave} is {from}, and none of its webhooks was taken back: there is nothing to resume"
    ))
}

/// `--to` may name the next step, never skip one.
fn allowed(step: &Step, to: Option<Target>) -> Result<()> {
    let fits = match (to, step.to) {
        (None, _) => true,
        (Some(Target::Both), Mode::Both(_)) => step.from == WaveStep::Pending,
        (Some(Target::Share(asked)), Mode::Both(next)) => asked == next,
        (Some(Target::Nats), Mode::Nats) => true,
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(Error::refused(format!(
        "wave {} is {}; its next step is {}, and no step is skipped",
        step.wave, step.from, step.to
    ))
    .hint("leave --to out, or change the plan's `shares` before the migration starts"))
}

fn there(wave: &str, step: WaveStep) -> Error {
    Error::refused(format!(
        "wave {wave} is {step} already; nothing was changed"
    ))
}

fn refusal(plan: &Plan, snapshot: &Snapshot, wave: &str, hold: &Hold) -> Error {
    match hold {
        Hold::Unknown => {
            let known = plan.waves().iter().map(|w| w.name.as_str());
            unknown_wave(&format!("the plan {}", plan.name()), wave, known)
        }
        Hold::Behind { .. } | Hold::Watched => {
            Error::not_yet(format!("wave {wave}: {}", held(plan, snapshot, wave, hold)))
        }
        Hold::RolledBack => Error::refused(format!("wave {wave} was rolled back")).hint(format!(
            "go forward again on purpose: `wavegate apply --wave {wave} --resume`"
        )),
        Hold::Away => Error::refused(format!("every webhook of wave {wave} was taken back alone"))
            .hint(format!(
                "go forward again on purpose: `wavegate apply --wave {wave} --resume`"
            )),
        Hold::Finished | Hold::Empty => {
            Error::refused(format!("wave {wave}: {hold}; nothing was changed"))
        }
    }
}

/// The members that are where their wave is.
pub(super) fn going(snapshot: &Snapshot, wave: &str) -> Vec<i32> {
    let mut ids = living(snapshot, wave);
    ids.retain(|id| !snapshot.away.contains(id));
    ids
}

fn living(snapshot: &Snapshot, wave: &str) -> Vec<i32> {
    let living: BTreeSet<i32> = snapshot.webhooks.iter().map(|webhook| webhook.id).collect();
    let members = snapshot.members.get(wave).into_iter().flatten().copied();
    let mut ids: Vec<i32> = members.filter(|id| living.contains(id)).collect();
    ids.sort_unstable();
    ids
}

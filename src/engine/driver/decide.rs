//! What a migration does next. Pure: plan, snapshot, verdicts, consents and the clock in, one decision out. It sees no server, and what
//! it decides goes through `forward` and `back`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::guard;
use crate::{
    engine::{
        drift,
        planner::{self, Hold, Snapshot},
        standstill,
    },
    gates::{GateResult, Report, Verdict},
    model::{
        Gate, Mode, WaveStep,
        drift::Drift,
        driven::{WaitsFor, WaveWait},
    },
    plan::{Plan, Wave},
    store::hold::Standstill,
};

/// All that a decision rests on, read at one moment.
#[derive(Debug)]
pub struct Facts<'a> {
    pub plan: &'a Plan,
    pub snapshot: &'a Snapshot,
    /// The wave of a flip that was committed and has not come to its end.
    pub unfinished: Option<&'a str>,
    /// The wave of a rollback of the guard that has not.
    pub half_back: Option<&'a str>,
    /// What was seen of each wave that may go forward or back.
    pub views: &'a BTreeMap<String, View>,
    pub holds: &'a [Standstill],
    /// What somebody changed by hand.
    pub drifts: &'a [Drift],
    /// Waves of which something was tried at this look and could not be done.
    pub aside: &'a BTreeMap<String, WaveWait>,
    pub now: DateTime<Utc>,
}

/// What was seen of one wave.
#[derive(Debug, Clone)]
pub struct View {
    /// The gates of its next step.
    pub report: Report,
    /// Every gate was asked, those that measure too.
    pub whole: bool,
    /// A person approved exactly that step.
    pub approved: bool,
    /// How often in a row the gates failed that the guard watches.
    pub strikes: Vec<(Gate, u32)>,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    TakeBack {
        wave: String,
        gates: Vec<Gate>,
    },
    /// Bring to its end what was committed.
    Complete {
        wave: String,
    },
    Step(DueStep),
    /// Nothing: every wave waits, in the order of the plan.
    Wait(Vec<WaveWait>),
    /// Every wave that has webhooks is finished.
    Finished,
}

/// One step forward of one wave.
#[derive(Debug, Clone, PartialEq)]
pub struct DueStep {
    pub wave: String,
    pub from: WaveStep,
    /// `None`: it is called finished.
    pub to: Option<Mode>,
    /// A person agreed to exactly this one.
    pub approved: bool,
    /// Somebody's word is there, or the plan wants none.
    pub agreed: bool,
}

impl DueStep {
    /// Where it leads, in words.
    pub fn target(&self) -> String {
        self.to.map_or("finished".to_string(), |to| to.to_string())
    }
}

/// The one decision.
pub fn decide(facts: &Facts<'_>) -> Decision {
    if let Some(decision) = take_back(facts) {
        return decision;
    }
    let unfinished = facts
        .unfinished
        .filter(|wave| !facts.aside.contains_key(*wave));
    if let Some(wave) = unfinished {
        return Decision::Complete {
            wave: wave.to_string(),
        };
    }
    let mut waiting = Vec::new();
    for wave in facts.plan.waves() {
        match next(facts, wave) {
            Next::Step(step) => return Decision::Step(step),
            Next::Waits(why) => waiting.push(why),
            Next::Over => {}
        }
    }
    match waiting.is_empty() {
        true => Decision::Finished,
        false => Decision::Wait(waiting),
    }
}

/// What every wave waits for, where nothing is to be done now: a step that may be due waits for its gates.
pub fn outlook(facts: &Facts<'_>) -> Vec<WaveWait> {
    let waves = facts.plan.waves().iter();
    let waits = waves.filter_map(|wave| match next(facts, wave) {
        Next::Waits(why) => Some(why),
        Next::Step(step) => Some(WaveWait {
            moved: step.from.is_moved(),
            step: step.from.to_string(),
            on: WaitsFor::Evidence,
            why: format!(
                "the gates that measure decide on the step to {}",
                step.target()
            ),
            gates: Vec::new(),
            until: None,
            command: Some(format!("wavegate gate --wave {}", step.wave)),
            wave: step.wave,
        }),
        Next::Over => None,
    });
    waits.collect()
}

/// The guard waits for nothing: no window, no hold, no person.
fn take_back(facts: &Facts<'_>) -> Option<Decision> {
    let may = |wave: &str| !facts.aside.contains_key(wave);
    let fired = facts.plan.auto_rollback().and_then(|policy| {
        let moved = |wave: &&Wave| step_of(facts.snapshot, &wave.name).is_moved();
        let waves = facts.plan.waves().iter().filter(moved);
        waves.filter(|wave| may(&wave.name)).find_map(|wave| {
            let gates = guard::fired(policy, &facts.views.get(&wave.name)?.strikes);
            (!gates.is_empty()).then(|| (wave.name.clone(), gates))
        })
    });
    // What is fenced already harms nobody: another wave's fence comes first.
    let half = facts.half_back.filter(|wave| may(wave));
    let (wave, gates) = fired.or_else(|| Some((half?.to_string(), Vec::new())))?;
    Some(Decision::TakeBack { wave, gates })
}

enum Next {
    Step(DueStep),
    Waits(WaveWait),
    Over,
}

fn next(facts: &Facts<'_>, wave: &Wave) -> Next {
    let from = step_of(facts.snapshot, &wave.name);
    if let Some(aside) = facts.aside.get(&wave.name) {
        return Next::Waits(aside.clone());
    }
    let waits = |on, why: String, until, command: Option<String>| {
        Next::Waits(WaveWait {
            wave: wave.name.clone(),
            step: from.to_string(),
            moved: from.is_moved(),
            on,
            why,
            gates: Vec::new(),
            until,
            command,
        })
    };
    let to = match planner::decide(facts.plan, facts.snapshot, &wave.name) {
        Ok(step) => Some(step.to),
        Err(Hold::Watched) => None,
        Err(Hold::Finished | Hold::Empty | Hold::Unknown) => return Next::Over,
        Err(hold @ (Hold::RolledBack | Hold::Away)) => {
            let resume = format!("wavegate apply --wave {} --resume", wave.name);
            return waits(WaitsFor::Resume, hold.to_string(), None, Some(resume));
        }
        Err(hold @ Hold::Behind { .. }) => {
            return waits(WaitsFor::Order, hold.to_string(), None, None);
        }
    };
    if let Some(first) = facts.unfinished {
        let why = format!("the last step of wave {first} comes to its end first");
        return waits(WaitsFor::Step, why, None, None);
    }
    let members = facts.snapshot.members.get(&wave.name);
    let members = members.map_or(&[][..], Vec::as_slice);
    let away = &facts.snapshot.away;
    let there: Vec<i32> = members
        .iter()
        .copied()
        .filter(|id| !away.contains(id))
        .collect();
    if let Some((why, scope)) = drift::of_wave(facts.drifts, &wave.name, &there)
        && from.is_moved()
    {
        let restore = Some(format!("wavegate restore {scope}"));
        return waits(WaitsFor::Step, why, None, restore);
    }
    if let Some(hold) = standstill::of_wave(facts.holds, &wave.name, members) {
        let release = Some(standstill::release(hold));
        return waits(WaitsFor::Hold, standstill::said(hold), hold.until, release);
    }
    let Some(view) = facts.views.get(&wave.name) else {
        return waits(
            WaitsFor::Evidence,
            "nobody has looked yet".to_string(),
            None,
            None,
        );
    };
    match view.report.verdict() {
        Verdict::Pass => {}
        verdict => {
            let results: Vec<&GateResult> = view.report.saying(verdict).collect();
            let person = results.iter().all(|result| result.gate == Gate::Signoff);
            let on = match verdict {
                _ if person => WaitsFor::Person,
                Verdict::Fail => WaitsFor::Failure,
                _ => WaitsFor::Evidence,
            };
            let mut remedies = results.iter().map(|result| result.remedy.as_str());
            let remedy = remedies.find(|remedy| !remedy.is_empty());
            return Next::Waits(WaveWait {
                wave: wave.name.clone(),
                step: from.to_string(),
                moved: from.is_moved(),
                on,
                why: said(&results),
                gates: results.iter().map(|result| result.gate.clone()).collect(),
                until: until(&results, facts.now),
                command: remedy.map(str::to_string),
            });
        }
    }
    let typed = wave.typed_confirm || to == Some(Mode::Nats);
    let agreed = view.approved || wave.unattended || !wave.signoff.is_empty();
    if typed && !agreed {
        let target = to.map_or("finished".to_string(), |to| to.to_string());
        let gates = match view.whole {
            true => "its gates pass; somebody approves",
            false => "once its gates pass, somebody approves",
        };
        let why = format!("{gates} the step to {target}");
        let command = format!("wavegate approve --wave {}", wave.name);
        return waits(WaitsFor::Person, why, None, Some(command));
    }
    Next::Step(DueStep {
        wave: wave.name.clone(),
        from,
        to,
        approved: typed && !wave.unattended,
        agreed,
    })
}

/// Where a wave stands.
pub(super) fn step_of(snapshot: &Snapshot, wave: &str) -> WaveStep {
    let status = snapshot.waves.iter().find(|status| status.name == wave);
    status.map_or(WaveStep::Pending, |status| status.step)
}

/// The gates that keep it, each with its reason.
fn said(results: &[&GateResult]) -> String {
    let each = results.iter();
    let each = each.map(|result| format!("{}: {}", result.gate, result.reason));
    match each.collect::<Vec<_>>() {
        none if none.is_empty() => "no gate decides".to_string(),
        each => each.join("; "),
    }
}

/// When the last of them may pass, where every one of them can tell.
fn until(results: &[&GateResult], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let waits: Option<Vec<_>> = results.iter().map(|result| result.wait).collect();
    let longest = waits?.into_iter().max()?;
    now.checked_add_signed(TimeDelta::from_std(longest).ok()?)
}

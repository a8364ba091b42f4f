//! From what was measured to what each gate says. No I/O.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{Scope, measured::Measured};
use crate::{
    bus,
    gates::{
        self, Counts, GateResult, Guarded, Pace,
        backlog::Waiting,
        hybrid::Expected,
        place::{self, FoundStream, Headroom, SubjectOwner},
        signoff::{Signature, TooLittle},
        success::Trial,
        window::Window,
        workers::{Crew, Needed},
    },
    model::{ConsumerDefinition, Gate, Mode, PublishMode, Webhook},
    plan,
};

pub(super) fn judge(gate: &Gate, to: Mode, scope: &Scope<'_>, measured: &Measured) -> GateResult {
    match decide(gate, to, scope, measured) {
        Ok(result) => result,
        Err(why) => GateResult::unmeasured(gate, &why),
    }
}

fn decide(
    gate: &Gate,
    to: Mode,
    scope: &Scope<'_>,
    measured: &Measured,
) -> Result<GateResult, String> {
    let limits = scope.limits();
    let ledger = || measured.ledger.as_ref().map_err(Clone::clone);
    let queue = || measured.queue.as_ref().map_err(Clone::clone);
    Ok(match gate {
        Gate::Stream => stream(measured)?,
        Gate::Consumer => consumer(measured, scope.independent())?,
        Gate::Subjects => subjects(scope, measured)?,
        Gate::Headroom => headroom(scope, measured)?,
        Gate::HybridComplete => {
            let (crew, _) = measured.crew.as_ref().map_err(Clone::clone)?;
            gates::hybrid::complete(expected(scope, crew), &scope.members, &scope.own())
        }
        Gate::Routed => gates::hybrid::routed(ledger()?, queue()?),
        Gate::Parity if matches!(scope.guarded, Guarded::Watch | Guarded::Join(None)) => {
            gates::parity::single(ledger()?)
        }
        Gate::Parity => gates::parity::verdict(ledger()?),
        Gate::Traffic => {
            let within = gates::traffic::within(limits.traffic_within, scope.soak());
            gates::traffic::verdict(ledger()?, within, scope.now)
        }
        Gate::SameBytes => gates::same_bytes::verdict(ledger()?),
        Gate::Split => gates::split::verdict(ledger()?, &trial(scope, ledger()?)?, limits),
        Gate::Broken => {
            let Trial { share, attempt, .. } = trial(scope, ledger()?)?;
            gates::broken::verdict(ledger()?, share, attempt)
        }
        Gate::Success => gates::success::verdict(ledger()?, &trial(scope, ledger()?)?, limits),
        Gate::Baseline => {
            let counts = ledger()?.of_nats_alone();
            gates::baseline::verdict(&counts, scope.attempt(), pace(scope, &counts), limits)
        }
        Gate::Latency if scope.alone() => {
            let counts = ledger()?.of_nats_alone();
            gates::latency::verdict(&counts, scope.attempt(), pace(scope, &counts), limits)
        }
        Gate::Latency => {
            gates::latency::verdict(ledger()?, scope.attempt(), pace(scope, ledger()?), limits)
        }
        Gate::Errors => gates::errors::verdict(ledger()?, limits),
        Gate::Workers => {
            let (crew, _) = measured.crew.as_ref().map_err(Clone::clone)?;
            gates::workers::verdict(crew, needed(scope, to), limits, scope.now)
        }
        Gate::Backlog => {
            let waiting = waiting(measured);
            let levels = measured.told.levels.as_ref().map_err(Clone::clone)?;
            gates::backlog::verdict(queue()?, &waiting, limits, levels, scope.now)
        }
        Gate::MinRate => {
            let least = limits.success_min_rate.unwrap_or_default();
            let counts = ledger()?;
            let pace = pace(scope, counts).part(counts.nats_arm.events, counts.events());
            gates::plain::min_rate(counts, least, limits.min_events, pace)
        }
        Gate::Dead => gates::plain::dead(ledger()?, limits.dead_max.unwrap_or_default()),
        Gate::Duplicates => {
            let ambiguous = measured.told.ambiguous.as_ref().map_err(Clone::clone)?;
            let most = limits.duplicates_max.unwrap_or_default();
            gates::plain::duplicates(ledger()?, *ambiguous, most, scope.independent())
        }
        Gate::Window | Gate::Soak => known(gate, scope, &[]).ok_or_else(|| elsewhere(gate))?,
        Gate::Signoff => {
            let given = measured.told.signatures.as_ref().map_err(Clone::clone)?;
            known(gate, scope, given).ok_or_else(|| elsewhere(gate))?
        }
        Gate::Drain => {
            let before = measured.told.before.as_ref().map_err(Clone::clone)?;
            gates::backlog::drain(queue()?, *before, scope.now)
        }
        Gate::Schema | Gate::Own(_) => return Err(elsewhere(gate)),
    })
}

fn elsewhere(gate: &Gate) -> String {
    format!("gate {gate} is asked elsewhere")
}

/// What the clock, the plan and people say; `None` of every gate that measures.
pub(super) fn known(gate: &Gate, scope: &Scope<'_>, given: &[Signature]) -> Option<GateResult> {
    match gate {
        Gate::Window => Some(gates::window::verdict(&window(scope))),
        Gate::Soak => {
            let entered = scope.status.entered_at;
            Some(gates::soak::verdict(entered, scope.soak(), scope.now))
        }
        Gate::Signoff => {
            let roles = &scope.wave.signoff;
            Some(gates::signoff::verdict(roles, given, &sign_by(scope)))
        }
        _ => None,
    }
}

/// What a person types to sign.
fn sign_by(scope: &Scope<'_>) -> String {
    format!(
        "wavegate signoff PLAN --wave {} --role ROLE",
        scope.wave.name
    )
}

/// Where the step had too little evidence to prove anything, people decide: those who sign, or whoever passes it on purpose.
pub(super) fn too_little(
    results: &mut [GateResult],
    scope: &Scope<'_>,
    measured: &Measured,
    unjudged: bool,
) {
    let (Ok(counts), Ok(given)) = (&measured.ledger, &measured.told.signatures) else {
        return;
    };
    let soak = TimeDelta::from_std(scope.soak()).ok();
    let begun = scope.status.entered_at;
    let Some(soaked_at) = begun
        .zip(soak)
        .and_then(|(begun, soak)| begun.checked_add_signed(soak))
    else {
        return;
    };
    let little = TooLittle {
        judged: counts.both(|arm| arm.judged),
        wanted: scope.limits().min_events,
        soaked_at,
        now: scope.now,
    };
    gates::signoff::decide(results, &scope.wave.signoff, given, little, &sign_by(scope));
    let pass_by = format!(
        "wavegate apply --wave {} --pass-unjudged WHY",
        scope.wave.name
    );
    gates::signoff::on_purpose(results, little, unjudged, &pass_by);
}

/// What the plan's windows say of now; a plan without any permits every time.
fn window(scope: &Scope<'_>) -> Window {
    let Some(windows) = scope.plan.windows() else {
        return Window {
            now: scope.now,
            permitted: true,
            frozen: false,
            changes_at: None,
            now_shown: scope.now.format("%a %Y-%m-%d %H:%M UTC").to_string(),
            changes_shown: None,
        };
    };
    let changes_at = windows.changes(scope.now);
    Window {
        now: scope.now,
        permitted: windows.permit(scope.now),
        frozen: windows.frozen(scope.now),
        changes_at,
        now_shown: windows.shown(scope.now),
        changes_shown: changes_at.map(|at| windows.shown(at)),
    }
}

/// What the test of success needs beside the counts.
fn trial(scope: &Scope<'_>, counts: &Counts) -> Result<Trial, String> {
    let (Guarded::Share(share) | Guarded::Leave(share)) = scope.guarded else {
        return Err("only one path delivers in this step".to_string());
    };
    Ok(Trial {
        share: f64::from(share) / 100.0,
        attempt: scope.attempt(),
        pace: pace(scope, counts),
    })
}

fn pace(scope: &Scope<'_>, counts: &Counts) -> Pace {
    let since = scope.status.entered_at.unwrap_or(scope.now);
    Pace::of(
        counts.events(),
        (scope.now - since).to_std().unwrap_or_default(),
    )
}

/// Leaving hybrid mode wants share 100, or share 0 where a foreign worker reads the queue or the stream.
fn expected(scope: &Scope<'_>, crew: &Crew) -> Expected {
    let share = match scope.guarded {
        Guarded::Leave(0) if crew.foreign_queue > 0 || scope.independent() => 0,
        Guarded::Leave(_) => 100,
        Guarded::Share(now) | Guarded::Join(Some(now)) => now,
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
        (Guarded::Leave(now) | Guarded::Join(Some(now)), _) => now == 0,
        _ => true,
    };
    let mut needed = match scope.guarded {
        Guarded::Back => Needed::back(limits),
        Guarded::Share(_) | Guarded::Leave(_) | Guarded::Join(_) => Needed::forward(limits, true),
        Guarded::Enter | Guarded::Watch => Needed::forward(limits, false),
    };
    needed.foreign_allowed = foreign_allowed;
    needed
}

fn stream(measured: &Measured) -> Result<GateResult, String> {
    let wanted = measured.wanted.as_ref().map_err(Clone::clone)?;
    let live = measured.stream.as_ref().map_err(Clone::clone)?;
    let live = live.as_ref().map(|live| FoundStream {
        differences: bus::compare_streams(wanted, &live.definition),
        read_only: live.read_only,
    });
    Ok(place::stream(&wanted.name, live.as_ref()))
}

fn consumer(measured: &Measured, independent: bool) -> Result<GateResult, String> {
    let live = measured.consumer.as_ref().map_err(Clone::clone)?;
    let name = live
        .as_ref()
        .map_or(ConsumerDefinition::NAME, |live| &live.definition.name);
    let wanted = ConsumerDefinition::new(name);
    let differences = live
        .as_ref()
        .map(|live| bus::compare_consumers(&wanted, live));
    Ok(place::consumer(name, differences.as_deref(), independent))
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
    let joining: BTreeSet<i32> = scope.joining.iter().copied().collect();
    let ours: BTreeSet<i32> = scope.members.iter().chain(&joining).copied().collect();
    let publishers = scope.webhooks.values().map(|webhook| {
        let joins = joining.contains(&webhook.id);
        let own = ours.contains(&webhook.id);
        SubjectOwner {
            webhook,
            own,
            subject: subject(scope, webhook, joins || flips && own),
        }
    });
    let taken = |subject: &str| filters.iter().any(|f| plan::covers(f, subject));
    Ok(place::subjects(&publishers.collect::<Vec<_>>(), taken))
}

fn headroom(scope: &Scope<'_>, measured: &Measured) -> Result<GateResult, String> {
    let counts = measured.ledger.as_ref().map_err(Clone::clone)?;
    let Some(live) = measured.stream.as_ref().map_err(Clone::clone)? else {
        return Err("there is no stream".to_string());
    };
    let consumer = measured.consumer.as_ref().map_err(Clone::clone)?;
    Ok(place::headroom(&Headroom {
        max_messages: live.definition.max_messages,
        max_bytes: live.definition.max_bytes,
        messages: live.messages,
        bytes: live.bytes,
        pending: consumer.as_ref().map_or(0, |c| c.pending),
        events_per_hour: pace(scope, counts).events_per_second * 3600.0,
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

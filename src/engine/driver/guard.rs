//! When a wave is taken back by itself: what a look says of the gates that the plan names, and how many failures in a row are enough.
//! Pure.

use chrono::{DateTime, Utc};

use crate::{
    gates::{Found, GateResult, Report, Verdict},
    model::{Confirmed, Consent, Gate},
    plan::AutoRollback,
};

/// Whether each gate that the plan names failed in this report. One that could not tell is left out: it neither counts nor clears.
pub fn told(policy: &AutoRollback, report: &Report) -> Vec<(Gate, bool)> {
    let named = report.results.iter();
    let named = named.filter(|result| policy.on.contains(&result.gate));
    named
        .filter_map(|result| Some((result.gate.clone(), failed(result, report.at)?)))
        .collect()
}

/// Towards the queue only what NATS lacks counts: a queue worker that is missing is no reason to go there.
fn failed(result: &GateResult, at: DateTime<Utc>) -> Option<bool> {
    match (result.verdict, &result.inputs.found) {
        (Verdict::Inconclusive, _) => None,
        (Verdict::Pass, _) => Some(false),
        (Verdict::Fail, Found::Workers(present)) => Some(present.nats_lacks(at)),
        (Verdict::Fail, _) => Some(true),
    }
}

/// The gates that failed so often in a row that the wave goes back.
pub fn fired(policy: &AutoRollback, strikes: &[(Gate, u32)]) -> Vec<Gate> {
    let enough = strikes.iter().filter(|(_, fails)| *fails >= policy.after);
    enough.map(|(gate, _)| gate.clone()).collect()
}

/// Consent without a prompt: a person agreed to the plan when `run` was started.
pub fn by_plan() -> Confirmed {
    Confirmed::by(Consent::Policy)
}

/// Consent that a person gave beforehand, to exactly this step.
pub fn approved() -> Confirmed {
    Confirmed::by(Consent::Approved)
}

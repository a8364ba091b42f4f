//! `signoff`: have the named roles signed this step?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    GateResult, Names, Verdict,
    errors::shorten,
    explain::{Explains, Told},
};
use crate::model::{Gate, counted};

/// What one person said for a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Signature {
    pub role: String,
    /// Signed, or else refused.
    pub signed: bool,
    pub who: String,
    pub host: String,
    pub at: DateTime<Utc>,
    pub note: Option<String>,
}

/// The newest word of each role counts; `given` is in the order of time.
pub fn newest<'s>(role: &str, given: &'s [Signature]) -> Option<&'s Signature> {
    given.iter().rev().find(|s| s.role == role)
}

/// Whose word the plan asks, and whose was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    pub roles: Vec<String>,
    pub given: Vec<Signature>,
}

impl Explains for Signed {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        Told::plain(
            format!(
                "The plan asks {}, and {} given so far. A refusal holds the wave until the same role signs.",
                counted(self.roles.len(), "role"),
                counted(self.given.len(), "word")
            ),
            "pass: the newest word of each role is a signature; fail: one is a refusal",
            verdict,
        )
    }
}

/// A refusal fails, a missing signature is inconclusive. `command` is what a person types to sign.
pub fn verdict(roles: &[String], given: &[Signature], command: &str) -> GateResult {
    let gate = &Gate::Signoff;
    let words: Vec<(&String, Option<&Signature>)> = roles
        .iter()
        .map(|role| (role, newest(role, given)))
        .collect();
    let inputs = Signed {
        roles: roles.to_vec(),
        given: given.to_vec(),
    };
    let refused: Vec<String> = words
        .iter()
        .filter_map(|(role, word)| word.filter(|w| !w.signed).map(|w| said(role, "refused", w)))
        .collect();
    if !refused.is_empty() {
        let remedy = format!("settle it with who refused; then that role signs: `{command}`");
        return GateResult::fail(gate, refused.join("; "), remedy, inputs);
    }
    let missing: Vec<&str> = words
        .iter()
        .filter(|(_, word)| word.is_none())
        .map(|(role, _)| role.as_str())
        .collect();
    if !missing.is_empty() {
        return GateResult::inconclusive(
            gate,
            format!("not signed yet by {}", missing.join(", ")),
            format!("each of them runs `{command}`"),
            inputs,
        );
    }
    let signed: Vec<String> = words
        .iter()
        .filter_map(|(role, word)| word.map(|w| said(role, "signed", w)))
        .collect();
    GateResult::pass(gate, signed.join("; "), inputs)
}

/// What people have to decide where the evidence does not.
#[derive(Debug, Clone, Copy)]
pub struct TooLittle {
    /// Judged events of the step, and how many the plan wants.
    pub judged: i64,
    pub wanted: u64,
    /// When the soak of the step ends.
    pub soaked_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// What came too little of by the end of the soak may never come. Where every role has signed after that end, people have decided:
/// what lacks nothing but evidence is shown and decides no more. What failed, could not be measured, or looks bad, stays.
pub fn decide(
    results: &mut [GateResult],
    roles: &[String],
    given: &[Signature],
    little: TooLittle,
    command: &str,
) {
    if roles.is_empty() || little.now < little.soaked_at {
        return;
    }
    let signed =
        |role: &String| newest(role, given).is_some_and(|s| s.signed && s.at >= little.soaked_at);
    let decided = roles.iter().all(signed);
    for result in results.iter_mut().filter(|result| little.of(result)) {
        if decided {
            result.reason = format!("signed with too little evidence: {}", result.reason);
            *result = result.clone().advisory();
        } else {
            result.remedy.push_str(&format!(
                "; or each role decides, now that the soak is over: `{command}`"
            ));
        }
    }
}

/// How the reason of a gate begins that a person has passed.
pub const UNJUDGED: &str = "passed without evidence";

/// Once the soak is over, a person may pass what lacks nothing but evidence, with or without roles: `unjudged`. Else it is said how,
/// and before that end, where it will be so at the present pace.
pub fn on_purpose(results: &mut [GateResult], little: TooLittle, unjudged: bool, command: &str) {
    let left = (little.soaked_at - little.now).to_std().unwrap_or_default();
    let until = little.soaked_at.format("%Y-%m-%d %H:%M UTC");
    for result in results
        .iter_mut()
        .filter(|result| result.decides() && little.of(result))
    {
        if !left.is_zero() {
            if result.wait.is_some_and(|wait| wait > left) {
                result.remedy.push_str(&format!(
                    "; the soak is over before, at {until}: from then on `{command}` passes the step on purpose. Another time longer blocks \
                     (`success.block`), a longer soak or joined waves"
                ));
            }
        } else if unjudged {
            result.reason = format!("{UNJUDGED}: {}", result.reason);
            *result = result.clone().advisory();
        } else {
            let way = format!("; or pass the step on purpose: `{command}`");
            result.remedy.push_str(&way);
        }
    }
}

impl TooLittle {
    /// Does this gate lack evidence, and nothing else?
    fn of(&self, result: &GateResult) -> bool {
        let few_events = self.judged < i64::try_from(self.wanted).unwrap_or(i64::MAX);
        let may = match &result.gate {
            Gate::Traffic | Gate::Success | Gate::Baseline | Gate::Latency => true,
            Gate::Split | Gate::Broken | Gate::MinRate => few_events,
            Gate::HybridComplete
            | Gate::Parity
            | Gate::SameBytes
            | Gate::Routed
            | Gate::Errors
            | Gate::Dead
            | Gate::Duplicates
            | Gate::Headroom => self.judged == 0,
            Gate::Schema
            | Gate::Stream
            | Gate::Consumer
            | Gate::Subjects
            | Gate::Workers
            | Gate::Backlog
            | Gate::Drain
            | Gate::Soak
            | Gate::Window
            | Gate::Signoff
            | Gate::Own(_) => false,
        };
        may && result.lacks_evidence() && !result.inputs.found.speaks_against()
    }
}

fn said(role: &str, what: &str, by: &Signature) -> String {
    let at = by.at.format("%Y-%m-%d %H:%M UTC");
    let note = by.note.as_deref().filter(|note| !note.is_empty());
    let note = note.map_or(String::new(), |note| format!(": {}", shorten(note, 120)));
    format!("{role} {what} ({}, {at}){note}", by.who)
}

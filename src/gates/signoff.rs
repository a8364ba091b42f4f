//! `signoff`: have the named roles signed this step?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    GateResult, Verdict,
    errors::shorten,
    evidence::Found,
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
    fn told(&self, verdict: Verdict) -> Told {
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

/// What a sign-off has to decide where too few events came.
#[derive(Debug, Clone, Copy)]
pub struct TooFew {
    /// Judged events of the step, and how many the plan wants.
    pub judged: i64,
    pub wanted: u64,
    /// When the soak of the step ends.
    pub soaked_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// Too few events by the end of the soak prove nothing either way, however long one waits. Where every role has signed after that
/// end, people have decided: what only lacks events is shown and decides no more. What failed, or could not be measured, stays.
pub fn decide(
    results: &mut [GateResult],
    roles: &[String],
    given: &[Signature],
    few: TooFew,
    command: &str,
) {
    let enough = i64::try_from(few.wanted).unwrap_or(i64::MAX);
    if roles.is_empty() || few.judged >= enough || few.now < few.soaked_at {
        return;
    }
    let signed =
        |role: &String| newest(role, given).is_some_and(|s| s.signed && s.at >= few.soaked_at);
    let decided = roles.iter().all(signed);
    for result in results
        .iter_mut()
        .filter(|result| lacks_events(result, few.judged))
    {
        if decided {
            result.reason = format!("signed with too few events: {}", result.reason);
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

/// Once the soak is over, a person may pass what only lacks events, with or without roles: `unjudged`. Else it is said how.
pub fn on_purpose(results: &mut [GateResult], few: TooFew, unjudged: bool, command: &str) {
    let enough = i64::try_from(few.wanted).unwrap_or(i64::MAX);
    if few.judged >= enough || few.now < few.soaked_at {
        return;
    }
    for result in results
        .iter_mut()
        .filter(|result| result.decides() && lacks_events(result, few.judged))
    {
        if unjudged {
            result.reason = format!("{UNJUDGED}: {}", result.reason);
            *result = result.clone().advisory();
        } else {
            result
                .remedy
                .push_str(&format!("; or pass the step on purpose: `{command}`"));
        }
    }
}

fn lacks_events(result: &GateResult, judged: i64) -> bool {
    let known = result.inputs.error().is_none();
    // An endpoint that fails for everybody is no lack of events.
    let calm =
        !matches!(&result.inputs.found, Found::Errors(lately) if !lately.endpoints.is_empty());
    let gate = match &result.gate {
        Gate::Split | Gate::Success | Gate::Baseline | Gate::Latency | Gate::MinRate => true,
        // A doubt is no lack of events.
        Gate::Broken => {
            !matches!(&result.inputs.found, Found::Broken(arms) if !arms.found.is_empty())
        }
        Gate::HybridComplete
        | Gate::Parity
        | Gate::SameBytes
        | Gate::Routed
        | Gate::Errors
        | Gate::Dead
        | Gate::Duplicates
        | Gate::Headroom => judged == 0,
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
    gate && known && calm && result.verdict == Verdict::Inconclusive
}

fn said(role: &str, what: &str, by: &Signature) -> String {
    let at = by.at.format("%Y-%m-%d %H:%M UTC");
    let note = by.note.as_deref().filter(|note| !note.is_empty());
    let note = note.map_or(String::new(), |note| format!(": {}", shorten(note, 120)));
    format!("{role} {what} ({}, {at}){note}", by.who)
}

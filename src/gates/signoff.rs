//! `signoff`: have the named roles signed this step?

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::{GateResult, errors::shorten};

/// What one person said for a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
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

/// A refusal fails, a missing signature is inconclusive. `command` is what a person types to sign.
pub fn verdict(roles: &[String], given: &[Signature], command: &str) -> GateResult {
    let gate = "signoff";
    let words: Vec<(&String, Option<&Signature>)> = roles
        .iter()
        .map(|role| (role, newest(role, given)))
        .collect();
    let inputs = json!({ "roles": roles, "given": given });
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

fn said(role: &str, what: &str, by: &Signature) -> String {
    let at = by.at.format("%Y-%m-%d %H:%M UTC");
    let note = by.note.as_deref().filter(|note| !note.is_empty());
    let note = note.map_or(String::new(), |note| format!(": {}", shorten(note, 120)));
    format!("{role} {what} ({}, {at}){note}", by.who)
}

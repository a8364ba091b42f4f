//! Pass, fail or inconclusive, with the reason an operator reads.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Fail beats inconclusive beats pass: the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Pass,
    Inconclusive,
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Pass => "pass",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Fail => "fail",
        })
    }
}

/// What one gate said.
#[derive(Debug, Clone, Serialize)]
pub struct GateResult {
    pub gate: String,
    pub verdict: Verdict,
    /// One line with numbers.
    pub reason: String,
    /// What would change the verdict; empty when it passes.
    pub remedy: String,
    /// What was measured, as stored in `wavegate.gate_result`.
    pub inputs: Value,
}

/// All gates of one wave before one step.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub wave: String,
    /// The step that the gates guard, in words.
    pub step: String,
    pub at: chrono::DateTime<chrono::Utc>,
    pub results: Vec<GateResult>,
}

impl Report {
    /// The worst verdict; a report without gates is inconclusive, since silence is not success.
    pub fn verdict(&self) -> Verdict {
        self.results
            .iter()
            .map(|result| result.verdict)
            .max()
            .unwrap_or(Verdict::Inconclusive)
    }
}

//! Pass, fail or inconclusive, with the reason an operator reads.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::{
    evidence::{Evidence, Unmeasured},
    outlook::Remedy,
};
use crate::{error::Error, model::Gate};

/// Fail beats inconclusive beats pass: the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Pass,
    Inconclusive,
    Fail,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Fail => "fail",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl TryFrom<String> for Verdict {
    type Error = Error;

    fn try_from(word: String) -> Result<Self, Error> {
        [Verdict::Pass, Verdict::Inconclusive, Verdict::Fail]
            .into_iter()
            .find(|verdict| verdict.as_str() == word)
            .ok_or_else(|| Error::failed(format!("`{word}` is no verdict")))
    }
}

/// What one gate said.
#[derive(Debug, Clone, Serialize)]
pub struct GateResult {
    pub gate: Gate,
    pub verdict: Verdict,
    /// One line with numbers.
    pub reason: String,
    /// What would change the verdict; empty when it passes.
    pub remedy: String,
    /// How long that takes at the present pace, milliseconds.
    #[serde(
        rename = "wait_ms",
        serialize_with = "milliseconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub wait: Option<Duration>,
    /// What was measured, as stored in `wavegate.gate_result`.
    pub inputs: Evidence,
}

impl GateResult {
    pub fn pass(
        gate: impl Into<Gate>,
        reason: impl Into<String>,
        inputs: impl Into<Evidence>,
    ) -> Self {
        GateResult {
            gate: gate.into(),
            verdict: Verdict::Pass,
            reason: reason.into(),
            remedy: String::new(),
            wait: None,
            inputs: inputs.into(),
        }
    }

    pub fn fail(
        gate: impl Into<Gate>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
        inputs: impl Into<Evidence>,
    ) -> Self {
        GateResult {
            gate: gate.into(),
            verdict: Verdict::Fail,
            reason: reason.into(),
            remedy: remedy.into(),
            wait: None,
            inputs: inputs.into(),
        }
    }

    /// Neither evidence for nor against: no data, too little, too early.
    pub fn inconclusive(
        gate: impl Into<Gate>,
        reason: impl Into<String>,
        remedy: impl Into<Remedy>,
        inputs: impl Into<Evidence>,
    ) -> Self {
        let Remedy { words, wait } = remedy.into();
        GateResult {
            gate: gate.into(),
            verdict: Verdict::Inconclusive,
            reason: reason.into(),
            remedy: words,
            wait,
            inputs: inputs.into(),
        }
    }

    /// It was measured, and there was too little to tell.
    pub fn lacks_evidence(&self) -> bool {
        self.verdict == Verdict::Inconclusive && self.inputs.error().is_none()
    }

    /// The measurement itself failed: silence is not success.
    pub fn unmeasured(gate: impl Into<Gate>, why: &str) -> Self {
        GateResult::inconclusive(
            gate,
            format!("could not be measured: {why}"),
            "repair the cause, then look again",
            Unmeasured {
                error: why.to_string(),
            },
        )
    }
}

fn milliseconds<S: Serializer>(wait: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    wait.map(|wait| wait.as_millis() as u64).serialize(to)
}

/// All gates of one wave before one step.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub wave: String,
    /// The step that the gates guard, in words.
    pub step: String,
    /// When the step began that the wave is in now.
    pub since: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
    pub results: Vec<GateResult>,
}

impl Report {
    /// The worst verdict of those that decide; without any it is inconclusive, since silence is not success.
    pub fn verdict(&self) -> Verdict {
        let deciding = self.results.iter().filter(|result| result.decides());
        combine(deciding.map(|result| result.verdict))
    }

    /// The gates that decide and say this.
    pub fn saying(&self, verdict: Verdict) -> impl Iterator<Item = &GateResult> {
        let deciding = self.results.iter().filter(|result| result.decides());
        deciding.filter(move |result| result.verdict == verdict)
    }

    /// The gates that are passed without evidence.
    pub fn unjudged(&self) -> Vec<&str> {
        let passed = |result: &&GateResult| result.reason.starts_with(super::signoff::UNJUDGED);
        let results = self.results.iter().filter(passed);
        results.map(|result| result.gate.as_str()).collect()
    }
}

/// Fail beats inconclusive beats pass; nothing at all is inconclusive.
pub fn combine(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts.into_iter().max().unwrap_or(Verdict::Inconclusive)
}

/// What a gate said at one or more looks, one after the other, as it is kept.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    pub at: DateTime<Utc>,
    /// The last of these looks; `reason` and `inputs` are its own.
    pub until: DateTime<Utc>,
    pub looks: i64,
    pub wave: String,
    /// The step that the gate guards, in words.
    pub step: String,
    pub gate: Gate,
    pub verdict: Verdict,
    pub reason: String,
    pub inputs: Evidence,
}

//! What a command makes of a report of the gates.

use crate::{
    error::{Error, Kind, Result},
    gates::{self, GateResult, Report, Verdict},
};

/// The gates that were passed without evidence.
pub fn unjudged(report: &Report) -> Vec<&str> {
    let passed = |result: &&GateResult| result.reason.starts_with(gates::signoff::UNJUDGED);
    report
        .results
        .iter()
        .filter(passed)
        .map(|result| result.gate.as_str())
        .collect()
}

/// Only a pass goes on.
pub fn passed(report: &Report) -> Result<()> {
    let verdict = report.verdict();
    let (kind, what) = match verdict {
        Verdict::Pass => return Ok(()),
        Verdict::Fail => (Kind::GateFailed, "do not pass"),
        Verdict::Inconclusive => (Kind::NotYet, "are not conclusive yet"),
    };
    // The screen before it has the reasons and what to do.
    let gates: Vec<&str> = report.saying(verdict).map(|r| r.gate.as_str()).collect();
    Err(Error::new(
        kind,
        format!(
            "the gates of wave {} ({}) {what}: {}",
            report.wave,
            report.step,
            gates.join(", ")
        ),
    ))
}

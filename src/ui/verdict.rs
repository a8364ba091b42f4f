//! How a verdict looks on every screen.

use super::Tone;
use crate::gates::Verdict;

pub(super) fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Inconclusive => Tone::Warn,
        Verdict::Fail => Tone::Bad,
    }
}

/// In everyday words; programs read `inconclusive`.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Inconclusive => "not yet",
        Verdict::Fail => "fail",
    }
}

/// For Markdown, where there is no colour.
pub(super) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅ pass",
        Verdict::Inconclusive => "⏳ not yet",
        Verdict::Fail => "❌ fail",
    }
}

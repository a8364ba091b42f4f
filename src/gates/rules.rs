//! What a plan says of any gate: `advisory` shows it without letting it decide, `inconclusive_after` ends its waiting.

use crate::model::duration::words;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{GateResult, Verdict};

impl GateResult {
    /// Does it take part in the verdict?
    pub fn decides(&self) -> bool {
        !self.inputs.advisory
    }

    /// It is shown from now on, and decides nothing.
    #[must_use]
    pub fn advisory(mut self) -> GateResult {
        self.inputs.advisory = true;
        self
    }

    /// Inconclusive for ever is a fail, where the plan says how long ever is. `since`: the stored start of the step; before the
    /// first step nothing is overdue.
    #[must_use]
    pub fn not_for_ever(
        mut self,
        after: Duration,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> GateResult {
        let Some(since) = since.filter(|_| self.verdict == Verdict::Inconclusive) else {
            return self;
        };
        let until = TimeDelta::from_std(after)
            .ok()
            .and_then(|after| since.checked_add_signed(after));
        self.inputs.inconclusive_until = until;
        if until.is_some_and(|until| until <= now) {
            self.verdict = Verdict::Fail;
            self.reason = format!(
                "still inconclusive, longer than {} after the step began: {}",
                words(after),
                self.reason
            );
        }
        self
    }
}

//! What a plan says of any gate: `advisory` shows it without letting it decide, `inconclusive_after` ends its waiting.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{GateResult, Verdict, soak::words};

const ADVISORY: &str = "advisory";

impl GateResult {
    /// Does it take part in the verdict?
    pub fn decides(&self) -> bool {
        self.inputs[ADVISORY] != Value::Bool(true)
    }

    /// It is shown from now on, and decides nothing.
    #[must_use]
    pub fn advisory(mut self) -> GateResult {
        self.note(ADVISORY, Value::Bool(true));
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
        self.note("inconclusive_until", json!(until));
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

    fn note(&mut self, key: &str, value: Value) {
        if let Some(inputs) = self.inputs.as_object_mut() {
            inputs.insert(key.to_string(), value);
        }
    }
}

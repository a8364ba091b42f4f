//! `window`: is now a permitted time for a step? Windows and freezes are the plan's; here they are only judged.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    GateResult, Names, Verdict,
    explain::{Explains, Told},
    outlook::Remedy,
};
use crate::model::Gate;

/// What the plan's windows say of this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub now: DateTime<Utc>,
    pub permitted: bool,
    pub frozen: bool,
    /// When that changes; `None`: not within a year.
    pub changes_at: Option<DateTime<Utc>>,
    /// Now and then, as the clocks of the plan's time zone show them.
    pub now_shown: String,
    pub changes_shown: Option<String>,
}

/// What the windows said.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    pub permitted: bool,
    pub frozen: bool,
    pub now: String,
    pub changes_at: Option<DateTime<Utc>>,
}

impl Explains for Permission {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let said = match (self.permitted, self.frozen) {
            (true, _) => "the plan's windows permit changes",
            (false, true) => "the plan has frozen all changes",
            (false, false) => "no window of the plan is open",
        };
        Told::plain(
            format!("It is {}, and {said}.", self.now),
            "pass: a window is open and no freeze covers it, or the plan has none",
            verdict,
        )
    }
}

/// It never fails: a closed window opens again, or the plan is amended.
pub fn verdict(window: &Window) -> GateResult {
    let gate = &Gate::Window;
    let inputs = Permission {
        permitted: window.permitted,
        frozen: window.frozen,
        now: window.now_shown.clone(),
        changes_at: window.changes_at,
    };
    let now = &window.now_shown;
    if window.permitted {
        let until = window.changes_shown.as_ref();
        let until = until.map_or(String::new(), |until| format!(", until {until}"));
        return GateResult::pass(gate, format!("permitted now, {now}{until}"), inputs);
    }
    let why = if window.frozen {
        "a freeze"
    } else {
        "outside the permitted times"
    };
    let opens = match &window.changes_shown {
        Some(opens) => format!("; next: {opens}"),
        None => "; none opens within a year".to_string(),
    };
    let opens_in = window.changes_at.map(|opens_at| opens_at - window.now);
    let remedy = Remedy {
        words: "wait for the window; a rollback does not wait for it".to_string(),
        wait: opens_in.and_then(|time| time.to_std().ok()),
    };
    GateResult::inconclusive(gate, format!("{why}, {now}{opens}"), remedy, inputs)
}
